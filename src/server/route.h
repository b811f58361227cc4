/* route.h - which row of routes.def a request belongs to. */
#pragma once

#include "http.h"
#include "status.h"

enum route_body { BODY_NONE, BODY_TENSORS, BODY_STATES };
enum route_key { KEY_OPEN, KEY_KEYED };

struct call;

struct route {
    enum http_method method;
    const char *path; /* segments in braces stand for any */
    enum sc_status (*handle)(struct call *call);
    enum route_body body;
    enum route_key key;
    const char *summary;
};

extern const struct route routes[];
extern const int route_count;

/* What was found for a path. */
struct route_match {
    const struct route *route; /* NULL: no such path, or not with this method */
    unsigned methods;          /* bit 1 << enum http_method of each that the path takes */
    const char *name;          /* of the operation in the path; NULL: it names none */
    char family[32];           /* of that operation, cut to fit */
};

/* Finds the rows of a path, and among them that of the method. HEAD is GET's. */
struct route_match route_find(enum http_method method, const char *path);

/* These methods as Allow lists them: "GET, HEAD, OPTIONS". */
const char *route_allow(unsigned methods);
