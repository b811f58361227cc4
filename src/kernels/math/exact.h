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

#include "bits.h"
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

/* Adds x[0] ... x[n - 1], as sc_exact_add does one by one, but some eight times as fast if
 * among 1,024 neighbours all but zeros are at least 2^-33 of the largest, twice as fast down to
 * 2^-120 of it, and no faster where one is not finite or above 2^1019. */
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
#define SC_EXACT_BYTES_MIN 3
#define SC_EXACT_BYTES_MAX (3 + 4 * SC_EXACT_WORDS + 3 * 8)

/* Writes at most SC_EXACT_BYTES_MAX bytes to `out`; returns how many. */
size_t sc_exact_save(const struct sc_exact *s, uint8_t *out);

/* Reads what sc_exact_save wrote from the start of data[0 .. size); returns the bytes
 * consumed. 0, and `s` untouched, if they are truncated or not what saving gives. */
size_t sc_exact_load(struct sc_exact *s, const uint8_t *data, size_t size);

/* ---- private ---- */

#define SC_EXACT_STRIP   1024 /* elements that sc_exact_add_array takes at once: 32 a lane */
#define SC_EXACT_TOP_MIN 98   /* so that no grid is finer than 2^-1074 */
#define SC_EXACT_TOP_MAX 2095 /* so that no grid ends above 2^1023 */

void sc_exact_carry(struct sc_exact *s);
void sc_exact_add_special(struct sc_exact *s, double x);
void sc_exact_add_each(struct sc_exact *s, const double *x, size_t n);

/* Adds units * 2^(place - 1074), |units| < 2^60, 0 <= place < 2080. */
void sc_exact_add_units(struct sc_exact *s, int64_t units, int place);

static inline void sc_exact_add_finite(struct sc_exact *s, double x)
{
    const uint64_t bits = sc_double_bits(x);
    const unsigned exponent = bits >> 52 & 0x7ff;
    const unsigned normal = exponent != 0;
    const uint64_t mantissa = (bits & 0xfffffffffffffu) | (uint64_t)normal << 52;
    const unsigned place = exponent - normal;
    const int64_t sign = -(int64_t)(bits >> 63);
    const int64_t low = (int64_t)(mantissa << place % 32 & 0xffffffffu);
    const int64_t high = (int64_t)(mantissa >> (32 - place % 32));

    s->chunk[place / 32] += (low ^ sign) - sign;
    s->chunk[place / 32 + 1] += (high ^ sign) - sign;
}

static inline void sc_exact_add(struct sc_exact *s, double x)
{
    if (!isfinite(x)) {
        sc_exact_add_special(s, x);
        return;
    }
    if (s->pending == SC_EXACT_PENDING_MAX) sc_exact_carry(s);
    s->pending++;
    sc_exact_add_finite(s, x);
}

static inline void sc_exact_add_product(struct sc_exact *s, double a, double b)
{
    const double high = a * b;

    sc_exact_add(s, high);
    if (isfinite(high)) sc_exact_add(s, fma(a, b, -high));
}

/* 1.5 * 2^(place - 1074 + 52): the middle of the doubles that are 2^(place - 1074) apart. */
static inline double sc_exact_origin(int place)
{
    return sc_double_of((uint64_t)(place + 1) << 52 | (uint64_t)1 << 51);
}

/* A place above the sum of all |x[i]|, and so above every partial sum of any of them: the sum
 * is below 2^(top - 1074 - 1), and the last bit is for the rounding of that sum. Beyond
 * SC_EXACT_TOP_MAX where an element is not finite, or too large for sc_exact_move. n is a
 * multiple of SC_LANES. */
static inline int sc_exact_top(const double *x, int n)
{
    double lane[SC_LANES] = {0};
    int top;

    for (int i = 0; i < n; i += SC_LANES)
        for (int j = 0; j < SC_LANES; j++) lane[j] += fabs(x[i + j]);
    for (int half = SC_LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    top = (int)(sc_double_bits(lane[0]) >> 52) + 53;
    return top > SC_EXACT_TOP_MIN ? top : SC_EXACT_TOP_MIN;
}

_Static_assert(SC_EXACT_STRIP / SC_LANES == 32, "sc_exact_move relies on it");

/* Moves the bits of x[0 .. n) from `top` down to place top - 98 to the sum. A lane starts at
 * the origin of a grid, so that adding x to it rounds x to that grid, and (after - before) is
 * exactly what was added. No partial sum of a lane passes 2^51 units of the upper grid, by the
 * choice of top, nor of the lower: at most half an upper unit is left of each of the 32
 * elements of a lane. So a lane stays among the doubles of its grid, and the difference of
 * their bits counts its units.
 *
 * Returns whether nothing is left. What is left goes to `rest`; if that is NULL and anything is
 * left, the sum is unchanged. */
static inline __attribute__((always_inline)) bool sc_exact_move(struct sc_exact *s,
                                                                const double *restrict x, int n,
                                                                int top, double *restrict rest)
{
    const int upper = top - 51, lower = upper - 47;
    const double upper_origin = sc_exact_origin(upper), lower_origin = sc_exact_origin(lower);
    double high[SC_LANES], low[SC_LANES];
    uint64_t left[SC_LANES] = {0}, any = 0, high_units = 0, low_units = 0;

    for (int j = 0; j < SC_LANES; j++) high[j] = upper_origin, low[j] = lower_origin;
    for (int i = 0; i < n; i += SC_LANES) {
        for (int j = 0; j < SC_LANES; j++) {
            const double high_after = high[j] + x[i + j];
            const double below = x[i + j] - (high_after - high[j]);
            const double low_after = low[j] + below;
            const double lost = below - (low_after - low[j]);

            high[j] = high_after;
            low[j] = low_after;
            if (rest) rest[i + j] = lost;
            left[j] |= sc_double_bits(lost);
        }
    }
    for (int j = 0; j < SC_LANES; j++) {
        high_units += sc_double_bits(high[j]) - sc_double_bits(upper_origin);
        low_units += sc_double_bits(low[j]) - sc_double_bits(lower_origin);
        any |= left[j];
    }
    if (any && !rest) return false;
    sc_exact_add_units(s, (int64_t)high_units, upper);
    sc_exact_add_units(s, (int64_t)low_units, lower);
    return any == 0;
}

/* One move is nearly always enough. If not: move by move, and what is left then one by one. */
static inline void sc_exact_add_strip(struct sc_exact *s, const double *x, int n)
{
    double rest[2][SC_EXACT_STRIP];
    int top = sc_exact_top(x, n);

    if (top <= SC_EXACT_TOP_MAX && sc_exact_move(s, x, n, top, NULL)) return;
    for (int moves = 0; moves < 4 && top <= SC_EXACT_TOP_MAX; moves++) {
        if (sc_exact_move(s, x, n, top, rest[moves % 2])) return;
        x = rest[moves % 2];
        top = sc_exact_top(x, n);
    }
    sc_exact_add_each(s, x, (size_t)n);
}

static inline void sc_exact_add_array(struct sc_exact *s, const double *x, size_t n)
{
    while (n >= SC_LANES) {
        const int size = n < SC_EXACT_STRIP ? (int)(n - n % SC_LANES) : SC_EXACT_STRIP;

        sc_exact_add_strip(s, x, size);
        x += size;
        n -= (size_t)size;
    }
    sc_exact_add_each(s, x, n);
}
