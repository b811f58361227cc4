/* power10.h - powers of ten for exact conversions between decimal and binary. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define POWER10_MIN (-342)
#define POWER10_MAX 324

/* 10^q = (high * 2^64 + low + r) * 2^(power10_exponent(q) - 127) with 0 <= r < 1 and the top
 * bit of `high` set: 128 bits, cut off. */
struct power10 {
    uint64_t high, low;
};

extern const struct power10 power10_table[POWER10_MAX - POWER10_MIN + 1];

static inline struct power10 power10(int q)
{
    return power10_table[q - POWER10_MIN];
}

/* Is nothing cut off? 5^55 has 128 bits. */
static inline bool power10_is_exact(int q)
{
    return q >= 0 && q <= 55;
}

/* 10^0 to 10^22: those that are doubles. */
#define POWER10_DOUBLES 22
extern const double power10_double[POWER10_DOUBLES + 1];

#define POWER10_LOG2      217706 /* log2(10), as a fraction of so many bits */
#define POWER10_LOG2_BITS 16

/* The largest e for which 2^e is at most 10^q. */
static inline int power10_exponent(int q)
{
    return q * POWER10_LOG2 >> POWER10_LOG2_BITS;
}
