/* json_fill.c - one token, one element. The text has been checked and measured. Many numbers
 * are read by vectors first; where that fails, these here say why. */
#include "json_fill.h"

#include <math.h>
#include <string.h>

#include "decimal.h"
#include "isa.h"
#include "json_cursor.h"

struct fill {
    struct json_cursor c;
    const struct json_extent *extent;
    const char *pointer;
    struct sc_tensor *t;
    int64_t index;
    struct sc_note *note;
};

/* The first byte of the next token. */
static uint8_t next(struct fill *f)
{
    while (json_is_space(*f->c.at) || *f->c.at == '[' || *f->c.at == ']' || *f->c.at == ',')
        f->c.at++;
    return *f->c.at;
}

static enum sc_status refuse(const struct fill *f, struct sc_bytes token, const char *what)
{
    char pointer[SC_POINTER_SIZE];

    json_extent_pointer(f->extent, f->pointer, f->index, pointer);
    return sc_fail(f->note, SC_MALFORMED, pointer, "%.*s %s %s",
                   (int)(token.size < 40 ? token.size : 40), (const char *)token.data, what,
                   sc_dtype_name(f->t->dtype));
}

static enum sc_status integer(struct fill *f, uint64_t *out)
{
    const struct sc_bytes token = json_value(&f->c);
    struct decimal d;
    uint64_t magnitude;

    if (token.data[0] == 'N' || token.data[0] == 'I' || token.data[token.size - 1] == 'y')
        return refuse(f, token, "is not an");
    decimal_read(token.data, token.data + token.size, &d);
    if (!d.integer) return refuse(f, token, "has a point or an exponent; expected an integer,");
    if (!decimal_magnitude(&d, &magnitude) ||
        magnitude > json_magnitude_max(f->t->dtype, d.negative))
        return refuse(f, token, "is beyond");
    *out = d.negative ? 0 - magnitude : magnitude;
    return SC_OK;
}

static enum sc_status fill_integers(struct fill *f)
{
    uint64_t value = 0;

#define FILL(type)                                                                             \
    for (; f->index < f->extent->count; f->index++) {                                          \
        next(f);                                                                               \
        SC_TRY(integer(f, &value));                                                            \
        ((type *)f->t->data)[f->index] = (type)value;                                          \
    }
    switch (sc_dtype_size(f->t->dtype)) {
    case 1:
        FILL(uint8_t)
        break;
    case 2:
        FILL(uint16_t)
        break;
    case 4:
        FILL(uint32_t)
        break;
    default:
        FILL(uint64_t)
        break;
    }
#undef FILL
    return SC_OK;
}

/* NaN, Infinity or -Infinity; false when a decimal number stands there. */
static bool nonfinite(struct fill *f, uint8_t first, double *out)
{
    const bool negative = first == '-' && f->c.at[1] == 'I';

    if (first != 'N' && first != 'I' && !negative) return false;
    f->c.at += first == 'N' ? strlen("NaN") : strlen("Infinity") + negative;
    *out = first == 'N' ? NAN : negative ? -INFINITY : INFINITY;
    return true;
}

/* Stores a decimal number; false when it rounds to infinity. */
static bool store_real(const struct fill *f, const struct decimal *d)
{
    const int64_t i = f->index;

    switch (f->t->dtype) {
    case SC_FLOAT16: {
        const uint16_t bits = decimal_float16(d);

        ((uint16_t *)f->t->data)[i] = bits;
        return (bits & 0x7fff) < 0x7c00;
    }
    case SC_BFLOAT16: {
        const uint16_t bits = decimal_bfloat16(d);

        ((uint16_t *)f->t->data)[i] = bits;
        return (bits & 0x7fff) < 0x7f80;
    }
    case SC_FLOAT32:
        return isfinite(((float *)f->t->data)[i] = decimal_float(d));
    default:
        return isfinite(((double *)f->t->data)[i] = decimal_double(d));
    }
}

static void store_nonfinite(const struct fill *f, double value)
{
    const int64_t i = f->index;

    if (f->t->dtype == SC_FLOAT16)
        ((uint16_t *)f->t->data)[i] = sc_to_float16(value);
    else if (f->t->dtype == SC_BFLOAT16)
        ((uint16_t *)f->t->data)[i] = sc_to_bfloat16(value);
    else if (f->t->dtype == SC_FLOAT32)
        ((float *)f->t->data)[i] = (float)value;
    else
        ((double *)f->t->data)[i] = value;
}

static enum sc_status fill_reals(struct fill *f)
{
    for (; f->index < f->extent->count; f->index++) {
        const uint8_t first = next(f);
        struct decimal d;
        double value;

        if (nonfinite(f, first, &value)) {
            store_nonfinite(f, value);
            continue;
        }
        f->c.at = decimal_read(f->c.at, f->c.end, &d);
        if (!store_real(f, &d))
            return refuse(f, sc_bytes(d.at, (size_t)(d.end - d.at)), "is beyond");
    }
    return SC_OK;
}

static enum sc_status fill_bools(struct fill *f)
{
    for (; f->index < f->extent->count; f->index++) {
        ((uint8_t *)f->t->data)[f->index] = next(f) == 't';
        json_value(&f->c);
    }
    return SC_OK;
}

#ifdef FUZZING
#define MANY 1
#else
#define MANY 16 /* numbers from which on a vector pays */
#endif

static bool fill_at_once(struct sc_bytes text, const struct json_extent *extent,
                         const struct sc_tensor *t)
{
    const struct codec_isa *isa = codec_isa();
    json_numbers_fn *const read = extent->bools                 ? isa->bools
                                  : sc_dtype_is_float(t->dtype) ? isa->reals
                                                                : isa->integers;

    if (read == NULL || extent->count < MANY) return false;
    if (read == isa->integers && extent->reals) return false;
    return read(text, t->dtype, t->data, extent->count);
}

enum sc_status json_fill(struct sc_bytes text, const struct json_extent *extent,
                         const char *pointer, struct sc_tensor *t, struct sc_note *note)
{
    struct fill f = {.extent = extent, .pointer = pointer, .t = t, .note = note};

    f.c = json_cursor(text);
    if (extent->bools && t->dtype != SC_BOOL)
        return sc_fail(note, SC_MALFORMED, pointer,
                       "true and false are not %s; expected numbers", sc_dtype_name(t->dtype));
    if (fill_at_once(text, extent, t)) return SC_OK;
    if (extent->bools) return fill_bools(&f);
    return sc_dtype_is_float(t->dtype) ? fill_reals(&f) : fill_integers(&f);
}
