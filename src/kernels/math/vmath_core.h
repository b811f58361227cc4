/* vmath_core.h - the pieces of vmath.h: bits, the exponential, the logarithm, the normal tail.
 *
 * A pair (hi, lo) stands for the sum hi + lo, where lo is about a rounding error of hi.
 * The polynomials are minimax for the relative error of the result (Remez exchange in 200 bits,
 * then rounded); tools/vmath_coefficients.py computes and prints them all, with their errors.
 * Each runs as two interleaved chains, even and odd, which halves its latency. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- bits ---- */

static inline uint64_t vm_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double vm_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* |size| with the sign of `sign`. */
static inline double vm_signed(double size, double sign)
{
    const uint64_t mask = UINT64_C(1) << 63;
    return vm_double((vm_bits(size) & ~mask) | (vm_bits(sign) & mask));
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

/* ---- powers of two ---- */

/* An exponent k travels as k + VM_BIAS in the low 12 bits of a word; the bits above mean
 * nothing. The bias makes both halves of it, in vm_scale, exponents of normal numbers. */
#define VM_BIAS 2046

/* x 2^k, rounded once, also where the result is denormal or infinite; -2044 <= k <= 1024 */
static inline double vm_scale(double x, uint64_t exponent)
{
    const uint64_t half = exponent >> 1;
    return x * vm_double(half << 52) * vm_double((exponent - half) << 52);
}

/* 2^k, which must be normal */
static inline double vm_power(uint64_t exponent)
{
    return vm_double((exponent - (VM_BIAS - 1023)) << 52);
}

/* ---- exp ---- */

/* ln 2 in two pieces; k times the head is exact for |k| < 2048. */
#define VM_LN2_HEAD 0x1.62e42fefa3800p-1
#define VM_LN2_TAIL 0x1.ef35793c76730p-45

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2 */
static inline double vm_exp_rest(double r)
{
    const double z = r * r;
    double even = 0x1.1ee88973082dep-29, odd = 0x1.af5e69eac0442p-26;
    even = fma(even, z, 0x1.27e53624ef034p-22), odd = fma(odd, z, 0x1.71ddf8848d6d3p-19);
    even = fma(even, z, 0x1.a01a017bcd246p-16), odd = fma(odd, z, 0x1.a01a01afd1cd4p-13);
    even = fma(even, z, 0x1.6c16c16c1f055p-10), odd = fma(odd, z, 0x1.111111110f6dfp-7);
    even = fma(even, z, 0x1.555555555553fp-5), odd = fma(odd, z, 0x1.5555555555559p-3);
    even = fma(even, z, 0x1.0000000000000p-1);
    return fma(odd, r, even);
}

/* e^x = 2^k (1 + r + tail), |r| < 0.35, |tail| < 0.07 */
struct vm_reduced {
    double r, tail;
    uint64_t exponent;
};

/* For x = hi + lo, -1400 < hi < 711. */
static inline struct vm_reduced vm_reduce(double hi, double lo)
{
    /* Adding 1.5 2^52 rounds to an integer, and leaves it in the low bits. */
    const double log2e = 0x1.71547652b82fep+0, shift = 0x1.8p52 + VM_BIAS;
    const double shifted = fma(hi, log2e, shift);
    const double k = shifted - shift;
    const double r = fma(k, -VM_LN2_HEAD, hi); /* exact */
    const double rest = fma(k, -VM_LN2_TAIL, lo);
    const double sum = r + rest;
    return (struct vm_reduced){
        .r = r,
        .tail = fma(sum * sum, vm_exp_rest(sum), rest),
        .exponent = vm_bits(shifted),
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
    const uint64_t above = vm_bits(x) - root + (UINT64_C(1024) << 52);
    const uint64_t mantissa = (UINT64_C(1) << 52) - 1;
    const uint64_t k = above >> 52; /* + 1024 */
    return (struct vm_parts){
        .k = vm_double(k | vm_bits(0x1p52)) - (0x1p52 + 1024),
        .m = vm_double((above & mantissa) + root),
        .unit = vm_double((1023 + 1024 - k) << 52),
    };
}

/* (2 atanh(s) - 2 s) / s over z = s^2, for (1 + s) / (1 - s) in [sqrt(1/2), sqrt(2)] */
static inline double vm_log_rest(double z)
{
    const double w = z * z;
    double even = 0x1.2f02ea6b46dcbp-3, odd = 0x1.39a1fb4016755p-3;
    even = fma(even, w, 0x1.74663c55d7545p-3), odd = fma(odd, w, 0x1.c71c521648704p-3);
    even = fma(even, w, 0x1.24924941e0bb4p-2), odd = fma(odd, w, 0x1.999999997feebp-2);
    even = fma(even, w, 0x1.5555555555592p-1);
    return z * fma(odd, z, even);
}

/* The same for (1 + s) / (1 - s) in [1, 2] */
static inline double vm_log1p_rest(double z)
{
    const double w = z * z;
    double even = 0x1.55cf122c73e8dp-4, odd = 0x1.5c5c650547f51p-3;
    even = fma(even, w, 0x1.10682de5359cbp-3), odd = fma(odd, w, 0x1.efd19ceb9d400p-4);
    even = fma(even, w, 0x1.745cb458f41e9p-3), odd = fma(odd, w, 0x1.3b1dd3be2f58ep-3);
    even = fma(even, w, 0x1.24924920910b1p-2), odd = fma(odd, w, 0x1.c71c741a0b2a0p-3);
    even = fma(even, w, 0x1.5555555555535p-1), odd = fma(odd, w, 0x1.99999999a06c2p-2);
    return z * fma(odd, z, even);
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

/* (a + 5/4) e^(a^2/2) Q(a) over t = (a - 6) / (a + 6), without its first term, divided by t */
static inline double vm_tail_rest(double t)
{
    const double z = t * t;
    double even = 0x1.8e35ac31b35bap-29, odd = 0x1.97615c6babaddp-30;
    even = fma(even, z, -0x1.662c418e1a097p-26), odd = fma(odd, z, -0x1.ff006c11fdbffp-27);
    even = fma(even, z, 0x1.fc1c23b52bea9p-27), odd = fma(odd, z, 0x1.0f99ad56d92c2p-23);
    even = fma(even, z, 0x1.aec8782ff661fp-20), odd = fma(odd, z, -0x1.04c99861e4d1fp-20);
    even = fma(even, z, -0x1.a320c8327cd38p-16), odd = fma(odd, z, 0x1.3021278bcf723p-18);
    even = fma(even, z, 0x1.011359d599a20p-13), odd = fma(odd, z, 0x1.1208cd6a0012cp-15);
    even = fma(even, z, 0x1.5f92ccfd2d6c2p-9), odd = fma(odd, z, -0x1.aff62caa3cb3dp-11);
    even = fma(even, z, 0x1.699a6e07bc63cp-7), odd = fma(odd, z, -0x1.96ac494a0299cp-8);
    even = fma(even, z, 0x1.c524a6d1cdfd5p-7), odd = fma(odd, z, -0x1.ec29325f8044bp-7);
    even = fma(even, z, -0x1.97240570c01f4p-6), odd = fma(odd, z, -0x1.fb7095fa0c8a8p-10);
    even = fma(even, z, -0x1.da6ad6bba10bap-4), odd = fma(odd, z, 0x1.0f7065351245cp-4);
    return fma(odd, t, even);
}

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
    const double first = 0x1.e0ebefe9f17c5p-2, first_lo = -0x1.3bd932fd55ba3p-57;
    const double rest = t * vm_tail_rest(t);
    const double sum = first + rest;
    return (struct vm_tail){
        .e = vm_exp(-0.5 * square.hi, -0.5 * square.lo),
        .num = {.hi = sum, .lo = ((first - sum) + rest) + first_lo},
        .den = den,
        .inverse = mapped * both,
    };
}
