/* http.h - HTTP as the rest of the server sees it: requests in, replies out.
 *
 * This folder alone includes <microhttpd.h>. Threads: `begin` and small `serve` calls run on an
 * I/O thread of libmicrohttpd; others on those of the executor. A request has one owner at a
 * time. Its memory is its arena, freed in one place when the reply has been sent. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "arena.h"
#include "bytes.h"
#include "executor.h"
#include "limit.h"
#include "shares.h"
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

/* Microseconds of each stage, for Server-Timing, the log and the metrics. */
struct http_timing {
#define STAGE(member, name) int64_t member;
#include "stages.def"
#undef STAGE
};

/* A further header of a reply: Allow, Retry-After, ... */
struct http_extra {
    const char *name, *value;
};

#define HTTP_EXTRA_MAX 8
#define HTTP_KEY_MARK  9 /* the first 8 digits of the hash of a key, and the end */

/* What costs no more microseconds is served on an I/O thread; or by the executor as a small
 * one. */
#define HTTP_INLINE_US 100
#define HTTP_SMALL_US  2000

struct http_reply {
    int status; /* 0: not decided yet */
    const char *content_type;
    struct sc_bytes body;                    /* in the request's arena, or static */
    struct sc_pieces pieces;                 /* the same; instead of it, if there are any */
    struct http_extra extra[HTTP_EXTRA_MAX]; /* by http_reply_header */
    int extras;
    bool close;        /* close the connection after it */
    const char *error; /* its kind, for the log; NULL: none */
};

/* One of those who share the server: its requests wait in queues of their own. Zeroed but for
 * weight and budget, whose limit any thread may change; lives as long as the server. */
struct http_tenant {
    _Atomic int64_t
        weight; /* its parts of time and memory are in proportion to it; at least 1 */
    struct sc_budget
        budget; /* of its requests but the small ones; its parent is `large` below */
    struct flow flow[LANE_COUNT];
    struct share share;
};

static inline size_t http_reply_size(const struct http_reply *reply)
{
    return reply->pieces.count > 0 ? sc_pieces_size(reply->pieces) : reply->body.size;
}

struct http_request {
    struct sc_arena arena; /* small and outside the budget until the body comes, for heads and
                              refusals; then of the budget */
    enum http_method method;
    const char *method_text, *path; /* path percent-decoded, without the query; "%2F" stays */
    struct http_fields headers, query;
    struct sc_bytes body; /* whole, with SC_BYTES_PADDING readable bytes after it */
    int64_t came;         /* bytes of the body so far, those thrown away too */
    size_t body_shift; /* of `begin`: how far past an address of SC_ARENA_ALIGN the body shall
                          start, so that what is inside of it is aligned */
    char id[129];      /* X-Request-Id: the caller's, or ours */
    char trace[56]; /* our traceparent in the caller's trace; "": it sent none that is good */
    struct http_reply reply;
    struct http_timing timing;
    struct timespec started; /* when the request line was read; CLOCK_MONOTONIC */
    struct http_tenant
        *tenant;          /* whose it is; `begin` sets it where it lets the request through */
    int64_t extra_memory; /* that it will need besides its body, estimated; of `begin` */
    const char *team;     /* its name, for the log; NULL: nobody said */
    char key_mark[HTTP_KEY_MARK]; /* which of its keys, for the log; "": none was asked for */
    int64_t deadline; /* of sc_clock_us: no reply is wanted later; 0: none. Set by the layer
                         above */
    int64_t cost;     /* microseconds of one thread that serving takes, estimated */
    bool deferred; /* set by `serve`, with `cost`, where `parallel` is not: too much work here;
                      serve it again on the executor */
    bool on_executor;    /* `serve` runs on a thread of the executor */
    bool parallel;       /* on the one that owns OpenMP */
    int64_t others_ns;   /* of processors, that other threads have worked; of the layer above */
    bool no_memory;      /* a refusal with 503 is for want of memory */
    int64_t retry_after; /* seconds after which a refused request may come again */
    bool crowded;      /* it came when all places were taken: answer what costs nothing alone */
    bool monitor;      /* it came to the address for monitoring */
    const char *route; /* of the layer above, for counting: the path of its row; NULL: none */
    const char *format; /* ... of the body; NULL: none, or not known */
    bool probe;         /* ... asked all the time by machines: health, metrics */
    void *user;         /* of the layer above: the route and what it found; NULL before */
    struct sc_note note;
};

/* The value of a header, names without case; NULL when it is absent. */
const char *http_header(const struct http_request *rq, const char *name);

/* The same of a header that is a list: its lines are one, with commas between (RFC 9110, 5.3).
 */
const char *http_header_list(struct http_request *rq, const char *name);

/* Adds a header to the reply, HTTP_EXTRA_MAX at most; name and value must outlive the request
 * (arena or literal). Needs no memory. */
void http_reply_header(struct http_request *rq, const char *name, const char *value);

/* Is nobody waiting for the reply any more: the connection is broken, or the server stops?
 * Cheap enough to ask between blocks of work, from the thread that owns the request. A client
 * that has only finished sending (a half-closed connection) still waits. */
bool http_gone(const struct http_request *rq);

/* What a tenant has had of the executor that serves this request, which may be another's. */
struct executor_usage http_usage(const struct http_request *rq,
                                 const struct http_tenant *tenant);

/* ---- the gate: is this header list one that every proxy reads as we do? ---- */

