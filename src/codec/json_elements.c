/* json_elements.c - the elements of a tensor as JSON, many between two looks at the writer. */
#include <math.h>
#include <string.h>

#include "decimal.h"
#include "digits.h"
#include "isa.h"
#include "json.h"

#define BLOCK        256
#define ELEMENT_SIZE (DECIMAL_SIZE + 1) /* any element, its comma, what is scratched */

static char *put_text(char *at, const char *text)
{
    while (*text != '\0') *at++ = *text++;
    return at;
}

static inline char *put_byte(char *at, const struct codec_style *style, unsigned value)
{
    const unsigned tens = value / 10, hundreds = value / 100;
    const uint32_t text = 0x303030 | hundreds | (tens - 10 * hundreds) << 8 |
                          (value - 10 * tens) << 16;
    const int skip = (value < 10) + (value < 100);

    (void)style;
    at[0] = (char)(text >> 8 * skip);
    at[1] = (char)(text >> 8 * (skip + 1));
    at[2] = (char)(text >> 16);
    return at + 3 - skip;
}

static inline char *put_unsigned(char *at, const struct codec_style *style, uint64_t value)
{
    (void)style; /* only numbers that may be infinite have one */
    return digits_put(at, value);
}

static inline char *put_signed(char *at, const struct codec_style *style, int64_t value)
{
    *at = '-';
    return put_unsigned(at + (value < 0), style,
                        value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static char *put_nonfinite(char *at, const struct codec_style *style, double value)
{
    if (sc_is_none(value) || !style->nonfinite_token) return put_text(at, "null");
    return put_text(at, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

static char *put_float(char *at, const struct codec_style *style, float value)
{
    return isfinite(value) ? at + decimal_print_float(at, value)
                           : put_nonfinite(at, style, (double)value);
}

static char *put_double(char *at, const struct codec_style *style, double value)
{
    return isfinite(value) ? at + decimal_print(at, value) : put_nonfinite(at, style, value);
}

static char *put_bool(char *at, const struct codec_style *style, uint8_t value)
{
    (void)style;
    return put_text(at, value ? "true" : "false");
}

static char *put_float16(char *at, const struct codec_style *style, uint16_t bits)
{
    return put_float(at, style, sc_from_float16(bits));
}

static char *put_bfloat16(char *at, const struct codec_style *style, uint16_t bits)
{
    return put_float(at, style, sc_from_bfloat16(bits));
}

/* Elements [from, to), each behind a comma. */
typedef char *put_fn(char *at, const struct codec_style *style, const void *data, int64_t from,
                     int64_t to);

/* id, type, how one is put */
#define ELEMENTS(X)                                                                            \
    X(BOOL, uint8_t, put_bool)                                                                 \
    X(UINT8, uint8_t, put_byte)                                                                \
    X(UINT16, uint16_t, put_unsigned)                                                          \
    X(UINT32, uint32_t, put_unsigned)                                                          \
    X(UINT64, uint64_t, put_unsigned)                                                          \
    X(INT8, int8_t, put_signed)                                                                \
    X(INT16, int16_t, put_signed)                                                              \
    X(INT32, int32_t, put_signed)                                                              \
    X(INT64, int64_t, put_signed)                                                              \
    X(FLOAT16, uint16_t, put_float16)                                                          \
    X(BFLOAT16, uint16_t, put_bfloat16)                                                        \
    X(FLOAT32, float, put_float)                                                               \
    X(FLOAT64, double, put_double)

#define PUT(id, type, put)                                                                     \
    static char *put_all_##id(char *at, const struct codec_style *style, const void *data,     \
                              int64_t from, int64_t to)                                        \
    {                                                                                          \
        for (; from < to; from++) {                                                            \
            *at++ = ',';                                                                       \
            at = put(at, style, ((const type *)data)[from]);                                   \
        }                                                                                      \
        return at;                                                                             \
    }
ELEMENTS(PUT)
#undef PUT

#define ROW(id, type, put) [SC_##id] = put_all_##id,
static put_fn *const put_elements[SC_DTYPE_COUNT] = {ELEMENTS(ROW)};
#undef ROW

static bool all_finite(const struct sc_tensor *t, int64_t from, int64_t to)
{
    bool finite = true;

    if (t->dtype == SC_FLOAT32)
        for (; from < to; from++) finite &= isfinite(((const float *)t->data)[from]) != 0;
    else
        for (; from < to; from++) finite &= isfinite(((const double *)t->data)[from]) != 0;
    return finite;
}

static char *put_floats(char *at, const float *value, size_t count)
{
    print_floats_fn *const print = codec_isa()->print_floats;

    return print ? print(at, value, count) : decimal_print_floats(at, value, count);
}

static char *put_doubles(char *at, const double *value, size_t count)
{
    print_doubles_fn *const print = codec_isa()->print_doubles;

    return print ? print(at, value, count) : decimal_print_doubles(at, value, count);
}

static char *put_elements_of_block(char *at, const struct codec_style *style,
                                   const struct sc_tensor *t, int64_t from, int64_t to)
{
    const bool is_float = t->dtype == SC_FLOAT32;

    if ((!is_float && t->dtype != SC_FLOAT64) || !all_finite(t, from, to))
        return put_elements[t->dtype](at, style, t->data, from, to);
    return is_float ? put_floats(at, (const float *)t->data + from, (size_t)(to - from))
                    : put_doubles(at, (const double *)t->data + from, (size_t)(to - from));
}

/* Appends some elements. The comma before the first of an array goes where its bracket is, and
 * that comes back. */
static bool append(struct json_writer *j, const struct sc_tensor *t, int64_t from, int64_t to)
{
    char *at, before;

    if (!sc_writer_reserve(j->out, (size_t)(to - from) * ELEMENT_SIZE)) return false;
    at = (char *)j->out->data + j->out->size;
    before = at[-1];
    at = put_elements_of_block(j->comma ? at : at - 1, j->style, t, from, to);
    if (!j->comma) j->out->data[j->out->size - 1] = (uint8_t)before;
    j->out->size = (size_t)(at - (char *)j->out->data);
    j->comma = true;
    return true;
}

/* Room for the others at once, if they are as long as the first: else a buffer that doubles is
 * copied and its new pages are touched again and again. */
static bool expect(struct json_writer *j, int64_t count, size_t bytes_of_block)
{
    return count < BLOCK || sc_writer_reserve(j->out, (size_t)count / BLOCK * bytes_of_block);
}

void json_run(struct json_writer *j, const struct sc_tensor *t, int64_t first, int64_t count)
{
    const int64_t end = first + count;
    const size_t began = j->out->size;

    for (int64_t from = first; from < end; from += BLOCK) {
        if (!append(j, t, from, end - from < BLOCK ? end : from + BLOCK)) return;
        if (from == first && !expect(j, end - from - BLOCK, j->out->size - began)) return;
    }
}

void json_elements(struct json_writer *j, const char *key, const struct sc_tensor *t)
{
    json_open(j, key, '[');
    json_run(j, t, 0, t->count);
    json_close(j, ']');
}
