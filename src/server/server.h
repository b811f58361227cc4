/* server.h - private to this folder: the server, a call, and the functions a route names. */
#pragma once

#include "codec.h"
#include "config.h"
#include "http.h"
#include "route.h"
#include "score.h"
#include "suggest.h"

enum phase { STARTING, READY, DRAINING };

struct server {
    const struct config *config;
    struct sc_budget budget;
    struct http_server *http;
    _Atomic enum phase phase;
};

/* A request above HTTP: where it goes, and what its headers and query said. */
struct call {
    struct server *server;
    struct http_request *rq;
    const struct route *route;
    const struct sc_op *op;   /* that the path names; NULL: it names none */
    struct codec_forms forms; /* of the reply, by Accept */
    struct codec_style style;
    bool styled;         /* the caller has said how numbers that are not finite are written */
    struct sc_args args; /* of the query, without options of the reply */
    int64_t deadline;    /* by clock_us, from X-Request-Timeout; 0: none */
    struct suggestions near; /* for the problem, when there is one */
};

/* Fills call->rq->reply. On failure rq->note says why, and the caller makes the problem. */
typedef enum sc_status handler_fn(struct call *call);

#define ROUTE(method, path, handler, body, key, summary) handler_fn handle_##handler;
#include "routes.def"
#undef ROUTE

/* What can be judged of a call with tensors before its body is read: handle_operation.c. */
handler_fn check_operation;

/* The face that the HTTP layer sees. `server` must outlive it. */
struct http_app app_of(struct server *server);

/* Starts, waits for a signal, drains. The exit status of the program. */
int serve(const struct config *config);
