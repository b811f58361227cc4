/* http.h - HTTP as the rest of the server sees it: requests in, replies out.
 *
 * This folder alone includes <microhttpd.h>. Threads: `begin` and small `serve` calls run on an
 * I/O thread of libmicrohttpd; large ones on the executor's thread. A request has one owner at
 * a time. Its memory is its arena, freed in one place when the reply has been sent. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "arena.h"
#include "bytes.h"
#include "limits.h"
#include "status.h"

/* One field: of a header, or of a query (percent-decoded). */
struct http_field {
    const char *name, *value;
    size_t name_size, value_size;
};

struct http_fields {
    struct http_field *item;
    size_t count;
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_OPTIONS,
    HTTP_OTHER,
    HTTP_METHOD_COUNT
};

/* Microseconds of each stage, for Server-Timing and the log. */
struct http_timing {
    int64_t received, queued, decoded, computed, encoded;
};

struct http_reply {
    int status; /* 0: not decided yet */
    const char *content_type;
    struct sc_bytes body;     /* in the request's arena, or static */
    struct http_fields extra; /* further headers: Allow, Retry-After, ... */
    bool close;               /* close the connection after it */
};

struct http_request {
    struct sc_arena arena;
    enum http_method method;
    const char *method_text, *path; /* path percent-decoded, without the query */
    struct http_fields headers, query;
    struct sc_bytes body; /* whole, with SC_BYTES_PADDING readable bytes after it */
    char id[129];         /* X-Request-Id: the caller's, or ours */
    struct http_reply reply;
    struct http_timing timing;
    struct timespec started;
    void *user; /* of the layer above: the route and what it found */
    struct sc_note note;
};

/* The value of a header, names without case; NULL when it is absent. */
const char *http_header(const struct http_request *rq, const char *name);

/* Adds a header to the reply; name and value must outlive the request (arena or literal). */
void http_reply_header(struct http_request *rq, const char *name, const char *value);

/* ---- the gate: is this header list one that every proxy reads as we do? ---- */

/* A verdict: status 0 is "go on"; else the HTTP status, with the reason. Close after it. */
struct http_verdict {
    int status;
    const char *reason;
};

/* Judges the request line and headers as a plain list: no socket, no libmicrohttpd, so that
 * tests and fuzzers call it directly. Refuses with 400: names that are not tokens, control
 * characters in values, no or several Host (none is allowed in HTTP/1.0), a bad Host,
 * Content-Length that is repeated, with Transfer-Encoding, or not plain digits, a name that
 * hides Content-Length, chunked with HTTP/1.0; with 501 a Transfer-Encoding other than chunked;
 * 505 other versions; 431 too many or too large headers. */
struct http_verdict http_gate(const char *method, const char *version,
                              const struct http_fields *headers,
                              const struct sc_limits *limits);

/* ---- the server ---- */

struct http_server;

/* What the layer above does with requests. */
struct http_app {
    /* After the gate, before any body. Decide from headers: set rq->reply to refuse, and
     * return. */
    void (*begin)(struct http_request *rq, void *context);
    /* The body is whole: fill rq->reply. */
    void (*serve)(struct http_request *rq, void *context);
    /* Does this request belong on the executor? Asked once the body is whole. */
    bool (*is_large)(const struct http_request *rq, void *context);
    /* The gate or the body reader refuses with this HTTP status: fill rq->reply. */
    void (*refuse)(struct http_request *rq, int status, const char *reason, void *context);
    /* The reply was sent, or the client left: log and count. Then the arena goes. */
    void (*done)(struct http_request *rq, bool sent, void *context);
    void *context;
};

struct http_config {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;       /* 0: any free one */
    int io_threads;
    struct sc_limits limits;
    struct sc_budget *budget;
    size_t request_memory; /* limit of one request's arena */
};

/* Starts listening. NULL: `note` says why. `app` must outlive the server. */
struct http_server *http_start(const struct http_config *config, const struct http_app *app,
                               struct sc_note *note);
uint16_t http_port(const struct http_server *server);

/* Draining: connections get "Connection: close" with their next reply. */
void http_drain(struct http_server *server);
/* Takes no new connections. */
void http_stop_accepting(struct http_server *server);
/* Requests begun and not yet done. */
int http_active(const struct http_server *server);
/* Stops; nothing may be on the executor any more. Frees the server. */
void http_stop(struct http_server *server);

/* ---- the executor: the one thread that owns OpenMP ---- */

struct executor;
struct executor *executor_start(int64_t queue_jobs);
/* Queues `run(job)`; false when the queue is full. */
bool executor_submit(struct executor *e, void (*run)(void *job), void *job);
/* Finishes all queued jobs, then ends the thread. */
void executor_stop(struct executor *e);
