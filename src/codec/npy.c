/* npy.c - NumPy arrays: versions 1 to 3, both byte orders, row-major and column-major. */
#include <stdio.h>
#include <string.h>

#include "elements.h"
#include "formats.h"
#include "npy_header.h"

bool npy_probe(struct sc_bytes body)
{
    return sc_bytes_starts(body, "\x93NUMPY", 6);
}

static enum sc_status check_size(const struct npy_header *h, size_t there, struct sc_note *note)
{
    struct sc_tensor t;
    size_t size;
    char shape[80];

    SC_TRY(sc_tensor_shape(&t, h->dtype, h->rank, h->dim, &size, note));
    if (there == size) return SC_OK;
    return sc_fail(note, SC_MALFORMED, NULL,
                   "NPY: the header announces %s of shape %s, %zu bytes; %zu bytes follow it%s",
                   sc_dtype_name(h->dtype), sc_tensor_shape_text(&t, shape, sizeof shape), size,
                   there, there > size ? ", so something is behind the array" : "");
}

/* A copy in native byte order and row-major order. */
static enum sc_status copy(const struct npy_header *h, const uint8_t *data,
                           struct sc_arena *arena, struct sc_tensor *t, struct sc_note *note)
{
    const size_t size = sc_dtype_size(h->dtype);

    SC_TRY(sc_tensor_new(t, h->dtype, h->rank, h->dim, arena, note));
    if (h->fortran_order)
        elements_from_fortran(t, data);
    else
        memcpy(t->data, data, (size_t)t->count * size);
    if (h->big_endian) elements_swap(t->data, t->count, size);
    if (h->dtype == SC_BOOL) elements_to_bool(t->data, t->count);
    return SC_OK;
}

enum sc_status npy_decode(const struct codec_source *source, struct codec_payload *out,
                          struct sc_note *note)
{
    struct npy_header h;
    struct sc_bytes data;
    struct sc_tensor t;

    SC_TRY(npy_header_read(source->body, source->limits->rank, &h, note));
    data = sc_bytes_slice(source->body, h.data, source->body.size);
    SC_TRY(check_size(&h, data.size, note));
    if ((h.big_endian && sc_dtype_size(h.dtype) > 1) || (h.fortran_order && h.rank > 1))
        SC_TRY(copy(&h, data.data, source->arena, &t, note));
    else
        SC_TRY(elements_take(data, h.dtype, h.rank, h.dim, source->arena, &t, note));
    return sc_tensors_add(&out->tensors, source->name, &t, source->arena, note);
}

static const char *descr_of(enum sc_dtype dtype)
{
    static const char *const descr[SC_DTYPE_COUNT] = {
        [SC_BOOL] = "|b1",   [SC_UINT8] = "|u1",   [SC_UINT16] = "<u2",   [SC_UINT32] = "<u4",
        [SC_UINT64] = "<u8", [SC_INT8] = "|i1",    [SC_INT16] = "<i2",    [SC_INT32] = "<i4",
        [SC_INT64] = "<i8",  [SC_FLOAT16] = "<f2", [SC_BFLOAT16] = "<V2", [SC_FLOAT32] = "<f4",
        [SC_FLOAT64] = "<f8"};

    return descr[dtype];
}

static void write_header(const struct sc_tensor *t, struct sc_writer *out)
{
    char text[256];
    int size = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                        descr_of(t->dtype));
    int padding;

    for (int i = 0; i < t->rank; i++)
        size += snprintf(text + size, sizeof text - (size_t)size, "%s%lld", i ? ", " : "",
                         (long long)t->dim[i]);
    size +=
        snprintf(text + size, sizeof text - (size_t)size, "%s), }", t->rank == 1 ? "," : "");
    padding = 63 - (10 + size) % 64; /* the elements begin at a multiple of 64 */
    sc_write(out, "\x93NUMPY\x01\x00", 8);
    sc_write_byte(out, (char)((size + padding + 1) & 255));
    sc_write_byte(out, (char)((size + padding + 1) >> 8));
    sc_writef(out, "%s%*s\n", text, padding, "");
}

static const struct sc_value *main_tensor(const struct sc_report *report)
{
    return report->main_tensor ? sc_report_find(report, report->main_tensor) : NULL;
}

enum sc_status npy_encode(const struct codec_results *results, const struct codec_style *style,
                          struct sc_writer *out, struct sc_note *note)
{
    const struct sc_report *report = codec_sole(results);
    const struct sc_value *v = report ? main_tensor(report) : NULL;

    (void)style;
    if (report == NULL)
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "application/x-npy has one array, not several results; ask for "
                       "application/json or text/plain");
    if (v == NULL || (v->kind != SC_VALUE_TENSOR && v->kind != SC_VALUE_LIST))
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "this result has no array for application/x-npy; ask for "
                       "application/json");
    write_header(&v->as.tensor, out);
    sc_write(out, v->as.tensor.data,
             (size_t)v->as.tensor.count * sc_dtype_size(v->as.tensor.dtype));
    return out->failed ? sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply") : SC_OK;
}
