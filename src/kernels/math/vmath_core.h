/* vmath_core.h - the pieces of vmath.h: bits, the exponential, the logarithm, the normal tail.
 *
 * A pair (hi, lo) stands for the sum hi + lo, where lo is about a rounding error of hi.
 * The polynomials are minimax for the relative error of the result: coefficients.h has them,
 * and how large their errors are. */
#pragma once

#include <math.h>
#include <stdint.h>

#include "bits.h"
#include "polynomial.h"

/* Heads a function whose loops are to be vector code: all that it calls is inlined, for a loop
 * with a call in it is none, and compilers find long formulas too long. */
#define SC_FLAT __attribute__((flatten))

/* ---- bits ---- */

/* |size| with the sign of `sign`. */
static inline double vm_signed(double size, double sign)
{
    const uint64_t mask = UINT64_C(1) << 63;
    return sc_double_of((sc_double_bits(size) & ~mask) | (sc_double_bits(sign) & mask));
}

/* The smaller one; `bound` for NaN. */
static inline double vm_at_most(double x, double bound)
{
    return x < bound ? x : bound;
}

/* ---- arithmetic ---- */

struct vm_pair {
    double hi, lo;
};

/* a + b, exactly, for any two sizes */
static inline struct vm_pair vm_sum(double a, double b)
{
    const double hi = a + b, part = hi - a;
    return (struct vm_pair){.hi = hi, .lo = (a - (hi - part)) + (b - part)};
}

/* a b, exactly */
static inline struct vm_pair vm_product(double a, double b)
{
    const double hi = a * b;
    return (struct vm_pair){.hi = hi, .lo = fma(a, b, -hi)};
}

/* num / den to 0.51 ulp; `inverse` is 1 / den, and may be off by some ulps. */
static inline double vm_quotient(struct vm_pair num, struct vm_pair den, double inverse)
{
    const double q = num.hi * inverse;
    const double missing = fma(-q, den.hi, num.hi) + fma(-q, den.lo, num.lo);
    return fma(missing, inverse, q);
}

/* A polynomial of coefficients.h: name(x, z), z = x x. */
#define VM_POLYNOMIAL(name, LIST) SC_POLYNOMIAL(name, LIST, double, (double), fma)

/* ---- powers of two ---- */

/* An exponent k travels as k + VM_BIAS in the low 12 bits of a word; the bits above mean
 * nothing. The bias makes both halves of it, in vm_scale, exponents of normal numbers. */
#define VM_BIAS 2046

/* x 2^k, rounded once, also where the result is denormal or infinite; -2044 <= k <= 1024 */
static inline double vm_scale(double x, uint64_t exponent)
{
    const uint64_t half = exponent >> 1;
    return x * sc_double_of(half << 52) * sc_double_of((exponent - half) << 52);
}

/* 2^k, which must be normal */
static inline double vm_power(uint64_t exponent)
{
    return sc_double_of((exponent - (VM_BIAS - 1023)) << 52);
}

/* ---- exp ---- */

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2; z = r r */
VM_POLYNOMIAL(vm_exp_rest, VM_EXP_REST)

/* e^x = 2^k (1 + r + tail), |r| < 0.35, |tail| < 0.07 */
struct vm_reduced {
    double r, tail;
    uint64_t exponent;
};

/* For x = hi + lo, -1400 < hi < 711. */
static inline struct vm_reduced vm_reduce(double hi, double lo)
{
    /* Adding 1.5 2^52 rounds to an integer, and leaves it in the low bits. */
    const double shift = 0x1.8p52 + VM_BIAS;
    const double shifted = fma(hi, VM_LOG2E, shift);
    const double k = shifted - shift;
    const double r = fma(k, -VM_LN2_HEAD, hi); /* exact */
    const double rest = fma(k, -VM_LN2_TAIL, lo);
    const double sum = r + rest, z = sum * sum;
    return (struct vm_reduced){
        .r = r,
        .tail = fma(z, vm_exp_rest(sum, z), rest),
        .exponent = sc_double_bits(shifted),
    };
}

/* e^x = 2^k (hi + lo) */
struct vm_exp {
    double hi, lo;
    uint64_t exponent;
};

static inline struct vm_exp vm_exp(double hi, double lo)
{
    const struct vm_reduced e = vm_reduce(hi, lo);
    const double one = 1.0 + e.r;
    const double rest = ((1.0 - one) + e.r) + e.tail;
    const double sum = one + rest;
    return (struct vm_exp){.hi = sum, .lo = (one - sum) + rest, .exponent = e.exponent};
}

