/* fuzz_json.c - any bytes as a JSON body: all levels read the same as the plain readers, or
 * refuse it with the same words; what is read is printed by all in the same way, and read
 * again: the same. */
#include <math.h>

#include "decoding.h"
#include "isa.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const levels[] = {"arm64", "v1", "v3", "v4"}; /* the best stays chosen */

/* NaN has many patterns and prints as one. */
static bool same_element(const struct sc_tensor *a, const struct sc_tensor *b, int64_t i)
{
    const size_t size = sc_dtype_size(a->dtype);
    const uint8_t *x = (const uint8_t *)a->data + (size_t)i * size;
    const uint8_t *y = (const uint8_t *)b->data + (size_t)i * size;

    return memcmp(x, y, size) == 0;
}

static void compare(const struct sc_tensor *a, const struct sc_tensor *b)
{
    if (a->dtype != b->dtype || !sc_tensor_same_shape(a, b)) abort();
    for (int64_t i = 0; i < a->count; i++)
        if (!same_element(a, b, i)) abort();
}

/* The base64 form can bring NaN in any pattern. */
static bool has_nan(const struct sc_tensor *t)
{
    for (int64_t i = 0; i < t->count; i++) {
        if (t->dtype == SC_FLOAT64 && isnan(((const double *)t->data)[i])) return true;
        if (t->dtype == SC_FLOAT32 && isnan(((const float *)t->data)[i])) return true;
        if (t->dtype == SC_FLOAT16 && (((const uint16_t *)t->data)[i] & 0x7fff) > 0x7c00)
            return true;
        if (t->dtype == SC_BFLOAT16 && (((const uint16_t *)t->data)[i] & 0x7fff) > 0x7f80)
            return true;
    }
    return false;
}

static void print_at(const char *level, const struct sc_tensor *t, struct sc_arena *arena,
                     struct sc_writer *out)
{
    const struct codec_style style = {.nonfinite_token = true};
    struct json_writer j = {.out = out, .style = &style};
    struct sc_report report;

    if (!codec_isa_choose(level)) abort();
    sc_report_init(&report, arena);
    sc_report_tensor(&report, "x", t);
    sc_writer_init(out, arena);
    json_open(&j, NULL, '{');
    json_report(&j, &report);
    json_close(&j, '}');
    if (out->failed) abort();
}

static void round_trip(const struct sc_tensor *t)
{
    struct sc_arena arena, again;
    struct sc_writer out, other;
    struct codec_payload payload;
    uint8_t *body;

    sc_arena_init(&arena, FUZZ_MEMORY, NULL);
    print_at("plain", t, &arena, &out);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!codec_isa_choose(levels[i])) continue;
        print_at(levels[i], t, &arena, &other);
        if (out.size != other.size || memcmp(out.data, other.data, out.size) != 0) abort();
    }
    body = guarded_body(out.data, out.size);
    if (decode(body, out.size, NULL, &again, &payload) == SC_OK)
        compare(t, &payload.tensors.item[0].tensor);
    else if (again.limit == FUZZ_MEMORY)
        abort();
    unguard_body(body, out.size);
    sc_arena_done(&again);
    sc_arena_done(&arena);
}

/* Decodes at one level, with memory for all. */
static enum sc_status decode_at(const char *level, const uint8_t *body, size_t size,
                                struct sc_arena *arena, struct codec_payload *payload,
                                struct sc_note *note)
{
    const struct sc_limits limits = sc_limits_preset();
    const struct codec_source source = {.body = sc_bytes(body, size),
                                        .content_type = "application/json",
                                        .name = "",
                                        .limits = &limits,
                                        .arena = arena};

    if (!codec_isa_choose(level)) abort();
    sc_arena_init(arena, FUZZ_MEMORY, NULL);
    *payload = (struct codec_payload){0};
    *note = (struct sc_note){0};
    return codec_decode(&source, payload, note);
}

/* To the last bit, NaN too. */
static bool same_tensors(const struct sc_tensors *a, const struct sc_tensors *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct sc_tensor *x = &a->item[i].tensor, *y = &b->item[i].tensor;

        if (x->dtype != y->dtype || !sc_tensor_same_shape(x, y)) return false;
        if (memcmp(x->data, y->data, (size_t)x->count * sc_dtype_size(x->dtype)) != 0)
            return false;
    }
    return true;
}

static void compare_levels(const uint8_t *body, size_t size)
{
    struct codec_payload plain, other;
    struct sc_arena arena, again;
    struct sc_note note, second;
    const enum sc_status status = decode_at("plain", body, size, &arena, &plain, &note);

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!codec_isa_choose(levels[i])) continue;
        if (decode_at(levels[i], body, size, &again, &other, &second) != status ||
            strcmp(note.detail, second.detail) != 0 ||
            strcmp(note.pointer, second.pointer) != 0 ||
            !same_tensors(&plain.tensors, &other.tensors))
            abort();
        sc_arena_done(&again);
    }
    sc_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *body = guarded_body(data, size);
    struct codec_payload payload;
    struct sc_arena arena;

    compare_levels(body, size);
    if (decode(body, size, "application/json", &arena, &payload) == SC_OK)
        for (size_t i = 0; i < payload.tensors.count && i < 4; i++) {
            const struct sc_tensor *t = &payload.tensors.item[i].tensor;

            if (t->count < 10000 && !has_nan(t)) round_trip(t);
        }
    sc_arena_done(&arena);
    unguard_body(body, size);
    return 0;
}
