/* decoding.h - one body through the codec table, for tests. */
#pragma once

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

struct decoding {
    struct sc_arena arena;
    struct sc_limits limits;
    struct codec_payload payload;
    struct sc_note note;
    uint8_t *body; /* on the heap, exactly as long as it may be read */
};

/* Decodes a copy of the bytes. What stands behind the body are digits, so that a reader which
 * goes too far gives a wrong number. */
static inline enum sc_status decode_limited(struct decoding *d, const void *data, size_t size,
                                            const char *type, size_t memory)
{
    struct codec_source source = {
        .content_type = type, .name = "", .limits = &d->limits, .arena = &d->arena};

    *d = (struct decoding){.limits = sc_limits_preset()};
    sc_arena_init(&d->arena, memory, NULL);
    d->body = aligned_alloc(64, (size + SC_BYTES_PADDING + 63) / 64 * 64);
    memset(d->body + size, '7', SC_BYTES_PADDING);
    if (size > 0) memcpy(d->body, data, size);
    source.body = sc_bytes(d->body, size);
    return codec_decode(&source, &d->payload, &d->note);
}

static inline enum sc_status decode(struct decoding *d, const void *data, size_t size,
                                    const char *type)
{
    return decode_limited(d, data, size, type, (size_t)64 << 20);
}

static inline enum sc_status decode_text(struct decoding *d, const char *text, const char *type)
{
    return decode(d, text, strlen(text), type);
}

static inline void decoding_done(struct decoding *d)
{
    sc_arena_done(&d->arena);
    free(d->body);
}

/* Decodes and forgets. */
static inline enum sc_status status_of(const void *data, size_t size, const char *type)
{
    struct decoding d;
    const enum sc_status status = decode(&d, data, size, type);

    decoding_done(&d);
    return status;
}

static inline enum sc_status status_of_text(const char *text, const char *type)
{
    return status_of(text, strlen(text), type);
}

static inline const struct sc_tensor *tensor_at(const struct decoding *d, size_t i)
{
    ck_assert_uint_lt(i, d->payload.tensors.count);
    return &d->payload.tensors.item[i].tensor;
}

#define ck_assert_status(call, expected)                                                       \
    do {                                                                                       \
        const enum sc_status found_ = (call);                                                  \
        ck_assert_msg(found_ == (expected), "%s: '%s', not '%s'", #call,                       \
                      sc_status_text(found_), sc_status_text(expected));                       \
    } while (0)