/* (e^x - 1) / 2 for x = hi + lo, -60 < x < 711; halved because 2^1024 is no number */
static inline struct vm_pair vm_half_expm1_sum(double x_hi, double x_lo)
{
    const struct vm_reduced e = vm_reduce(x_hi, x_lo);
    const double s = vm_power(e.exponent - 1);
    const double big = s - 0.5, small = s * e.r; /* |big| > |small|, unless big is 0 */
    const double big_lo = s - (big + 0.5);       /* s may be tiny */
    const double sum = big + small;
    const double rest = fma(s, e.tail, (big - sum) + small) + big_lo;
    const double hi = sum + rest;
    return (struct vm_pair){.hi = hi, .lo = (sum - hi) + rest};
}

static inline struct vm_pair vm_half_expm1(double x)
{
    return vm_half_expm1_sum(x, 0.0);
}

/* ---- log ---- */

/* x = 2^k m, m in [sqrt(1/2), sqrt(2)), for normal x > 0 */
struct vm_parts {
    double k, m;
    double unit; /* 2^-k for k < 1023 */
};

static inline struct vm_parts vm_parts(double x)
{
    const uint64_t root = 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
    const uint64_t above = sc_double_bits(x) - root + (UINT64_C(1024) << 52);
    const uint64_t mantissa = (UINT64_C(1) << 52) - 1;
    const uint64_t k = above >> 52; /* + 1024 */
    return (struct vm_parts){
        .k = sc_double_of(k | sc_double_bits(0x1p52)) - (0x1p52 + 1024),
        .m = sc_double_of((above & mantissa) + root),
        .unit = sc_double_of((1023 + 1024 - k) << 52),
    };
}

VM_POLYNOMIAL(vm_log_series, VM_LOG_REST)
VM_POLYNOMIAL(vm_log1p_series, VM_LOG1P_REST)

/* (2 atanh(s) - 2 s) / s over z = s^2, for (1 + s) / (1 - s) in [sqrt(1/2), sqrt(2)] */
static inline double vm_log_rest(double z)
{
    return z * vm_log_series(z, z * z);
}

/* The same for (1 + s) / (1 - s) in [1, 2] */
static inline double vm_log1p_rest(double z)
{
    return z * vm_log1p_series(z, z * z);
}

/* whole + log(1 + f), where s = f / (2 + f), and rest is of s: log(1 + f) = 2 atanh(s), which
 * is f - f^2/2 + s (f^2/2 + rest), and only its last term has rounding errors. */
static inline struct vm_pair vm_log_pair(struct vm_pair whole, double f, double s, double rest)
{
    const struct vm_pair square = vm_product(0.5 * f, f);
    const double head = f - square.hi;
    const double head_lo = ((f - head) - square.hi) - square.lo;
    const struct vm_pair sum = vm_sum(whole.hi, head);
    const double small = fma(s, square.hi + rest, whole.lo);
    return (struct vm_pair){.hi = sum.hi, .lo = sum.lo + (head_lo + small)};
}

static inline double vm_log_sum(struct vm_pair whole, double f, double s, double rest)
{
    const struct vm_pair sum = vm_log_pair(whole, f, s, rest);
    return sum.hi + sum.lo;
}

/* ---- the upper tail of the normal distribution ---- */

/* (a + 5/4) e^(a^2/2) Q(a) over t = (a - 6) / (a + 6), without its first term, divided by t;
 * z = t t */
VM_POLYNOMIAL(vm_tail_rest, VM_TAIL_REST)

/* Q(a) = e^(-a^2/2) num / den */
struct vm_tail {
    struct vm_exp e;
    struct vm_pair num, den;
    double inverse; /* of den */
};

/* For 0 <= a <= 40. The factor a + 5/4 makes the polynomial flat, 0.63 to 0.41, so that neither
 * the error of t nor that of its small terms counts. One division serves t and the quotient. */
static inline struct vm_tail vm_tail(double a)
{
    const struct vm_pair square = vm_product(a, a);
    const struct vm_pair den = vm_sum(a, 1.25);
    const double mapped = a + 6.0;
    const double both = 1.0 / (mapped * den.hi);
    const double t = (a - 6.0) * (den.hi * both);
    const double first = VM_TAIL_FIRST_HEAD;
    const double rest = t * vm_tail_rest(t, t * t);
    const double sum = first + rest;
    return (struct vm_tail){
        .e = vm_exp(-0.5 * square.hi, -0.5 * square.lo),
        .num = {.hi = sum, .lo = ((first - sum) + rest) + VM_TAIL_FIRST_TAIL},
        .den = den,
        .inverse = mapped * both,
    };
}
