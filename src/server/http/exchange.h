/* exchange.h - private to this folder: one request and its reply on a connection. */
#pragma once

#include <microhttpd.h>
#include <stddef.h>

#include "clock.h"
#include "door.h"
#include "http.h"
#include "peers.h"

enum exchange_stage {
    EXCHANGE_NEW,        /* the request line is read */
    EXCHANGE_RECEIVING,  /* the headers are good; the body comes */
    EXCHANGE_DISCARDING, /* refused; the body is read away, so that the client hears why */
    EXCHANGE_WHOLE,      /* the body has come; the request is for the executor */
    EXCHANGE_QUEUED,     /* the connection is suspended; the executor owns the request */
    EXCHANGE_SERVED      /* the executor is done with it */
};

#define BODY_CHUNKED ((int64_t)-1)

/* The body while it comes. */
struct body {
    int64_t announced; /* Content-Length, or BODY_CHUNKED; 0: none */
    uint8_t *data;
    size_t size, capacity;
    int64_t discarded;
};

struct exchange {
    struct http_request rq;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    const char *target;
    enum exchange_stage stage;
    bool begun;           /* the layer above has seen it */
    bool http11;          /* it understands interim replies */
    bool asked;           /* ... and has been sent one, to see whether it is there */
    bool timed;           /* `serve` was called */
    bool replied;         /* libmicrohttpd has the reply */
    bool discards;        /* one of those that the server counts */
    bool budgeted;        /* rq.arena is for body and results, and is counted */
    struct sc_arena head; /* then the memory of the head */
    struct body body;
    struct job job; /* of the executor */
    int64_t queued; /* sc_clock_us() when it was queued */
};

/* The exchange of a request is found by its address. */
_Static_assert(offsetof(struct exchange, rq) == 0, "rq is the first member");

struct http_server {
    const struct http_app *app;
    struct http_config config;
    struct MHD_Daemon *daemon;
    struct executor *executor;
    struct shares shares;
    pthread_mutex_t shares_lock;
    struct peers peers;
    struct door door;
    struct http_counts counts;
    bool accepting;
    _Atomic int64_t drained; /* sc_clock_us() when the last step of draining began */
    atomic_int active;       /* requests */
    atomic_int discarding;   /* of them, are refused while their bodies come */
    atomic_bool draining, stopping;
};

/* Fills rq.reply with a refusal. */
void exchange_refuse(struct exchange *x, struct http_verdict verdict);
/* When its pool runs out, libmicrohttpd 0.9.75 forgets to complete a request; so this does. */
void exchange_forgotten(struct peer *peer);

/* exchange.c, exchange_end.c: the callbacks of libmicrohttpd. */
void *exchange_new(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection,
                                const char *url, const char *method, const char *version,
                                const char *data, size_t *size, void **exchange);
void exchange_free(void *server, struct MHD_Connection *connection, void **exchange,
                   enum MHD_RequestTerminationCode how);
void exchange_notify(void *server, struct MHD_Connection *connection, void **context,
                     enum MHD_ConnectionNotificationCode what);

/* queue.c: the way over the executor. The request is whole, and nothing more will be read. */
enum MHD_Result queue_enter(struct exchange *x);
/* What the executor calls. */
struct executor_calls queue_calls(void);
/* Seconds after which a refused request may come again: when those who wait have had their
 * turn, and a part of that more by chance, so that not all come back at once. 1 to 60. */
int queue_retry_after(int64_t wait_us, unsigned chance);

/* exchange.c, for queue.c: calls `serve`, with a reply in the end whatever happens. */
void exchange_serve(struct exchange *x);

/* request.c: headers, id, method and target of a new exchange; then the verdict on them. */
struct http_verdict request_read(struct exchange *x, const char *method, const char *version);
/* A random X-Request-Id. */
#define REQUEST_ID_SIZE 33
void request_new_id(char id[REQUEST_ID_SIZE]);
/* Is the client waiting for "100 Continue" before it sends the body? */
bool request_waits(const struct exchange *x);

/* admit.c: after `begin`. */
bool admit_is_small(const struct exchange *x);
struct http_verdict admit(struct exchange *x); /* reserves memory: 413, 429 or 503 */
/* The same for a body that grows: for its next buffer. */
struct http_verdict admit_more(struct exchange *x, size_t size);
/* Why the arena has just had no more. */
struct http_verdict admit_no_memory(struct exchange *x);

/* body.c */
struct http_verdict body_announce(struct exchange *x); /* how large? too large? */
struct http_verdict body_reserve(struct exchange *x);  /* the buffer */
struct http_verdict body_append(struct exchange *x, const void *data, size_t size);
void body_finish(struct exchange *x); /* rq.body is whole */
/* Counts bytes thrown away; false when it is enough. */
bool body_discard(struct exchange *x, size_t size);
/* Can all of it be thrown away? As far as is known. */
bool body_is_discardable(const struct exchange *x);

/* reply.c: hands rq.reply to libmicrohttpd; closes when there is none, for nobody waits. */
enum MHD_Result reply_send(struct exchange *x);

/* reply_raw.c: for when libmicrohttpd takes no reply, in the middle of a body: writes rq.reply
 * itself. Of its own thread, while it writes nothing. False: the client has not got it. */
bool reply_raw(struct exchange *x);
/* The same for a socket without a request, from any thread that may write there. Retry-After
 * says so many seconds; 0: it is left out. */
void reply_bare(int fd, const struct http_app *app, int status, int retry_after);
