/* decimal_scale.h - the product of 128 bits that turns most decimal numbers into the nearest
 * double (Eisel and Lemire, arXiv 2101.11408). */
#pragma once

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "bits.h"
#include "power10.h"

#define DECIMAL_INFINITE 0x7ff0000000000000

/* A number between m and m + 1 units, m of 54 bits and the unit 2^exponent, to the nearest
 * double; `above`: it is not m itself. False where the double would be subnormal. */
static inline bool decimal_round(uint64_t m, bool above, int exponent, double *out)
{
    const bool to_even = !above && (m & 3) == 1;
    const uint64_t mantissa = (m + !to_even) >> 1; /* half a unit is the last bit of m */
    const int biased = exponent + 1 + 1075;
    uint64_t bits;

    if (biased <= 0) return false;
    bits = ((uint64_t)(biased - 1) << 52) + mantissa; /* its top bit adds one */
    if (biased > 2046 || bits > DECIMAL_INFINITE) bits = DECIMAL_INFINITE;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* Where the power of five divides the digits, the number has no fraction but binary ones. */
static inline bool decimal_divide(uint64_t digits, int q, double *out)
{
    uint64_t five = 1, quotient;

    if (q >= 0 || q < -27) return false;
    for (int i = 0; i < -q; i++) five *= 5;
    quotient = digits / five;
    *out = ldexp((double)quotient, q);
    return digits % five == 0;
}

/* digits * 10^q, correctly rounded (after Eisel and Lemire): the product with the first 128
 * bits of the power is below the true one by less than `digits` in its last place. False where
 * that leaves the rounding open. */
static inline bool decimal_scale(uint64_t digits, int q, double *out)
{
    const int shift = __builtin_clzll(digits), unit = power10_exponent(q) + 1 - shift;
    const uint64_t w = digits << shift;
    const struct power10 p = power10(q);
    const unsigned __int128 upper = (unsigned __int128)w * p.high;
    uint64_t high = (uint64_t)(upper >> 64), middle = (uint64_t)upper, low = p.low;
    const int cut = high >> 63 ? 10 : 9; /* leaves 54 bits */
    const uint64_t rest = ((uint64_t)1 << cut) - 1;
    const bool is_exact = power10_is_exact(q);

    if ((high & rest) == rest && middle + w < middle) { /* look closer */
        const unsigned __int128 lower = (unsigned __int128)w * p.low;

        low = (uint64_t)lower;
        high += __builtin_add_overflow(middle, (uint64_t)(lower >> 64), &middle);
        if ((high & rest) == rest && middle == UINT64_MAX && !is_exact && low + w < low)
            return decimal_divide(digits, q, out);
    }
    return decimal_round(high >> cut,
                         (high & rest) != 0 || middle != 0 || low != 0 || !is_exact, unit + cut,
                         out);
}

/* Is the double halfway between two of a type of 16 bits? Such ones are floats. */
static inline bool decimal_is_halfway(double value, uint16_t (*round)(double))
{
    const uint64_t bits = sc_double_bits(value);

    if ((bits & 0x1fffffff) != 0 || value == 0 || !isfinite(value)) return false;
    return round(sc_double_of(bits - 1)) != round(sc_double_of(bits + 1));
}

/* Is the double halfway between two floats? Then what was rounded away to get it decides. */
static inline bool decimal_is_midpoint(double value)
{
    const uint64_t bits = sc_double_bits(value);

    if (fabs(value) < (double)FLT_MIN) return fabs(value - (double)(float)value) == 0x1p-150;
    return (bits & 0x1fffffff) == 0x10000000;
}
