/* fuzz_npy.c - any bytes as an NPY file; the array written again and read: the same. */
#include "decoding.h"
#include "formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct sc_tensor *a, const struct sc_tensor *b)
{
    if (a->dtype != b->dtype || !sc_tensor_same_shape(a, b)) abort();
    if (a->count > 0 &&
        memcmp(a->data, b->data, (size_t)a->count * sc_dtype_size(a->dtype)) != 0)
        abort();
}

static void round_trip(const struct sc_tensor *t, struct sc_arena *arena)
{
    const struct codec_style style = {0};
    struct sc_report report;
    const struct codec_result result = {.report = &report};
    const struct codec_results results = {.item = &result, .count = 1};
    struct codec_payload payload;
    struct sc_arena again;
    struct sc_writer out;
    struct sc_note note;
    uint8_t *body;

    sc_report_init(&report, arena);
    sc_report_tensor(&report, "y", t);
    report.main_tensor = "y";
    sc_writer_init(&out, arena);
    if (npy_encode(&results, &style, &out, &note) != SC_OK || out.size % 4 == 3)
        return; /* `decode` would have little memory */
    body = guarded_body(out.data, out.size);
    if (decode(body, out.size, NULL, &again, &payload) != SC_OK) abort();
    compare(t, &payload.tensors.item[0].tensor);
    sc_arena_done(&again);
    unguard_body(body, out.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *body = guarded_body(data, size);
    struct codec_payload payload;
    struct sc_arena arena;

    if (decode(body, size, "application/x-npy", &arena, &payload) == SC_OK &&
        payload.tensors.count > 0)
        round_trip(&payload.tensors.item[0].tensor, &arena);
    sc_arena_done(&arena);
    unguard_body(body, size);
    return 0;
}
