/* raw.c - bare elements, described by the parameters of their Content-Type:
 * `application/octet-stream; dtype=uint8; shape=512,1024`. */
#include <string.h>

#include "elements.h"
#include "formats.h"
#include "media.h"

#define EXAMPLE "'application/octet-stream; dtype=uint8; shape=512,1024'"

static enum sc_status read_dtype(const char *type, enum sc_dtype *out, struct sc_note *note)
{
    char name[64];

    switch (media_param(type, "dtype", name, sizeof name)) {
    case MEDIA_ABSENT:
        return sc_fail(note, SC_UNSUPPORTED, NULL,
                       "the bytes are of no known format, and Content-Type has no dtype and "
                       "shape, as in " EXAMPLE);
    case MEDIA_FOUND:
        if (sc_dtype_find(name, strlen(name), out)) return SC_OK;
        return sc_fail(note, SC_UNSUPPORTED, NULL,
                       "dtype '%.40s' in Content-Type is not taken; expected " SC_DTYPES, name);
    case MEDIA_BROKEN:
        break;
    }
    return sc_fail(note, SC_UNSUPPORTED, NULL,
                   "dtype in Content-Type cannot be read; expected " SC_DTYPES);
}

static enum sc_status read_dimension(const char **at, int64_t *out, struct sc_note *note)
{
    const char *digits = *at + strspn(*at, " ");
    const size_t size = strspn(digits, "0123456789");
    uint64_t value;

    if (size == 0)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "shape in Content-Type is not a list of whole numbers, as in " EXAMPLE);
    if (!sc_read_whole(sc_bytes(digits, size), INT64_MAX, &value))
        return sc_fail(note, SC_TOO_LARGE, NULL, "a dimension is past 2^63");
    *at = digits + size + strspn(digits + size, " ");
    *out = (int64_t)value;
    return SC_OK;
}

/* An empty shape is a scalar. */
static enum sc_status read_shape(const struct codec_source *source, int *rank, int64_t *dim,
                                 struct sc_note *note)
{
    char text[256];
    const char *at = text;
    int n = 0;

    if (media_param(source->content_type, "shape", text, sizeof text) != MEDIA_FOUND)
        return sc_fail(note, SC_MALFORMED, NULL, "Content-Type has no shape, as in " EXAMPLE);
    while (*at != '\0') {
        if (n >= source->limits->rank || n >= SC_RANK_MAX)
            return sc_fail(note, SC_TOO_LARGE, NULL,
                           "shape has more than %lld dimensions (limit rank)",
                           (long long)source->limits->rank);
        SC_TRY(read_dimension(&at, &dim[n++], note));
        if (*at == ',')
            at++;
        else if (*at != '\0')
            return sc_fail(
                note, SC_MALFORMED, NULL,
                "shape in Content-Type has text after a number; expected, as in " EXAMPLE);
    }
    *rank = n;
    return SC_OK;
}

enum sc_status raw_decode(const struct codec_source *source, struct codec_payload *out,
                          struct sc_note *note)
{
    enum sc_dtype dtype = SC_UINT8;
    struct sc_tensor t;
    int64_t dim[SC_RANK_MAX];
    int rank = 0;

    SC_TRY(read_dtype(source->content_type, &dtype, note));
    SC_TRY(read_shape(source, &rank, dim, note));
    SC_TRY(elements_take(source->body, dtype, rank, dim, source->arena, &t, note));
    return sc_tensors_add(&out->tensors, source->name, &t, source->arena, note);
}
