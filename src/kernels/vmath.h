/* vmath.h - exp, log and what is built on them, for float64: the same bits everywhere.
 *
 * Not libm's: those differ between versions and machines, and loops over them do not vectorise.
 * Here are only additions, multiplications, divisions, fma, comparisons, selects and integer
 * operations, each exact by IEEE 754, so that every compiler and machine gives the same bits as
 * long as it contracts nothing (-ffp-contract=off). A loop over one of these functions becomes
 * vector code at x86-64-v3, v4 and arm64; at x86-64 it stays scalar, for want of fma.
 *
 * NaN gives NaN. A bound in ulps holds for every input; it is of the result, and where that is
 * denormal, of the denormal spacing. All coefficients are printed, with their errors, by
 * tools/vmath_coefficients.py.
 *
 * Names: a pair (hi, lo) stands for the sum hi + lo, where lo is a rounding error of hi. */
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

static inline double vm_at_most(double x, double bound)
{
    return x < bound ? x : bound;
}

/* ---- the exponential core ---- */

/* ln 2 = HEAD + TAIL; the head has 42 bits, so that k HEAD is exact. */
#define VM_LOG2E    0x1.71547652b82fep+0
#define VM_LN2_HEAD 0x1.62e42fefa3800p-1
#define VM_LN2_TAIL 0x1.ef35793c76730p-45

/* Exponents travel as the integer k + VM_BIAS in the low 12 bits of a word. */
#define VM_BIAS 2046

/* e^x = 2^k (1 + r + tail), |r| < 0.35, |tail| < 0.07. */
struct vm_reduced {
    double r, tail;
    uint64_t exponent; /* k + VM_BIAS; the bits above the lowest 12 mean nothing */
};

/* (e^r - 1 - r) / r^2, minimax for |r| < ln 2 / 2 */
static inline double vm_exp_rest(double r)
{
    const double z = r * r;
    double even = 0x1.28ad69ee1ccddp-22, odd = 0x1.ad7f937d3a8b8p-26;
    even = fma(even, z, 0x1.a0199a158c480p-16), odd = fma(odd, z, 0x1.71df2529d2578p-19);
    even = fma(even, z, 0x1.6c16c18426e4bp-10), odd = fma(odd, z, 0x1.a01a012a71e4ep-13);
    even = fma(even, z, 0x1.555555555088ap-5), odd = fma(odd, z, 0x1.1111111127b7ep-7);
    even = fma(even, z, 0x1.000000000000ap-1), odd = fma(odd, z, 0x1.55555555554fap-3);
    return fma(odd, r, even);
}

