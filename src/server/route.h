/* route.h - which row of routes.def a request belongs to. */
#pragma once

#include "http.h"
#include "status.h"

enum route_body { BODY_NONE, BODY_UNREAD, BODY_TENSORS, BODY_STATES, BODY_INFER };
enum route_key { KEY_OPEN, KEY_ANY, KEY_SCORE, KEY_ADMIN };
enum route_use { USE_NORMAL, USE_PROBE, USE_METRICS };

struct call;

struct route {
    enum http_method method;
    const char *path;
    enum sc_status (*handle)(struct call *call);
    enum route_body body;
    enum route_key key;
    enum route_use use;
    const char *summary;
};

extern const struct route routes[];
extern const int route_count;

#define ROUTE_VERSION "1" /* what {version} stands for: there is one of each model */

/* What was found for a path. */
struct route_match {
    const struct route *route; /* NULL: no such path, or not with this method */
    unsigned methods;          /* bit 1 << enum http_method of each that the path takes */
    bool names_operation;      /* then these two, cut to fit: */
    char family[32], name[96];
};

/* Finds the first row that a path fits and all others of the same path, and among them that of
 * the method. HEAD is GET's. */
struct route_match route_find(enum http_method method, const char *path);

/* These methods as Allow lists them: "GET, HEAD, OPTIONS". */
const char *route_allow(unsigned methods);
