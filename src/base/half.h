/* half.h - float16 and bfloat16 as wider numbers and back, rounded once to nearest, ties to
 * even. Selects instead of branches: loops over them become vector code. */
#pragma once

#include "bits.h"

static inline float sc_from_float16(uint16_t bits)
{
    const uint32_t sign = (uint32_t)(bits & 0x8000) << 16, magnitude = bits & 0x7fff;
    const uint32_t below = sc_float_bits((float)(int32_t)magnitude * 0x1p-24f); /* subnormal */
    const uint32_t moved = (magnitude << 13) + (112u << 23);
    const uint32_t ends = magnitude << 13 | 0x7f800000; /* infinity, NaN */
    const uint32_t normal = magnitude < 0x7c00 ? moved : ends;

    return sc_float_of(sign | (magnitude < 0x0400 ? below : normal));
}

static inline float sc_from_bfloat16(uint16_t bits)
{
    return sc_float_of((uint32_t)bits << 16);
}

/* ---- from float64: through float32 it would be rounded twice ---- */

/* A magnitude without its `drop` lower bits, rounded; its exponent becomes less by `bias`. */
static inline uint64_t sc_half_round(uint64_t magnitude, int drop, uint64_t bias)
{
    const uint64_t half = (UINT64_C(1) << (drop - 1)) - 1 + (magnitude >> drop & 1);

    return (magnitude + half - (bias << 52)) >> drop;
}

/* The same below the normal numbers: adding a power of two rounds at 2^-52 of it, the smallest
 * number. */
static inline uint64_t sc_half_below(double size, double power)
{
    return sc_double_bits(size + power) - sc_double_bits(power);
}

static inline uint16_t sc_to_float16(double value)
{
    const uint64_t bits = sc_double_bits(value), magnitude = bits & INT64_MAX;
    const double size = __builtin_fabs(value);
    const uint64_t normal = sc_half_round(magnitude, 42, 1023 - 15);
    const uint64_t finite = size < 0x1p-14 ? sc_half_below(size, 0x1p28) : normal;
    const uint64_t number = size < 65520 ? finite : 0x7c00;

    return (uint16_t)((bits >> 48 & 0x8000) | (value != value ? 0x7e00 : number));
}

static inline uint16_t sc_to_bfloat16(double value)
{
    const uint64_t bits = sc_double_bits(value), magnitude = bits & INT64_MAX;
    const double size = __builtin_fabs(value);
    const uint64_t normal = sc_half_round(magnitude, 45, 1023 - 127);
    const uint64_t finite = size < 0x1p-126 ? sc_half_below(size, 0x1p-81) : normal;
    const uint64_t number = size < 0x1.ffp127 ? finite : 0x7f80;
    const uint64_t nan = 0x7fc0 | (magnitude >> 45 & 0x3f);

    return (uint16_t)((bits >> 48 & 0x8000) | (value != value ? nan : number));
}
