/* json_elements.c - the elements of a tensor as JSON, many between two looks at the writer. */
#include <math.h>
#include <string.h>

#include "decimal.h"
#include "digits.h"
#include "json.h"

#define BLOCK        256
#define ELEMENT_SIZE (DECIMAL_SIZE + 1) /* any element, and its comma */

static char *put_text(char *at, const char *text)
{
    while (*text != '\0') *at++ = *text++;
    return at;
}

static char *put_unsigned(char *at, const struct codec_style *style, uint64_t value)
{
    char text[DIGITS_MAX], *const end = text + sizeof text, *first;

    (void)style; /* only numbers that may be infinite have one */
    if (value < 10) {
        *at = (char)('0' + value);
        return at + 1;
    }
    first = digits_before(end, value);
    memcpy(at, first, (size_t)(end - first));
    return at + (end - first);
}

static char *put_signed(char *at, const struct codec_style *style, int64_t value)
{
    if (value < 0) *at++ = '-';
    return put_unsigned(at, style, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
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

static char *put_element(char *at, const struct codec_style *style, const struct sc_tensor *t,
                         int64_t i)
{
    switch (t->dtype) {
#define CASE(id, type, put)                                                                    \
    case SC_##id:                                                                              \
        return put(at, style, ((const type *)t->data)[i]);
        CASE(UINT8, uint8_t, put_unsigned)
        CASE(UINT16, uint16_t, put_unsigned)
        CASE(UINT32, uint32_t, put_unsigned)
        CASE(UINT64, uint64_t, put_unsigned)
        CASE(INT8, int8_t, put_signed)
        CASE(INT16, int16_t, put_signed)
        CASE(INT32, int32_t, put_signed)
        CASE(INT64, int64_t, put_signed)
    case SC_FLOAT16:
        return put_float(at, style, sc_from_float16(((const uint16_t *)t->data)[i]));
    case SC_BFLOAT16:
        return put_float(at, style, sc_from_bfloat16(((const uint16_t *)t->data)[i]));
        CASE(FLOAT32, float, put_float)
        CASE(FLOAT64, double, put_double)
#undef CASE
    case SC_BOOL:
        return put_text(at, ((const uint8_t *)t->data)[i] ? "true" : "false");
    case SC_DTYPE_COUNT:
        break;
    }
    return at;
}

void json_run(struct json_writer *j, const struct sc_tensor *t, int64_t first, int64_t count)
{
    const int64_t end = first + count;

    while (first < end) {
        const int64_t stop = end - first < BLOCK ? end : first + BLOCK;
        char *at;

        if (!sc_writer_reserve(j->out, (size_t)(stop - first) * ELEMENT_SIZE)) return;
        at = (char *)j->out->data + j->out->size;
        for (; first < stop; first++) {
            if (j->comma) *at++ = ',';
            j->comma = true;
            at = put_element(at, j->style, t, first);
        }
        j->out->size = (size_t)(at - (char *)j->out->data);
    }
}

void json_elements(struct json_writer *j, const char *key, const struct sc_tensor *t)
{
    json_open(j, key, '[');
    json_run(j, t, 0, t->count);
    json_close(j, ']');
}