/* A verdict: status 0 is "go on"; else the HTTP status, with the reason. Close after it. */
struct http_verdict {
    int status;
    const char *reason;
    const int64_t *limit; /* the value of the limit that the reason names; NULL: none */
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

/* ---- the target: a path and a query from the request line ---- */

/* Splits and decodes `target` as it came, "/v1/losses/mse?delta=2", into rq->path and
 * rq->query, in the request's arena. In the path "%2F" stays as it is, so that it never
 * separates; in the query "+" is a space. Refuses with 400 broken or NUL escapes, control
 * characters, and what is neither a path, a URL nor "*"; 414 when it is too long or has too
 * many query fields. */
struct http_verdict http_target(struct http_request *rq, const char *target,
                                const struct sc_limits *limits);

/* ---- the server ---- */

struct http_server;

/* The version of libmicrohttpd that is linked. */
const char *http_library(void);

/* What the layer above does with requests. Every request whose headers arrived goes through
 * `begin` or `refuse` first, and through `done` last. */
struct http_app {
    /* After the gate, before any body. Decide from headers: set rq->reply to refuse or to
     * answer, or rq->tenant to let it through, and return. */
    void (*begin)(struct http_request *rq, void *context);
    /* The body is whole: fill rq->reply; with http_gone it may be left empty. */
    void (*serve)(struct http_request *rq, void *context);
    /* Microseconds of one thread that serving will take, as far as can be told from outside of
     * the body. Asked once the body is whole. */
    int64_t (*cost)(const struct http_request *rq, void *context);
    /* The gate, the body reader or the queue refuses with this HTTP status: fill rq->reply.
     * that of the gate or the target; 408 body too slow; 413 body too large; 503 no memory, the
     * queue is full or waiting took too long; 504 the deadline passed in the queue; 500 `serve`
     * gave no reply. `begin` may not have been called. */
    void (*refuse)(struct http_request *rq, int status, const char *reason, void *context);
    /* The reply was sent, or the client left: log and count. Then the arena goes. */
    void (*done)(struct http_request *rq, bool sent, void *context);
    /* A reply of application/problem+json without a request: 408 its head came too slowly; 503
     * no place for one more connection. A literal that ends with "}\n". */
    const char *(*bare)(int status);
    void *context;
};

/* Where to listen. */
struct http_address {
    const char *host; /* "127.0.0.1", "::1", "0.0.0.0"; NULL: nowhere */
    uint16_t port;    /* 0: any free one */
};

struct http_config {
    struct http_address address;
    struct http_address monitor; /* for health and metrics, with places of its own */
    bool tls;                    /* with the certificate of tls_load */
    int io_threads;
    int compute_nice; /* steps by which threads for large requests are below the others */
    struct sc_limits limits;
    struct sc_budget *budget; /* of all requests */
    struct sc_budget
        *large; /* of all but the small ones, which so find something; below `budget` */
    int64_t request_memory; /* limit of one request's arena, at most that of the budget */
};

/* Starts listening, with an executor of its own. NULL: `note` says why. `config` is copied;
 * `app` must outlive the server. All signals are blocked in the threads it starts. */
struct http_server *http_start(const struct http_config *config, const struct http_app *app,
                               struct sc_note *note);
/* Begins to accept; until then connections wait in the kernel's queue, and `app` is not called,
 * so that the caller can first keep the server where `app` looks for it. */
void http_accept(struct http_server *server);
uint16_t http_port(const struct http_server *server);
/* That of `monitor`; 0: none. */
uint16_t http_monitor_port(const struct http_server *server);
/* The limit of open connections: that of the configuration, or as many as the process may have
 * files for. */
int64_t http_connections(const struct http_server *server);

/* Draining, in this order: http_drain, http_stop_accepting, http_active until it is 0 or the
 * time is over, http_stop. */

/* Connections get "Connection: close" with their next reply. */
void http_drain(struct http_server *server);
/* Takes no new connections. */
void http_stop_accepting(struct http_server *server);
/* Requests that are not yet done. In the first second after http_drain and http_stop_accepting
 * all open connections count: each may have a request on its way, from a client that was
 * accepted, or told that the connection stays open, a moment before. Then those whose next
 * request has begun to come, until it is there or takes longer than `header_seconds`. */
int http_active(struct http_server *server);
/* Places besides the limit `connections`: of `monitor`, and of those who come when all others
 * are taken, for health and refusals. */
#define HTTP_MONITORS 16
#define HTTP_CROWD    16

/* What has become of connections since the start, and how many there are. */
struct http_counts {
    _Atomic int64_t accepted;
    _Atomic int64_t refused;                               /* told 503 at the door */
    _Atomic int64_t evicted;                               /* told to go, to make room */
    _Atomic int64_t late_heads, late_bodies, late_replies; /* too slow */
    _Atomic int64_t bytes_in, bytes_out;                   /* bodies */
};

const struct http_counts *http_counts(const struct http_server *server);
/* Open connections. */
int http_open(const struct http_server *server);
/* Requests that have not ended. */
int http_requests(const struct http_server *server);
/* Requests waiting for the executor. */
int64_t http_queued(const struct http_server *server);
/* For how many microseconds the request has waited that has waited for the longest. */
int64_t http_oldest(const struct http_server *server);
/* Stops: what is queued is dropped, what runs is told by http_gone. Frees the server. */
void http_stop(struct http_server *server);
