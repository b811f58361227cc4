/* body.c - the body, into one buffer.
 *
 * With Content-Length the buffer has its final size at once; a chunked body doubles it. Pieces
 * are copied in place: their number costs nothing. */
#include "exchange.h"

#include <stdlib.h>

#define CHUNKED_FIRST ((size_t)64 << 10) /* first buffer of a chunked body */
#define DISCARD_MAX   ((int64_t)8 << 20) /* bytes read away so that a refusal is heard */

static const struct http_verdict go_on;

static struct http_verdict too_large(const struct exchange *x)
{
    return (struct http_verdict){413, "the body is larger than the limit `body_bytes`",
                                 &x->server->config.limits.body_bytes};
}

struct http_verdict body_announce(struct exchange *x)
{
    const char *length = http_header(&x->rq, "Content-Length");

    /* The gate has seen to it that these are "chunked" and a number that fits. */
    if (http_header(&x->rq, "Transfer-Encoding") != NULL)
        x->body.announced = BODY_CHUNKED;
    else if (length != NULL)
        x->body.announced = strtoll(length, NULL, 10);
    if (x->body.announced > x->server->config.limits.body_bytes) return too_large(x);
    return go_on;
}

/* Makes room for `capacity` bytes, what is left free before them, and the padding. */
static struct http_verdict grow(struct exchange *x, size_t capacity)
{
    struct body *body = &x->body;
    const size_t around = x->rq.body_shift + SC_BYTES_PADDING;
    uint8_t *data;

    data = body->data == NULL ? sc_arena_alloc(&x->rq.arena, capacity + around)
                              : sc_arena_resize(&x->rq.arena, body->data,
                                                body->capacity + around, capacity + around);
    if (data == NULL) return admit_no_memory(x);
    body->data = data;
    body->capacity = capacity;
    return go_on;
}

struct http_verdict body_reserve(struct exchange *x)
{
    const int64_t announced = x->body.announced;

    return announced > 0 ? grow(x, (size_t)announced) : go_on;
}

/* Of a chunked body: it was admitted with less. */
static struct http_verdict grow_more(struct exchange *x, size_t capacity)
{
    const struct http_verdict verdict = admit_more(x, capacity);

    return verdict.status != 0 ? verdict : grow(x, capacity);
}

struct http_verdict body_append(struct exchange *x, const void *data, size_t size)
{
    struct body *body = &x->body;
    const size_t limit = (size_t)x->server->config.limits.body_bytes;
    size_t capacity = body->capacity > 0 ? body->capacity : CHUNKED_FIRST;
    struct http_verdict verdict = go_on;

    if (size > limit - body->size) return too_large(x);
    while (capacity - body->size < size) capacity = capacity < limit / 2 ? capacity * 2 : limit;
    if (capacity > body->capacity) verdict = grow_more(x, capacity);
    if (verdict.status != 0) return verdict;
    memcpy(body->data + x->rq.body_shift + body->size, data, size);
    body->size += size;
    return go_on;
}

void body_finish(struct exchange *x)
{
    static const uint8_t nothing[SC_BYTES_PADDING];
    const size_t size = x->body.size;
    uint8_t *start = size > 0 ? x->body.data + x->rq.body_shift : NULL;

    if (size > 0) memset(start + size, 0, SC_BYTES_PADDING);
    x->rq.body = sc_bytes(size > 0 ? start : nothing, size);
    x->rq.timing.received = sc_clock_us() - sc_clock_of(&x->rq.started);
}

bool body_discard(struct exchange *x, size_t size)
{
    x->body.discarded += (int64_t)size;
    return x->body.discarded <= DISCARD_MAX;
}

bool body_is_discardable(const struct exchange *x)
{
    return x->body.announced <= DISCARD_MAX;
}
