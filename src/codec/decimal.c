/* decimal.c - exact where one operation of the machine is (Clinger 1990), else the C library.
 */
#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_KEPT  19     /* always fit 64 bits */
#define EXPONENT_MAX 100000 /* beyond it every number is 0 or infinite */

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const uint8_t *read_digits(const uint8_t *at, const uint8_t *end, int *kept,
                                  struct decimal *d, bool fraction)
{
    for (; is_digit(at, end); at++) {
        if (*kept == DIGITS_KEPT) {
            d->exact = d->exact && *at == '0';
            d->exponent += !fraction;
            continue;
        }
        d->digits = d->digits * 10 + (uint64_t)(*at - '0');
        *kept += d->digits != 0;
        d->exponent -= fraction;
    }
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

const uint8_t *decimal_read(const uint8_t *at, const uint8_t *end, struct decimal *out)
{
    struct decimal d = {.at = at, .exact = true, .integer = true};
    int kept = 0;
    int64_t exponent;

    d.negative = *at == '-';
    at = read_digits(at + d.negative, end, &kept, &d, false);
    if (at < end && *at == '.') {
        d.integer = false;
        at = read_digits(at + 1, end, &kept, &d, true);
    }
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

double decimal_double(const struct decimal *d)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const int64_t e = d->exponent;
    double value;

    if (!d->exact || d->digits > (uint64_t)1 << 53 || e < -22 || e > 22)
        value = slow_double(d);
    else
        value = e < 0 ? (double)d->digits / ten[-e] : (double)d->digits * ten[e];
    return d->negative ? -value : value;
}

/* Is the double halfway between two floats? Then what was rounded away to get it decides. */
static bool is_float_midpoint(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x1fffffff) == 0x10000000 || fabs(value) < FLT_MIN;
}

float decimal_float(const struct decimal *d)
{
    const double value = decimal_double(d);
    char text[SIGNIFICANT + 16];
    float f;

    if (!is_float_midpoint(value)) return (float)value;
    bound(d, text);
    f = strtof(text, NULL);
    return d->negative ? -f : f;
}

/* `digits` significant digits; an integer gets ".0". */
static size_t print(char text[DECIMAL_SIZE], int digits, double value)
{
    size_t size = (size_t)snprintf(text, DECIMAL_SIZE, "%.*g", digits, value);

    if (strpbrk(text, ".e") != NULL) return size;
    memcpy(text + size, ".0", 3);
    return size + 2;
}

size_t decimal_print(char text[DECIMAL_SIZE], double value)
{
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    size_t size = print(text, digits, value);

    while (digits < 17 && strtod(text, NULL) != value) size = print(text, ++digits, value);
    return size;
}

size_t decimal_print_float(char text[DECIMAL_SIZE], float value)
{
    int digits = fabsf(value) < FLT_MIN ? 1 : 6;
    size_t size = print(text, digits, value);

    while (digits < 9 && strtof(text, NULL) != value) size = print(text, ++digits, value);
    return size;
}
