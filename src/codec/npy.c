/* npy.c - NumPy arrays: versions 1 to 3, both byte orders, row-major and column-major. */
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
    SC_TRY(sc_tensor_new(t, h->dtype, h->rank, h->dim, arena, note));
    if (h->fortran_order)
        elements_from_fortran(t, data);
    else
        memcpy(t->data, data, sc_tensor_bytes(t));
    if (h->big_endian) elements_swap(t->data, t->count, sc_dtype_size(t->dtype));
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