/* For x = hi + lo, -1400 < hi < 711. */
static inline struct vm_reduced vm_reduce(double hi, double lo)
{
    /* Adding 1.5 2^52 rounds to an integer and leaves it in the low bits. */
    const double shift = 0x1.8p52 + VM_BIAS;
    const double shifted = fma(hi, VM_LOG2E, shift);
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

/* x 2^k, rounded once, also to a denormal. */
static inline double vm_scale(double x, uint64_t exponent)
{
    const uint64_t half = exponent >> 1;
    return x * vm_double(half << 52) * vm_double((exponent - half) << 52);
}

/* 2^(k - less), which must be a normal number. */
static inline double vm_power(uint64_t exponent, uint64_t less)
{
    return vm_double((exponent - (VM_BIAS - 1023) - less) << 52);
}

/* e^x = 2^k (hi + lo) */
struct vm_exp {
    double hi, lo;
    uint64_t exponent;
};

static inline struct vm_exp vm_exp(double x, double x_lo)
{
    const struct vm_reduced e = vm_reduce(x, x_lo);
    const double one = 1.0 + e.r;
    const double rest = ((1.0 - one) + e.r) + e.tail;
    const double hi = one + rest;
    return (struct vm_exp){.hi = hi, .lo = (one - hi) + rest, .exponent = e.exponent};
}

/* (num + num_lo) / (den + den_lo), 0.51 ulp */
static inline double vm_quotient(double num, double num_lo, double den, double den_lo)
{
    const double inverse = 1.0 / den;
    const double q = num * inverse;
    const double missing = fma(-q, den, num) + fma(-q, den_lo, num_lo);
    return fma(missing, inverse, q);
}

/* ---- exp, expm1 ---- */

static inline double sc_exp(double x)
{
    const double low = x > -746.0 ? x : -746.0;
    const struct vm_exp e = vm_exp(vm_at_most(low, 710.0), 0.0);
    return x != x ? x : vm_scale(e.hi, e.exponent);
}

/* e^x - 1 halved, as hi + lo, for -60 < x < 711: halved because 2^1024 is no number. */
static inline struct vm_exp vm_half_expm1(double x)
{
    const struct vm_reduced e = vm_reduce(x, 0.0);
    const double s = vm_power(e.exponent, 1);
    const double big = s - 0.5, small = s * e.r; /* |big| > |small|, or big is 0 */
    const double sum = big + small;
    const double rest = fma(s, e.tail, (big - sum) + small);
    const double hi = sum + rest;
    return (struct vm_exp){.hi = hi, .lo = (sum - hi) + rest, .exponent = e.exponent};
}

static inline double sc_expm1(double x)
{
    const double low = x > -45.0 ? x : -45.0;
    const double y = 2.0 * vm_half_expm1(vm_at_most(low, 710.0)).hi;
    return fabs(x) > 0x1p-54 ? y : x; /* small ones, -0 and NaN give themselves */
}

/* ---- log, log1p ---- */

/* k ln 2 + log(1 + f) + c; s = f / (2 + f), rest = (2 atanh(s) - 2 s) / s */
static inline double vm_log_sum(double k, double f, double s, double rest, double c)
{
    const double half = 0.5 * f;
    const double square = half * f;
    const double head = f - square;
    const double head_lo = ((f - head) - square) - fma(half, f, -square);
    const double whole = k * VM_LN2_HEAD;
    const double sum = whole + head;
    const double sum_lo = (whole - sum) + head;
    const double small = fma(k, VM_LN2_TAIL, fma(s, square + rest, c));
    return sum + (sum_lo + (head_lo + small));
}

/* (2 atanh(s) - 2 s) / s, z = s^2, minimax for 1 + f in [sqrt(1/2), sqrt(2)] */
static inline double vm_log_rest(double z)
{
    const double w = z * z;
    double even = 0x1.2f02ea6b46dcbp-3, odd = 0x1.39a1fb4016755p-3;
    even = fma(even, w, 0x1.74663c55d7545p-3), odd = fma(odd, w, 0x1.c71c521648704p-3);
    even = fma(even, w, 0x1.24924941e0bb4p-2), odd = fma(odd, w, 0x1.999999997feebp-2);
    even = fma(even, w, 0x1.5555555555592p-1);
    return z * fma(odd, z, even);
}

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

static inline double sc_log(double x)
{
    const double normal = x < 0x1p-1022 ? x * 0x1p54 : x;
    const struct vm_parts p = vm_parts(normal);
    const double k = x < 0x1p-1022 ? p.k - 54.0 : p.k;
    const double f = p.m - 1.0;
    const double s = f / (2.0 + f);
    const double y = vm_log_sum(k, f, s, vm_log_rest(s * s), 0.0);
    const double edge = x == 0.0 ? -HUGE_VAL : x < 0.0 ? (double)NAN : x; /* NaN and inf: x */
    return x > 0.0 && x < HUGE_VAL ? y : edge;
}

static inline double sc_log1p(double x)
{
    const double u = 1.0 + x;
    const double lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
    const struct vm_parts p = vm_parts(u);
    /* log(u + lost) = log(u) + lost/u, to a few bits, and only where u lost some of x */
    const double f = p.k == 0.0 ? x : p.m - 1.0;
    const double scaled = lost * p.unit * fma(f, f - 1.0, 1.0);
    const double c = p.k == 0.0 || p.k > 60.0 ? 0.0 : scaled;
    const double s = f / (2.0 + f);
    const double y = vm_log_sum(p.k, f, s, vm_log_rest(s * s), c);
    const double edge = x == -1.0 ? -HUGE_VAL : x < -1.0 ? (double)NAN : x;
    const double some = fabs(x) > 0x1p-54 ? y : x; /* keeps -0 */
    return x > -1.0 && x < HUGE_VAL ? some : edge;
}

/* ---- tanh, sigmoid, softplus ---- */

static inline double sc_tanh(double x)
{
    const double a = vm_at_most(fabs(x), 20.0);
    const struct vm_exp e = vm_half_expm1(-2.0 * a);
    const double den = 1.0 + e.hi;
    const double den_lo = ((1.0 - den) + e.hi) + e.lo;
    const double y = vm_signed(vm_quotient(-e.hi, -e.lo, den, den_lo), x);
    return x != x ? x : y;
}

/* size / (1 + e^-v) for x >= 0, size e^-v / (1 + e^-v) for x < 0; v = hi + lo in [0, 1400]. */
static inline double vm_gate(double x, double size, double hi, double lo)
{
    const struct vm_exp e = vm_exp(-hi, -lo);
    const double power = hi < 600.0 ? vm_power(e.exponent, 0) : 0.0;
    const double z = e.hi * power;
    const double den = 1.0 + z;
    const double den_lo = fma(e.lo, power, (1.0 - den) + z);
    const double tail = size * e.hi;
    const double tail_lo = fma(size, e.lo, fma(size, e.hi, -tail));
    const double num = x < 0.0 ? tail : size;
    const double num_lo = x < 0.0 ? tail_lo : 0.0;
    return vm_scale(vm_quotient(num, num_lo, den, den_lo), x < 0.0 ? e.exponent : VM_BIAS);
}

static inline double sc_sigmoid(double x)
{
    const double y = vm_gate(x, 1.0, vm_at_most(fabs(x), 750.0), 0.0);
    return x != x ? x : y;
}

/* s (1 - s), s = sigmoid(x) */
static inline double sc_sigmoid_slope(double x)
{
    const struct vm_exp e = vm_exp(-vm_at_most(fabs(x), 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent);
    const double y = vm_scale(e.hi / fma(z, 2.0 + z, 1.0), e.exponent);
    return x != x ? x : y;
}

/* (2 atanh(s) - 2 s) / s, z = s^2, minimax for s in [0, 1/3] */
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

/* log(1 + e^x) */
static inline double sc_softplus(double x)
{
    const struct vm_exp e = vm_exp(-vm_at_most(fabs(x), 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent);
    const double s = z / (2.0 + z);
    const double y = vm_log_sum(0.0, z, s, vm_log1p_rest(s * s), 0.0);
    return x != x ? x : (x > 0.0 ? x : 0.0) + y;
}

/* x sigmoid(x) */
static inline double sc_silu(double x)
{
    const double a = vm_at_most(fabs(x), 800.0);
    const double y = vm_signed(vm_gate(x, a, a, 0.0), x);
    return x < 800.0 ? y : x;
}

/* ---- gelu ---- */

/* The upper tail of the normal distribution, Q(a) = e^(-a^2/2) (p + p_lo) / (d + d_lo), where p
 * is a polynomial in t = (a - 5) / (a + 5) and d = a + 5; 0 <= a <= 40. */
struct vm_tail {
    struct vm_exp e;
    double p, p_lo, d, d_lo;
};

/* The polynomial without its first two terms, divided by t^2 */
static inline double vm_tail_rest(double t)
{
    const double z = t * t;
    double even = -0x1.36ce736cd4b29p-30, odd = -0x1.966a1d2ffb898p-32;
    even = fma(even, z, 0x1.6fc647b0e1445p-27), odd = fma(odd, z, 0x1.2ef89167d8bddp-29);
    even = fma(even, z, -0x1.2cb9341a6b990p-24), odd = fma(odd, z, -0x1.268ecfce95779p-27);
    even = fma(even, z, 0x1.d45db87f7818ap-22), odd = fma(odd, z, 0x1.5998faa2dcb2ep-25);
    even = fma(even, z, -0x1.73dfc6f64d933p-19), odd = fma(odd, z, -0x1.674ddb850c116p-22);
    even = fma(even, z, 0x1.17df0b50cec1dp-16), odd = fma(odd, z, 0x1.0b15068d80cc5p-18);
    even = fma(even, z, -0x1.f2149215ab155p-15), odd = fma(odd, z, -0x1.a17014bb61336p-15);
    even = fma(even, z, -0x1.a2503779f6d29p-11), odd = fma(odd, z, 0x1.1daf1ae44a529p-11);
    even = fma(even, z, 0x1.54b4d4f48ba7cp-6), odd = fma(odd, z, -0x1.88590e9875391p-9);
    even = fma(even, z, 0x1.51f6329f01b93p-3), odd = fma(odd, z, -0x1.1b1c254ca3ecfp-4);
    even = fma(even, z, 0x1.fb31653876f89p-2), odd = fma(odd, z, -0x1.410ed5f87594dp-2);
    return fma(odd, t, even);
}

/* The last two steps of the polynomial, and t itself, keep their rounding errors. */
static inline struct vm_tail vm_tail(double a)
{
    const double square = a * a;
    const double square_lo = fma(a, a, -square);
    const double d = a + 5.0, part = d - a;
    const double d_lo = (a - (d - part)) + (5.0 - part);
    const double n = d - 10.0; /* exact */
    const double inverse = 1.0 / d;
    const double t = n * inverse;
    const double t_lo = inverse * fma(d_lo, 1.0 - t, fma(-t, d, n));

    const double c1 = -0x1.54ad03f27ca18p-1;
    const double c0 = 0x1.89d3abe1f95aep-1, c0_lo = -0x1.06d84fcd00b83p-56;
    const double rest = vm_tail_rest(t);
    const double r1 = t * rest;
    const double s1 = c1 + r1;
    const double s1_lo = ((c1 - s1) + r1) + fma(t_lo, rest, fma(t, rest, -r1));
    const double r0 = t * s1;
    const double s0 = c0 + r0;
    const double r0_lo = fma(t, s1_lo, fma(t_lo, s1, fma(t, s1, -r0)));
    return (struct vm_tail){
        .e = vm_exp(-0.5 * square, -0.5 * square_lo),
        .p = s0,
        .p_lo = ((c0 - s0) + r0) + (r0_lo + c0_lo),
        .d = d,
        .d_lo = d_lo,
    };
}

/* x Phi(x), Phi the distribution function of the normal */
static inline double sc_gelu(double x)
{
    const double a = vm_at_most(fabs(x), 40.0);
    const struct vm_tail q = vm_tail(a);
    const double ap = a * q.p;
    const double ap_lo = fma(a, q.p_lo, fma(a, q.p, -ap));
    const double num = ap * q.e.hi;
    const double num_lo = fma(ap, q.e.lo, fma(ap_lo, q.e.hi, fma(ap, q.e.hi, -num)));
    const double y = vm_scale(vm_quotient(num, num_lo, q.d, q.d_lo), q.e.exponent);
    return x < 0.0 ? -y : x - y;
}

/* Phi(x) + x phi(x). 0 near x = -0.75: the ulp is that of the larger term. */
static inline double sc_gelu_slope(double x)
{
    const double a = vm_at_most(fabs(x), 40.0);
    const struct vm_tail q = vm_tail(a);
    const double density = 0x1.9884533d43651p-2; /* 1 / sqrt(2 pi) */
    const double y = vm_scale(fma(-density, a, q.p / q.d) * q.e.hi, q.e.exponent);
    return x != x ? x : x < 0.0 ? y : 1.0 - y;
}

/* ---- gelu, tanh form ---- */

/* v = 2 sqrt(2/pi) (a + 0.044715 a^3) as hi + lo, for 0 <= a <= 24 */
struct vm_pair {
    double hi, lo;
};

static inline struct vm_pair vm_gelu_argument(double a)
{
    /* The head of c1 has 40 bits, so that c1 - sum is exact. */
    const double c1 = 0x1.9884533d43000p+0, c1_lo = 0x1.942343f2cf140p-42;
    const double c3 = 0x1.2444f2a4d8b4bp-4, c3_lo = -0x1.6c843a29d1c70p-61;
    const double square = a * a;
    const double square_lo = fma(a, a, -square);
    const double sum = fma(c3, square, c1);
    const double sum_lo = fma(c3, square, c1 - sum) +
                          fma(c3_lo, square, fma(c3, square_lo, c1_lo));
    const double hi = a * sum;
    return (struct vm_pair){.hi = hi, .lo = fma(a, sum_lo, fma(a, sum, -hi))};
}

/* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) = x sigmoid(v) */
static inline double sc_gelu_tanh(double x)
{
    const double a = vm_at_most(fabs(x), 24.0);
    const struct vm_pair v = vm_gelu_argument(a);
    const double y = vm_signed(vm_gate(x, a, v.hi, v.lo), x);
    return x < 24.0 ? y : x;
}

/* The derivative of x sigmoid(v), av = |x| dv/dx. The ulp is that of the larger term. */
static inline double vm_gate_slope(double x, double hi, double lo, double av)
{
    const struct vm_exp e = vm_exp(-hi, -lo);
    const double z = vm_scale(e.hi, e.exponent);
    const double num = e.hi * ((1.0 + z) - av);
    const double y = vm_scale(num / fma(z, 2.0 + z, 1.0), e.exponent);
    return x != x ? x : x < 0.0 ? y : 1.0 - y;
}

static inline double sc_gelu_tanh_slope(double x)
{
    const double a = vm_at_most(fabs(x), 24.0);
    const struct vm_pair v = vm_gelu_argument(a);
    const double cubic = 2.0 * 0x1.2444f2a4d8b4bp-4 * a * (a * a);
    return vm_gate_slope(x, v.hi, v.lo, v.hi + cubic);
}

static inline double sc_silu_slope(double x)
{
    const double a = vm_at_most(fabs(x), 800.0);
    return vm_gate_slope(x, a, 0.0, a);
}
