/* reply.h - the ways to answer with status 200. */
#pragma once

#include <pthread.h>

#include "http.h"
#include "json.h"

/* With these bytes, which outlive the request. */
void reply_bytes(struct http_request *rq, const char *content_type, struct sc_bytes body);

/* With what was written, views included, which outlive the request; SC_NO_MEMORY when the
 * writer ran out of it. */
enum sc_status reply_written(struct http_request *rq, const char *content_type,
                             struct sc_writer *out);

/* Room for a text of at most `size` bytes: one that the memory of a head cannot hold is of this
 * budget; SC_NO_MEMORY when that has not so much now. Asked before much is written. */
enum sc_status reply_room(struct http_request *rq, struct sc_writer *out, size_t size,
                          struct sc_budget *budget);

/* From now on the reply is written in memory of this budget; SC_NO_MEMORY when that has none.
 * For what is no longer small, and asked for by many. */
enum sc_status reply_counted(struct http_request *rq, struct sc_budget *budget);

/* With one JSON object: its members are written between these two calls. */
struct json_writer reply_json(struct http_request *rq, struct sc_writer *out);
enum sc_status reply_json_end(struct http_request *rq, struct json_writer *j);

/* A reply that is always the same, and large: made once, for whoever asks first, so that it
 * costs the others no memory. Static, and REPLY_KEPT at first. */
struct reply_kept {
    pthread_mutex_t lock;
    struct sc_arena arena;
    struct sc_bytes body;
};

#define REPLY_KEPT                                                                             \
    {                                                                                          \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                      \
    }

/* With it; `write` makes it, with its own brackets and the line's end. */
enum sc_status reply_json_kept(struct http_request *rq, struct reply_kept *kept,
                               void (*write)(struct json_writer *j));
