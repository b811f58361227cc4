/* decoding.h - one body through the codec table, for fuzzers: no status may come without a
 * reason, no tensor may point anywhere but into its memory. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "guard.h"

#define FUZZ_MEMORY ((size_t)32 << 20)

static inline uint64_t read_all(const struct sc_tensor *t)
{
    const size_t size = sc_tensor_bytes(t);
    uint64_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum += ((const uint8_t *)t->data)[i];
        if (t->dtype == SC_BOOL && ((const uint8_t *)t->data)[i] > 1) abort();
    }
    return sum;
}

static inline void check_payload(const struct codec_payload *payload)
{
    for (size_t i = 0; i < payload->tensors.count; i++) {
        const struct sc_tensor *t = &payload->tensors.item[i].tensor;

        if (payload->tensors.item[i].name == NULL || t->rank < 0 || t->rank > SC_RANK_MAX ||
            (uintptr_t)t->data % sc_dtype_size(t->dtype) != 0)
            abort();
        read_all(t);
    }
    for (size_t i = 0; i < payload->args.count; i++)
        for (size_t k = 0; k < payload->args.item[i].count; k++)
            if (strlen(payload->args.item[i].text[k]) > FUZZ_MEMORY) abort();
}

/* Every fourth input has little memory. */
static inline size_t memory_for(size_t size)
{
    return size % 4 == 3 ? size * 8 : FUZZ_MEMORY;
}

static inline void check_decoded(const struct codec_source *source, enum sc_status status,
                                 const struct codec_payload *payload,
                                 const struct sc_note *note)
{
    if (source->arena->held > source->arena->limit) abort();
    if (status != SC_OK && (note->detail[0] == '\0' || status == SC_INTERNAL)) abort();
    if (status == SC_OK) check_payload(payload);
}

/* Decodes, by what the type or the body itself says. */
static inline enum sc_status decode(const uint8_t *body, size_t size, const char *type,
                                    struct sc_arena *arena, struct codec_payload *payload)
{
    const struct sc_limits limits = sc_limits_preset();
    const struct codec_source source = {
        .body = sc_bytes(body, size),
        .content_type = type,
        .name = "",
        .encoding = (enum codec_encoding)(size % ENCODING_COUNT),
        .limits = &limits,
        .arena = arena};
    struct sc_note note = {0};
    enum sc_status status;

    sc_arena_init(arena, memory_for(size), NULL);
    *payload = (struct codec_payload){0};
    status = codec_decode(&source, payload, &note);
    check_decoded(&source, status, payload, &note);
    return status;
}

/* The whole of a simple target. */
static inline int decode_only(const uint8_t *data, size_t size, const char *type)
{
    uint8_t *body = guarded_body(data, size);
    struct codec_payload payload;
    struct sc_arena arena;

    decode(body, size, type, &arena, &payload);
    sc_arena_done(&arena);
    unguard_body(body, size);
    return 0;
}

/* The whole of a target of one format, whose first byte says whether the rest is a body (even)
 * or a part named x (odd). `mend` makes wrong sizes and checksums right, so that they are no
 * obstacle; `look`, which may be NULL, checks more of what was read. */
static inline int decode_part(const uint8_t *data, size_t size,
                              enum sc_status (*read)(const struct codec_source *source,
                                                     struct codec_payload *out,
                                                     struct sc_note *note),
                              void (*mend)(uint8_t *body, size_t size),
                              void (*look)(const struct codec_source *source))
{
    const struct sc_limits limits = sc_limits_preset();
    struct sc_arena arena;
    struct codec_source source = {.limits = &limits, .arena = &arena};
    struct codec_payload payload = {0};
    struct sc_note note = {0};
    uint8_t *body;

    if (size < 1) return 0;
    body = guarded_body(data + 1, size - 1);
    mend(body, size - 1);
    source.body = sc_bytes(body, size - 1);
    source.name = data[0] % 2 == 0 ? "" : "x";
    sc_arena_init(&arena, memory_for(size), NULL);
    check_decoded(&source, read(&source, &payload, &note), &payload, &note);
    if (look != NULL) look(&source);
    sc_arena_done(&arena);
    unguard_body(body, size - 1);
    return 0;
}
