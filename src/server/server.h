/* server.h - private to this folder: the server, a call, and the functions a route names. */
#pragma once

#include "codec.h"
#include "config.h"
#include "http.h"
#include "options.h"
#include "problem.h"
#include "route.h"
#include "score.h"
#include "suggest.h"

struct statistics;

enum phase { STARTING, READY, DRAINING };

struct server {
    const struct config *config;
    struct sc_budget budget;
    struct http_server *http;
    _Atomic enum phase phase;
    struct statistics *statistics; /* one for each operation */
};

/* A request above HTTP: where it goes, and what its headers and query said. */
struct call {
    struct server *server;
    struct http_request *rq;
    const struct route *route;
    const struct sc_op *op;   /* that the path names; NULL: it names none */
    struct codec_forms forms; /* of the reply, by Accept */
    struct options options;   /* of the reply, from the query, then from the body */
    struct sc_args args;      /* of the query, without options */
    int64_t deadline;         /* by clock_us, from X-Request-Timeout; 0: none */
    enum problem problem;     /* of a failure whose status does not tell it; else PROBLEM_OK */
    struct suggestions near;  /* for the problem, when there is one */
};

/* Fills call->rq->reply. On failure rq->note says why, and the caller makes the problem. */
typedef enum sc_status handler_fn(struct call *call);

#define ROUTE(method, path, handler, body, key, summary) handler_fn handle_##handler;
#include "routes.def"
#undef ROUTE

/* What can be judged of a call before its body is read, by the kind of body. */
handler_fn check_tensors; /* handle_score.c */
handler_fn check_states;  /* handle_merge.c */
handler_fn check_infer;   /* handle_infer.c */

/* ---- what handlers of bodies share: call.c ---- */

/* Reads headers and query. */
enum sc_status call_check(struct call *call);
/* The same but for Accept, where the form of the reply is not the caller's choice. */
enum sc_status call_check_body(struct call *call);
/* Fails: there is no such operation. */
enum sc_status call_no_operation(struct call *call, const char *family, const char *name);
/* The body, for a decoder. */
struct codec_source call_source(struct call *call);
/* How the core runs for this call. */
struct sc_exec call_exec(struct call *call);
/* Has the deadline passed, or the caller gone? Asked between pieces of work. */
bool call_stops(const struct call *call);
/* SC_STOPPED when the deadline has passed before the work began. */
enum sc_status call_in_time(struct call *call);
/* Replies with the results, in a form that the caller accepts. */
enum sc_status call_reply(struct call *call, const struct codec_results *results);

/* The face that the HTTP layer sees. `server` must outlive it. */
struct http_app app_of(struct server *server);

/* Starts, waits for a signal, drains. The exit status of the program. */
int serve(const struct config *config);
