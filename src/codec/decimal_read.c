/* decimal_read.c - exact where one operation of the machine is (Clinger 1990), by a product of
 * 128 bits (decimal_scale.h), and where that is too short by the C library. */
#include "decimal.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal_scale.h"
#include "tensor.h"

#define DIGITS_KEPT  19     /* always fit 64 bits */
#define EXPONENT_MAX 100000 /* beyond it every number is 0 or infinite */

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const uint64_t small_power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

static uint64_t load8(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* How many of 8 characters, the first lowest, are digits before the first that is not. */
static unsigned count_digits(uint64_t word)
{
    const uint64_t high = 0xf0f0f0f0f0f0f0f0, zeros = 0x3030303030303030;
    const uint64_t others = ((word & high) ^ zeros) |
                            (((word + 0x0606060606060606) & high) ^ zeros);

    return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) / 8;
}

/* The value of 8 digits, the first lowest: pairs, then fours, then all. */
static uint64_t value_of_8(uint64_t word)
{
    word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
    word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
    return (word & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

/* Appends the digits at `at` to `value`, which wraps. */
static const uint8_t *take_digits(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    while (end - at >= 8) {
        const uint64_t word = load8(at);
        const unsigned count = count_digits(word);

        if (count == 0) return at;
        if (count < 8) {
            *value = *value * small_power[count] + value_of_8(word << (64 - 8 * count));
            return at + count;
        }
        *value = *value * 100000000 + value_of_8(word);
        at += 8;
    }
    for (; is_digit(at, end); at++) *value = *value * 10 + (uint64_t)(*at - '0');
    return at;
}

static const uint8_t *read_exponent(const uint8_t *at, const uint8_t *end, int64_t *out)
{
    const bool negative = *at == '-';
    int64_t value = 0;

    if (*at == '-' || *at == '+') at++;
    for (; is_digit(at, end); at++)
        if (value < INT64_C(1000000000000000)) value = value * 10 + (*at - '0');
    *out = negative ? -value : value;
    return at;
}

/* The same for more than DIGITS_KEPT digits: those behind go into the exponent. Leading zeros
 * do not count. */
static void read_many(const uint8_t *at, const uint8_t *end, struct decimal *d)
{
    bool fraction = false;
    int kept = 0;

    d->digits = 0;
    d->exponent = 0;
    for (; at < end && (*at == '.' || is_digit(at, end)); at++) {
        if (*at == '.') {
            fraction = true;
        } else if (kept == DIGITS_KEPT) {
            d->exact = d->exact && *at == '0';
            d->exponent += !fraction;
        } else {
            d->digits = d->digits * 10 + (uint64_t)(*at - '0');
            kept += d->digits != 0;
            d->exponent -= fraction;
        }
    }
}

const uint8_t *decimal_read(const uint8_t *at, const uint8_t *end, struct decimal *out)
{
    struct decimal d = {.at = at, .exact = true, .integer = true};
    const uint8_t *first;
    int64_t exponent;

    d.negative = *at == '-';
    first = at += d.negative;
    at = take_digits(at, end, &d.digits);
    if (at < end && *at == '.') {
        const uint8_t *point = at++;

        d.integer = false;
        at = take_digits(at, end, &d.digits);
        d.exponent = point + 1 - at;
    }
    if (at - first > DIGITS_KEPT) read_many(first, end, &d);
    if (at < end && (*at | 32) == 'e') {
        d.integer = false;
        at = read_exponent(at + 1, end, &exponent);
        d.exponent += exponent;
    }
    d.end = at;
    *out = d;
    return at;
}

bool decimal_magnitude(const struct decimal *d, uint64_t *out)
{
    uint64_t value = 0;

    if (d->exact && d->exponent == 0) {
        *out = d->digits;
        return true;
    }
    for (const uint8_t *at = d->at + d->negative; at < d->end; at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
    *out = value;
    return true;
}

/* No two neighbouring doubles have a midpoint of more than 767 digits: digits behind these only
 * matter by being there at all. */
#define SIGNIFICANT 770

/* The token as "digits e exponent", bounded, for the C library. */
static void bound(const struct decimal *d, char text[SIGNIFICANT + 16])
{
    int64_t exponent = 0, written;
    int used = 0;
    bool fraction = false, more = false;
    const uint8_t *at = d->at + d->negative;

    for (; at < d->end && (*at | 32) != 'e'; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (used < SIGNIFICANT) {
            if (used > 0 || *at != '0') text[used++] = (char)*at;
            exponent -= fraction;
        } else {
            more = more || *at != '0';
            exponent += !fraction;
        }
    }
    if (more) {
        text[used++] = '1';
        exponent--;
    }
    if (used == 0) text[used++] = '0';
    if (at < d->end) {
        read_exponent(at + 1, d->end, &written);
        exponent += written;
    }
    if (exponent > EXPONENT_MAX) exponent = EXPONENT_MAX;
    if (exponent < -EXPONENT_MAX) exponent = -EXPONENT_MAX;
    snprintf(text + used, 12, "e%d", (int)exponent);
}

static double slow_double(const struct decimal *d)
{
    char text[SIGNIFICANT + 16];

    bound(d, text);
    return strtod(text, NULL);
}

/* Clinger 1990: both parts are doubles, so one operation rounds once. */
static bool is_simple(const struct decimal *d)
{
    return d->exact && d->digits <= (uint64_t)1 << 53 && d->exponent >= -POWER10_DOUBLES &&
           d->exponent <= POWER10_DOUBLES;
}

static double simple_double(const struct decimal *d)
{
    const int64_t e = d->exponent;

    return e < 0 ? (double)d->digits / power10_double[-e]
                 : (double)d->digits * power10_double[e];
}

static double magnitude(const struct decimal *d)
{
    double value, next;

    if (is_simple(d)) return simple_double(d);
    if (d->digits == 0 || d->exponent < POWER10_MIN) return 0;
    if (d->exponent > 308) return INFINITY;
    if (decimal_scale(d->digits, (int)d->exponent, &value) &&
        (d->exact || (decimal_scale(d->digits + 1, (int)d->exponent, &next) && value == next)))
        return value;
    return slow_double(d);
}

double decimal_double(const struct decimal *d)
{
    const double value = magnitude(d);

    return d->negative ? -value : value;
}

float decimal_float(const struct decimal *d)
{
    const double value = decimal_double(d);
    char text[SIGNIFICANT + 16];
    float f;

    if (!decimal_is_midpoint(value)) return (float)value;
    bound(d, text);
    f = strtof(text, NULL);
    return d->negative ? -f : f;
}

/* Rounded to odd: what is shorter is rounded from it as from the decimal itself. */
static double odd_double(const struct decimal *d)
{
    const int mode = fegetround();
    char text[SIGNIFICANT + 16];
    double below, above;
    uint64_t bits;

    bound(d, text);
    fesetround(FE_TOWARDZERO);
    below = strtod(text, NULL);
    fesetround(FE_UPWARD);
    above = strtod(text, NULL);
    fesetround(mode);
    bits = sc_double_bits(below);
    return sc_double_of(bits | (uint64_t)(below != above) | (uint64_t)d->negative << 63);
}

static uint16_t rounded(const struct decimal *d, uint16_t (*round)(double))
{
    const double value = decimal_double(d);

    return round(decimal_is_halfway(value, round) ? odd_double(d) : value);
}

uint16_t decimal_float16(const struct decimal *d)
{
    return rounded(d, sc_to_float16);
}

uint16_t decimal_bfloat16(const struct decimal *d)
{
    return rounded(d, sc_to_bfloat16);
}
