/* token.h - the number of one token. */
#pragma once

#include "decimal.h"
#include "decimal_scale.h"
#include "piece.h"

#ifdef HAVE_DIGITS

#define SHORT (UINT64_C(1) << 32) /* few digits: one division is exact, and fast */

/* A token from its sign on. */
struct token {
    const uint8_t *at;   /* behind the sign */
    const uint8_t *end;  /* of its digits */
    int whole, fraction; /* digits before and behind the point */
    bool negative, point;
};

/* Finds the parts of a token; false where it has more than 31 bytes or is a word. */
static inline bool parts(const uint8_t *at, struct token *t)
{
    uint32_t others;

    t->negative = *at == '-';
    t->at = at + t->negative;
    others = digits_others(t->at);
    if (others == 0) return false;
    t->whole = __builtin_ctz(others);
    t->point = t->at[t->whole] == '.';
    if (t->point) others &= others - 1;
    if (others == 0 || t->whole == 0) return false;
    t->end = t->at + __builtin_ctz(others);
    t->fraction = (int)(t->end - t->at) - t->whole - t->point;
    return true;
}

static inline bool is_exponent(uint8_t byte)
{
    return (byte | 32) == 'e';
}

/* Behind "e"; false beyond four digits. */
static inline bool exponent(const uint8_t *at, int *out)
{
    const bool negative = *at == '-';
    int value = 0, digits = 0;

    at += negative || *at == '+';
    for (; *at >= '0' && *at <= '9'; at++) {
        if (++digits > 4) return false;
        value = value * 10 + (*at - '0');
    }
    *out += negative ? -value : value;
    return true;
}

/* digits * 10^q, false where there are too many digits. */
static inline bool real_parts(const uint8_t *at, uint64_t *digits, int *q, bool *negative)
{
    struct token t;

    if (!parts(at, &t) || !digits_value(t.at, t.whole, t.fraction, digits)) return false;
    *negative = t.negative;
    *q = -t.fraction;
    return !is_exponent(*t.end) || exponent(t.end + 1, q);
}

/* Exact parts, so that one operation rounds once; false where they may be none. */
static inline bool small_double(uint64_t digits, int q, double *out)
{
    if (digits >= SHORT || q < -POWER10_DOUBLES || q > POWER10_DOUBLES) return false;
    *out = q < 0 ? (double)digits / power10_double[-q] : (double)digits * power10_double[q];
    return true;
}

/* The first product of decimal_scale.h, which is below the true one by less than one in its
 * upper half: enough to round to `fraction` bits unless those behind the half bit are all ones
 * or all zeros. False then, and where the result is not a normal number. */
static inline bool quick_scale(uint64_t digits, int q, int fraction, int exponent_max,
                               uint64_t *out)
{
    const int shift = __builtin_clzll(digits | 1), place = q - POWER10_MIN;
    uint64_t high, rest, mask;
    int cut, biased;

    if ((unsigned)place > POWER10_MAX - POWER10_MIN) return false;
    high = (uint64_t)((unsigned __int128)(digits << shift) * power10(q).high >> 64);
    cut = (int)(high >> 63) + 61 - fraction; /* leaves the fraction, its top bit, half a bit */
    mask = ((uint64_t)1 << cut) - 1;
    rest = (high + 1) & mask; /* of all ones 0, of all zeros 1 */
    biased = power10_exponent(q) + 64 - shift + (int)(high >> 63) + exponent_max / 2 - 2;
    *out = ((uint64_t)(unsigned)biased << fraction) + (((high >> cut) + 1) >> 1);
    return rest > 1 && (unsigned)biased < (unsigned)exponent_max - 3;
}

/* ---- one number ---- */

/* NaN, Infinity, -Infinity, or a decimal number that is not one of these. */
static inline bool other_double(const struct piece *p, const uint8_t *at, double *out)
{
    const bool negative = *at == '-';
    struct decimal d;

    if (at[negative] == 'N' || at[negative] == 'I') {
        *out = at[negative] == 'N' ? NAN : negative ? -INFINITY : INFINITY;
        return true;
    }
    decimal_read(at, p->text.data + p->text.size, &d);
    *out = decimal_double(&d);
    return isfinite(*out);
}

static inline bool other_float(const struct piece *p, const uint8_t *at, float *out)
{
    double value = 0;
    struct decimal d;

    if (at[*at == '-'] > '9') {
        other_double(p, at, &value);
        *out = (float)value;
        return true;
    }
    decimal_read(at, p->text.data + p->text.size, &d);
    *out = decimal_float(&d);
    return isfinite(*out);
}

static inline bool read_double(const struct piece *p, const uint8_t *at, double *out)
{
    uint64_t digits, bits;
    bool negative;
    int q;

    if (!real_parts(at, &digits, &q, &negative)) return other_double(p, at, out);
    if (small_double(digits, q, out)) {
        *out = negative ? -*out : *out;
        return true;
    }
    if (!quick_scale(digits, q, 52, 0x7ff, &bits)) return other_double(p, at, out);
    bits |= (uint64_t)negative << 63;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* A short decimal may be halfway between two floats: then it is no matter of rounding twice,
 * but of a closer look. */
static inline bool read_float(const struct piece *p, const uint8_t *at, float *out)
{
    uint64_t digits, wide;
    uint32_t bits;
    bool negative;
    double value;
    int q;

    if (!real_parts(at, &digits, &q, &negative)) return other_float(p, at, out);
    if (small_double(digits, q, &value)) {
        if (decimal_is_midpoint(value)) return other_float(p, at, out);
        *out = (float)(negative ? -value : value);
        return true;
    }
    if (!quick_scale(digits, q, 23, 0xff, &wide)) return other_float(p, at, out);
    bits = (uint32_t)wide | (uint32_t)negative << 31;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* An integer within [-least, most]. */
static inline bool read_integer(const struct piece *p, const uint8_t *at, uint64_t most,
                                uint64_t least, uint64_t *out)
{
    const uint8_t *end = p->text.data + p->text.size;
    uint64_t magnitude;
    struct token t;
    bool negative;

    if (!is_first(p) && parts(at, &t) && digits_value(t.at, t.whole, t.fraction, &magnitude)) {
        if (t.point || is_exponent(*t.end)) return false;
        negative = t.negative;
    } else {
        struct decimal d;

        if (at[*at == '-'] > '9') return false;
        decimal_read(at, end, &d);
        if (!d.integer || !decimal_magnitude(&d, &magnitude)) return false;
        negative = d.negative;
    }
    *out = negative ? 0 - magnitude : magnitude;
    return magnitude <= (negative ? least : most);
}
#endif
