/* fuzz_json.c - any bytes as a JSON body; what is read is printed and read again: the same. */
#include <math.h>

#include "decoding.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void round_trip(const struct sc_tensor *t)
{
    const struct codec_style style = {.nonfinite_token = true};
    struct sc_arena arena, again;
    struct sc_report report;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};
    struct codec_payload payload;
    uint8_t *body;

    sc_arena_init(&arena, FUZZ_MEMORY, NULL);
    sc_report_init(&report, &arena);
    sc_report_tensor(&report, "x", t);
    sc_writer_init(&out, &arena);
    json_open(&j, NULL, '{');
    json_report(&j, &report);
    json_close(&j, '}');
    if (out.failed) abort();
    body = guarded_body(out.data, out.size);
    if (decode(body, out.size, NULL, &again, &payload) == SC_OK)
        compare(t, &payload.tensors.item[0].tensor);
    else if (again.limit == FUZZ_MEMORY)
        abort();
    unguard_body(body, out.size);
    sc_arena_done(&again);
    sc_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *body = guarded_body(data, size);
    struct codec_payload payload;
    struct sc_arena arena;

    if (decode(body, size, "application/json", &arena, &payload) == SC_OK)
        for (size_t i = 0; i < payload.tensors.count && i < 4; i++) {
            const struct sc_tensor *t = &payload.tensors.item[i].tensor;

            if (t->count < 10000 && !has_nan(t)) round_trip(t);
        }
    sc_arena_done(&arena);
    unguard_body(body, size);
    return 0;
}
