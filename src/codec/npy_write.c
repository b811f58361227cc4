/* npy_write.c - headers, and a report's main array as a file. */
#include "npy_write.h"

#include <stdio.h>
#include <string.h>

#include "formats.h"

static const char *descr_of(enum sc_dtype dtype)
{
    static const char *const descr[SC_DTYPE_COUNT] = {
        [SC_BOOL] = "|b1",    [SC_UINT8] = "|u1",   [SC_UINT16] = "<u2",  [SC_UINT32] = "<u4",
        [SC_UINT64] = "<u8",  [SC_INT8] = "|i1",    [SC_INT16] = "<i2",   [SC_INT32] = "<i4",
        [SC_INT64] = "<i8",   [SC_FLOAT16] = "<f2", [SC_FLOAT32] = "<f4", [SC_FLOAT64] = "<f8",
        [SC_BFLOAT16] = "<V2" /* npy_presentable leaves none */};

    return descr[dtype];
}

/* `shape` as in Python: "", "3,", "2, 3". The elements begin at a multiple of 64. */
static void write_header(struct sc_writer *out, const char *descr, const char *shape)
{
    char text[320];
    const int size = snprintf(text, sizeof text,
                              "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr,
                              shape);
    const int padding = 63 - (10 + size) % 64;

    sc_write(out, "\x93NUMPY\x01\x00", 8);
    sc_write_byte(out, (char)((size + padding + 1) & 255));
    sc_write_byte(out, (char)((size + padding + 1) >> 8));
    sc_writef(out, "%s%*s\n", text, padding, "");
}

void npy_write_header(struct sc_writer *out, const struct sc_tensor *t)
{
    char shape[SC_RANK_MAX * 22 + 1] = "";

    for (int i = 0; i < t->rank; i++)
        sc_list_add(shape, sizeof shape, t->rank > 1 ? "%lld" : "%lld,", (long long)t->dim[i]);
    write_header(out, descr_of(t->dtype), shape);
}

void npy_write_text_header(struct sc_writer *out, size_t width, bool is_list, int64_t count)
{
    char descr[32], shape[32] = "";

    snprintf(descr, sizeof descr, "<U%zu", width);
    if (is_list) snprintf(shape, sizeof shape, "%lld,", (long long)count);
    write_header(out, descr, shape);
}

enum sc_status npy_presentable(const struct sc_tensor *t, struct sc_arena *arena,
                               struct sc_tensor *out, struct sc_note *note)
{
    const uint16_t *from = t->data;
    float *to;

    *out = *t;
    if (t->dtype != SC_BFLOAT16) return SC_OK;
    SC_TRY(sc_tensor_new(out, SC_FLOAT32, t->rank, t->dim, arena, note));
    to = out->data;
    for (int64_t i = 0; i < t->count; i++) to[i] = sc_from_bfloat16(from[i]);
    return SC_OK;
}

/* ---- a file ---- */

static const struct sc_value *main_tensor(const struct sc_report *report)
{
    const struct sc_value *v = report->main_tensor ? sc_report_find(report, report->main_tensor)
                                                   : NULL;

    return v != NULL && (v->kind == SC_VALUE_TENSOR || v->kind == SC_VALUE_LIST) ? v : NULL;
}

enum sc_status npy_encode(const struct codec_results *results, const struct codec_style *style,
                          struct sc_writer *out, struct sc_note *note)
{
    const struct sc_report *report = codec_sole(results);
    const struct sc_value *v = report ? main_tensor(report) : NULL;
    struct sc_tensor t;

    (void)style;
    if (report == NULL)
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "application/x-npy has one array, not several results; ask for "
                       "application/x-npz, application/json or text/plain");
    if (v == NULL && report->main_tensor == NULL)
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "this result has no array for application/x-npy: that of a loss comes "
                       "with reduction=none; ask for application/json");
    if (v == NULL)
        return codec_absent(report, report->main_tensor, "array", "application/x-npy", note);
    SC_TRY(npy_presentable(&v->as.tensor, out->arena, &t, note));
    npy_write_header(out, &t);
    sc_write_view(out, t.data, sc_tensor_bytes(&t));
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
