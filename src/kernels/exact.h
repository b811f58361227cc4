/* exact.h - sums without rounding: the same for every order of adding and every cut.
 *
 *   struct sc_exact sum;
 *   sc_exact_zero(&sum);
 *   sc_exact_add_array(&sum, x, n);
 *   double total = sc_exact_round(&sum);      rounded once, here
 *
 * The small superaccumulator of R. Neal, "Fast exact summation using small and large
 * superaccumulators" (arXiv 1505.05571): one fixed-point number that covers the range of
 * float64, in chunks of 64 bits that lie 32 bits apart, so that a chunk takes many additions
 * before its carry must move on. Adding is integer addition: associative, commutative, exact.
 *
 * Infinities and NaN are counted beside the number. The number holds the exact sum of 2^62
 * values of any size; beyond that it wraps. */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lanes.h"

/* Chunk i counts units of 2^(32 i - 1074). Finite values reach chunk 64; two more hold the
 * growth of sums. */
#define SC_EXACT_CHUNKS 67

/* An addition brings less than 2^52 to a chunk, and a carried chunk is below 2^32. */
#define SC_EXACT_PENDING_MAX 2047

struct sc_exact {
    int64_t chunk[SC_EXACT_CHUNKS];
    uint64_t plus_inf, minus_inf, nan; /* how many were added; they stay at UINT64_MAX */
    int pending;                       /* additions since the last carry */
};

/* ---- adding ---- */

static inline void sc_exact_zero(struct sc_exact *s)
{
    *s = (struct sc_exact){.pending = 0};
}

static inline void sc_exact_add(struct sc_exact *s, double x);

/* Adds x[0] ... x[n - 1], just as sc_exact_add one by one, at the speed of memory for values
 * that lie within a factor of 2^78 or so of the largest in their block. */
static inline void sc_exact_add_array(struct sc_exact *s, const double *x, size_t n);

/* Adds a * b without rounding it. Exact where |a b| is 0 or at least 2^-969; below, the
 * product is rounded to a multiple of 2^-1074. A product beyond float64 counts as infinite. */
static inline void sc_exact_add_product(struct sc_exact *s, double a, double b);

/* Adds all that `from` holds. */
void sc_exact_merge(struct sc_exact *into, const struct sc_exact *from);

/* ---- reading ---- */

/* The sum, rounded to nearest, ties to even; beyond float64 an infinity. NaN where a NaN or
 * infinities of both signs were added; the infinity where those of one sign were. A sum of
 * zero is +0.0, also that of nothing or of negative zeros alone. */
double sc_exact_round(const struct sc_exact *s);

/* ---- as bytes ---- */

/* Bytes of a sum: equal sums (and equal counts of NaN and infinities) give equal bytes, on
 * every machine. Typically 11 to 19 bytes; 3 for zero. All integers are little-endian:
 *   u8 flags      1: the number is negative; 2: counts follow
 *   u8 first      index of the first word that is not zero
 *   u8 count      words from there to the last that is not zero
 *   u32 word[]    of the magnitude; word i counts units of 2^(32 i - 1074)
 *   u64 [3]       plus_inf, minus_inf, nan, if any is not zero */
#define SC_EXACT_WORDS     (SC_EXACT_CHUNKS + 1)
#define SC_EXACT_BYTES_MAX (3 + 4 * SC_EXACT_WORDS + 3 * 8)

/* Writes at most SC_EXACT_BYTES_MAX bytes to `out`; returns how many. */
size_t sc_exact_save(const struct sc_exact *s, uint8_t *out);

/* Reads what sc_exact_save wrote from the start of data[0 .. size); returns the bytes
 * consumed. 0, and `s` untouched, if they are truncated or not what saving gives. */
size_t sc_exact_load(struct sc_exact *s, const uint8_t *data, size_t size);

/* ---- private ---- */

void sc_exact_carry(struct sc_exact *s);
void sc_exact_add_special(struct sc_exact *s, double x);

static inline uint64_t sc_exact_bits(double x)
{
    union {
        double d;
        uint64_t u;
    } v = {.d = x};

    return v.u;
}

static inline double sc_exact_power(int exponent) /* 2^exponent, a normal number */
{
    union {
        uint64_t u;
        double d;
    } v = {.u = (uint64_t)(exponent + 1023) << 52};

    return v.d;
}

static inline void sc_exact_add(struct sc_exact *s, double x)
{
    const uint64_t bits = sc_exact_bits(x);
    const unsigned exponent = bits >> 52 & 0x7ff;
    const uint64_t mantissa = (bits & 0xfffffffffffffu) | (uint64_t)(exponent != 0) << 52;
    const unsigned place = exponent - (exponent != 0);
    const int64_t sign = (int64_t)bits < 0 ? -1 : 1;

    if (exponent == 0x7ff) {
        sc_exact_add_special(s, x);
        return;
    }
    if (s->pending == SC_EXACT_PENDING_MAX) sc_exact_carry(s);
    s->pending++;
    s->chunk[place / 32] += sign * (int64_t)(mantissa << place % 32 & 0xffffffffu);
    s->chunk[place / 32 + 1] += sign * (int64_t)(mantissa >> (32 - place % 32));
}

static inline void sc_exact_add_product(struct sc_exact *s, double a, double b)
{
    const double high = a * b;

    sc_exact_add(s, high);
    if (isfinite(high)) sc_exact_add(s, fma(a, b, -high));
}

static inline void sc_exact_add_array(struct sc_exact *s, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) sc_exact_add(s, x[i]);
}
