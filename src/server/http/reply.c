/* reply.c - from rq->reply to a response of libmicrohttpd. */
#include "exchange.h"

#include <string.h>

void http_reply_header(struct http_request *rq, const char *name, const char *value)
{
    struct http_reply *reply = &rq->reply;

    if (reply->extras == HTTP_EXTRA_MAX) return;
    reply->extra[reply->extras++] = (struct http_extra){name, value};
}

/* Milliseconds, "12.345", without what printf costs. Gives the end. */
static char *put_ms(char *to, int64_t us)
{
    char digits[24], *at = digits + sizeof digits;

    if (us < 0) us = 0;
    for (int i = 0; i < 3; i++, us /= 10) *--at = (char)('0' + us % 10);
    *--at = '.';
    do *--at = (char)('0' + us % 10);
    while ((us /= 10) > 0);
    return mempcpy(to, at, (size_t)(digits + sizeof digits - at));
}

static void add_timing(const struct exchange *x, struct MHD_Response *response)
{
    const struct http_timing *t = &x->rq.timing;
    char text[256], *end = text;

#define STAGE(member, name) end = put_ms(stpcpy(end, ", " name ";dur="), t->member);
#include "stages.def"
#undef STAGE
    *end = '\0';
    MHD_add_response_header(response, "Server-Timing", text + strlen(", "));
}

static void add_headers(const struct exchange *x, struct MHD_Response *response)
{
    const struct http_reply *reply = &x->rq.reply;

    if (reply->content_type != NULL)
        MHD_add_response_header(response, "Content-Type", reply->content_type);
    MHD_add_response_header(response, "X-Request-Id", x->rq.id);
    if (x->rq.trace[0] != '\0') MHD_add_response_header(response, "traceparent", x->rq.trace);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (int i = 0; i < reply->extras; i++)
        MHD_add_response_header(response, reply->extra[i].name, reply->extra[i].value);
    if (x->timed) add_timing(x, response);
    if (reply->close || x->rq.crowded || x->rq.monitor || atomic_load(&x->server->draining))
        MHD_add_response_header(response, "Connection", "close");
}

/* Nothing is copied: the arena lives until libmicrohttpd has completed the request. */
static struct MHD_Response *of_bytes(struct sc_bytes body)
{
    return MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.data,
                                           MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *of_pieces(struct sc_pieces pieces, struct sc_arena *arena)
{
    struct MHD_IoVec *vector = sc_arena_calloc(arena, pieces.count, sizeof *vector);

    if (vector == NULL) return NULL;
    for (size_t i = 0; i < pieces.count; i++)
        vector[i] = (struct MHD_IoVec){pieces.item[i].data, pieces.item[i].size};
    return MHD_create_response_from_iovec(vector, (unsigned)pieces.count, NULL, NULL);
}

enum MHD_Result reply_send(struct exchange *x)
{
    const struct http_reply *reply = &x->rq.reply;
    struct MHD_Response *response;
    enum MHD_Result queued;

    if (reply->status == 0 || !peer_enter(x->peer, PEER_REPLY)) return MHD_NO;
    response = reply->pieces.count > 0 ? of_pieces(reply->pieces, &x->rq.arena)
                                       : of_bytes(reply->body);
    if (response == NULL) return MHD_NO;
    sc_arena_settle(&x->rq.arena);
    add_headers(x, response);
    queued = MHD_queue_response(x->connection, (unsigned)reply->status, response);
    x->replied = queued == MHD_YES;
    MHD_destroy_response(response);
    return queued;
}
