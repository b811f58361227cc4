/* server.h - private to this folder: the server, a call, and the functions a route names. */
#pragma once

#include "clock.h"
#include "coding.h"
#include "config.h"
#include "http.h"
#include "route.h"
#include "tasks.h"
#include "teams.h"

struct metrics;
struct statistics;

enum phase { STARTING, READY, DRAINING };

struct server {
    const struct config *config;
    struct sc_budget budget; /* of all requests, */
    struct sc_budget large;  /* and of all but the small ones */
    struct http_server *http;
    _Atomic enum phase phase;
    struct statistics *statistics; /* one for each operation */
    struct metrics *metrics;
    double started; /* seconds since 1970 */
    struct teams teams;
};

/* A request above HTTP: where it goes, and what its headers and query said. */
struct call {
    struct server *server;
    struct http_request *rq;
    const struct route *route;
    struct team *team;           /* whose it is; NULL: the route asks for no key */
    struct team_verdict verdict; /* on its quotas */
    int64_t charged;             /* bytes that its team was charged */
    bool received;               /* its body is whole, and charged */
    const char *challenge;       /* WWW-Authenticate; NULL: none */
    enum coding coding;          /* of the body */
    struct work work;            /* by the path, Accept and the query; in the request's arena */
    size_t memory;               /* while it decodes: what the arena may hold in all */
};

/* Fills call->rq->reply. On failure rq->note says why, and the caller makes the problem. */
typedef enum sc_status handler_fn(struct call *call);

#define ROUTE(method, path, handler, body, key, use, summary) handler_fn handle_##handler;
#include "routes.def"
#undef ROUTE

/* What can be judged of a call before its body is read, by the kind of body. */
handler_fn check_tensors; /* handlers/score.c */
handler_fn check_states;  /* handlers/merge.c */
handler_fn check_infer;   /* handlers/infer.c */

/* ---- what handlers of bodies share: call.c ---- */

/* Reads headers and query. */
enum sc_status call_check(struct call *call);
/* The same but for Accept, where the form of the reply is not the caller's choice. */
enum sc_status call_check_body(struct call *call);
/* The body as it was before its coding; perhaps deferred. */
enum sc_status call_inflate(struct call *call);
/* The body, for a decoder. */
struct codec_source call_source(const struct call *call);
/* Around decoding, whose status the second is given: but on the thread for large work it has
 * little memory, because sixty bytes can be a mask of 64 megapixels. What needs more is
 * deferred: then SC_OK comes back, and rq->deferred is set. */
void call_begin_decoding(struct call *call);
enum sc_status call_end_decoding(struct call *call, enum sc_status status);
/* Memory that it will need besides a body of so many bytes, as far as headers and query tell.
 */
int64_t call_extra_memory(const struct call *call, int64_t body);
/* How the core runs for this call. */
struct sc_exec call_exec(struct call *call);
/* Microseconds for so many bytes of a body, or elements of an operation, roughly. */
int64_t call_us(int64_t elements);
/* Too much work, by rq->cost, for the thread that serves it? Then it is served again, on
 * another. */
bool call_defer(struct http_request *rq);
/* The same, by what is asked for; or it was deferred before. */
bool call_defer_tasks(struct call *call, const struct tasks *tasks);
/* Makes the reports, unless the deadline has passed, or passes meanwhile. */
enum sc_status call_run(struct call *call, struct tasks *tasks);
/* Has the deadline passed, or the caller gone? Asked between pieces of work. */
bool call_stops(const struct call *call);
/* SC_STOPPED when the deadline has passed before `what` began. */
enum sc_status call_in_time(struct call *call, const char *what);
/* A stage has ended, well or not: how long did it take? Gives `status`. */
static inline enum sc_status call_lap(enum sc_status status, int64_t *stage, int64_t *mark)
{
    *stage = sc_clock_lap(mark);
    return status;
}

/* Replies with the results, in a form that the caller accepts. */
enum sc_status call_reply(struct call *call, const struct codec_results *results);

/* Makes the reply smaller where the caller takes that, and it pays. */
void call_deflate(const struct call *call);

/* The face that the HTTP layer sees. `server` must outlive it. */
struct http_app app_of(struct server *server);

/* Starts, waits for a signal, drains. The exit status of the program. */
int serve(const struct config *config);
