/* vmath.h - exp, log and what is built on them, for float64: the same bits everywhere.
 *
 * Not libm's: those differ between versions and machines, and loops over them stay scalar.
 * These use +, -, *, /, fma, comparisons, selects and integers only, each exact by IEEE 754, so
 * every compiler and machine gives the same bits where nothing is contracted
 * (-ffp-contract=off). A loop over one of them becomes vector code at x86-64-v3, v4 and arm64;
 * at plain x86-64, for want of fma, it does not.
 *
 * The error in ulps stands behind each definition: the largest that was met, rounded up, over
 * all magnitudes and densely at the hard places (tests/unit/test_vmath.c holds them to it). An
 * ulp is that of the result, denormal ones included. NaN gives NaN; infinities give the limit.
 */
#pragma once

#include "vmath_core.h"

/* ---- exp and log ---- */

/* e^x; 0.8 ulp (0.7 where the result is normal) */
static inline double sc_exp(double x)
{
    const double low = x > -746.0 ? x : -746.0;
    const struct vm_exp e = vm_exp(vm_at_most(low, 710.0), 0.0);
    return x != x ? x : vm_scale(e.hi, e.exponent);
}

/* e^(x + x_lo), x_lo a rounding error of x; as accurate as sc_exp */
static inline double sc_exp_sum(double x, double x_lo)
{
    const double low = x > -746.0 ? x : -746.0;
    const struct vm_exp e = vm_exp(vm_at_most(low, 710.0), x > -746.0 ? x_lo : 0.0);
    return x != x ? x : vm_scale(e.hi, e.exponent);
}

/* e^x - 1; 1.25 ulp */
static inline double sc_expm1(double x)
{
    const double low = x > -45.0 ? x : -45.0;
    const double y = 2.0 * vm_half_expm1(vm_at_most(low, 710.0)).hi;
    return fabs(x) > 0x1p-54 ? y : x; /* -0 and NaN too give themselves */
}

/* log(x); 0.65 ulp */
static inline double sc_log(double x)
{
    const int denormal = x < 0x1p-1022;
    const struct vm_parts p = vm_parts(denormal ? x * 0x1p54 : x);
    const double k = denormal ? p.k - 54.0 : p.k;
    const double f = p.m - 1.0;
    const double s = f / (2.0 + f);
    const struct vm_pair whole = {.hi = k * VM_LN2_HEAD, .lo = k * VM_LN2_TAIL};
    const double y = vm_log_sum(whole, f, s, vm_log_rest(s * s));
    const double edge = x == 0.0 ? -HUGE_VAL : x < 0.0 ? (double)NAN : x;
    return x > 0.0 && x < HUGE_VAL ? y : edge;
}

/* log(1 + x + x_lo), x_lo a rounding error of x; 0.65 ulp */
static inline double sc_log1p_sum(double x, double x_lo)
{
    const double u = 1.0 + x;
    const double lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
    const struct vm_parts p = vm_parts(u);
    const double f = p.k == 0.0 ? x : p.m - 1.0;
    /* log(u + lost) = log(u) + lost / u; 1 / (1 + f) is 1 - f + f^2, near enough */
    const double off = p.k == 0.0 ? x_lo : lost + x_lo;
    const double share = off * p.unit * fma(f, f - 1.0, 1.0);
    const double correction = p.k > 60.0 ? 0.0 : share;
    const double s = f / (2.0 + f);
    const struct vm_pair whole = {
        .hi = p.k * VM_LN2_HEAD,
        .lo = fma(p.k, VM_LN2_TAIL, correction),
    };
    const double y = vm_log_sum(whole, f, s, vm_log_rest(s * s));
    const double edge = x == -1.0 ? -HUGE_VAL : x < -1.0 ? (double)NAN : x;
    const double some = fabs(x) > 0x1p-54 ? y : x; /* keeps -0 */
    return x > -1.0 && x < HUGE_VAL ? some : edge;
}

/* log(1 + x); 0.65 ulp */
static inline double sc_log1p(double x)
{
    return sc_log1p_sum(x, 0.0);
}

/* log(1 + e^x); 1.7 ulp */
static inline double sc_softplus(double x)
{
    const struct vm_exp e = vm_exp(-vm_at_most(fabs(x), 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent);
    const double s = z / (2.0 + z);
    const struct vm_pair whole = {.hi = x > 0.0 ? vm_at_most(x, 0x1p1023) : 0.0, .lo = 0.0};
    const double y = vm_log_sum(whole, z, s, vm_log1p_rest(s * s));
    return x < 0x1p60 ? y : x;
}

/* ---- sigmoids ---- */

/* tanh(x); 0.9 ulp */
static inline double sc_tanh(double x)
{
    const struct vm_pair e = vm_half_expm1(-2.0 * vm_at_most(fabs(x), 20.0));
    const double den = 1.0 + e.hi;
    const struct vm_pair top = {.hi = -e.hi, .lo = -e.lo};
    const struct vm_pair bottom = {.hi = den, .lo = ((1.0 - den) + e.hi) + e.lo};
    const double y = vm_quotient(top, bottom, 1.0 / den);
    return x != x ? x : vm_signed(y, x);
}

/* size / (1 + e^-v) for x >= 0, size e^-v / (1 + e^-v) for x < 0; 0 <= v < 1400 */
static inline double vm_gate(double x, double size, struct vm_pair v)
{
    const struct vm_exp e = vm_exp(-v.hi, -v.lo);
    const double power = v.hi < 600.0 ? vm_power(e.exponent) : 0.0;
    const double z = e.hi * power;
    const double den = 1.0 + z;
    const struct vm_pair bottom = {.hi = den, .lo = fma(e.lo, power, (1.0 - den) + z)};
    const struct vm_pair tail = vm_product(size, e.hi);
    const struct vm_pair top = {
        .hi = x < 0.0 ? tail.hi : size,
        .lo = x < 0.0 ? fma(size, e.lo, tail.lo) : 0.0,
    };
    const double q = vm_quotient(top, bottom, 1.0 / den);
    return vm_scale(q, x < 0.0 ? e.exponent : VM_BIAS);
}

/* 1 / (1 + e^-x); 0.8 ulp */
static inline double sc_sigmoid(double x)
{
    const struct vm_pair v = {.hi = vm_at_most(fabs(x), 750.0), .lo = 0.0};
    const double y = vm_gate(x, 1.0, v);
    return x != x ? x : y;
}

/* s (1 - s), s = sigmoid(x); 2.5 ulp. tanh'(x) is 4 times that of 2 x. */
static inline double sc_sigmoid_slope(double x)
{
    const struct vm_exp e = vm_exp(-vm_at_most(fabs(x), 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent);
    const double y = vm_scale(e.hi / fma(z, 2.0 + z, 1.0), e.exponent);
    return x != x ? x : y;
}

/* The derivative of x sigmoid(v(x)), v odd; `rise` is |x| v'(x). */
static inline double vm_gate_slope(double x, struct vm_pair v, double rise)
{
    const struct vm_exp e = vm_exp(-v.hi, -v.lo);
    const double z = vm_scale(e.hi, e.exponent);
    const double part = (1.0 + z) - rise;
    const double den = fma(z, 2.0 + z, 1.0);
    const struct vm_pair product = vm_product(e.hi, part);
    const struct vm_pair top = {.hi = product.hi, .lo = fma(e.lo, part, product.lo)};
    const struct vm_pair bottom = {.hi = den, .lo = 0.0};
    const double y = vm_scale(vm_quotient(top, bottom, 1.0 / den), e.exponent);
    return x != x ? x : x < 0.0 ? y : 1.0 - y;
}

/* x sigmoid(x); 0.8 ulp */
static inline double sc_silu(double x)
{
    const struct vm_pair v = {.hi = vm_at_most(fabs(x), 800.0), .lo = 0.0};
    const double y = vm_gate(x, v.hi, v);
    return x < 800.0 ? vm_signed(y, x) : x;
}

/* s + x s (1 - s), s = sigmoid(x); 2.5 ulp of the larger term */
static inline double sc_silu_slope(double x)
{
    const struct vm_pair v = {.hi = vm_at_most(fabs(x), 800.0), .lo = 0.0};
    return vm_gate_slope(x, v, v.hi);
}

/* ---- gelu: x Phi(x), Phi the distribution function of the normal ---- */

/* x Phi(x); 1.5 ulp. Not by 1 + erf, whose digits cancel for x < 0. */
static inline double sc_gelu(double x)
{
    const double a = vm_at_most(fabs(x), 40.0);
    const struct vm_tail q = vm_tail(a);
    const struct vm_pair ap = vm_product(a, q.num.hi);
    const struct vm_pair top = vm_product(ap.hi, q.e.hi);
    const double ap_lo = fma(a, q.num.lo, ap.lo);
    const double top_lo = fma(ap.hi, q.e.lo, fma(ap_lo, q.e.hi, top.lo));
    const struct vm_pair num = {.hi = top.hi, .lo = top_lo};
    const double y = vm_scale(vm_quotient(num, q.den, q.inverse), q.e.exponent);
    return x < 0.0 ? -y : x - y;
}

/* Phi(x) + x phi(x); 2.7 ulp of the larger term, since they cancel near x = -0.75 */
static inline double sc_gelu_slope(double x)
{
    const double a = vm_at_most(fabs(x), 40.0);
    const struct vm_tail q = vm_tail(a);
    const double upper = vm_quotient(q.num, q.den, q.inverse);
    const double y = vm_scale(fma(-VM_DENSITY, a, upper) * q.e.hi, q.e.exponent);
    return x != x ? x : x < 0.0 ? y : 1.0 - y;
}

/* ---- gelu, tanh form: x/2 (1 + tanh(v/2)) = x sigmoid(v), which does not cancel ---- */

/* v = 2 sqrt(2/pi) (a + 0.044715 a^3) for 0 <= a <= 24. As a pair, because exp turns an error
 * of v into a relative one of the result, v times as large. */
static inline struct vm_pair vm_gelu_tanh_argument(double a)
{
    /* c1 is without its last bits, so that c1 - sum is exact. */
    const double c1 = VM_GELU_C1_HEAD, c1_lo = VM_GELU_C1_TAIL;
    const double c3 = VM_GELU_C3_HEAD, c3_lo = VM_GELU_C3_TAIL;
    const struct vm_pair square = vm_product(a, a);
    const double sum = fma(c3, square.hi, c1);
    const double sum_lo = fma(c3, square.hi, c1 - sum);
    const double rest = fma(c3_lo, square.hi, fma(c3, square.lo, c1_lo));
    const struct vm_pair v = vm_product(a, sum);
    const double v_lo = fma(a, sum_lo + rest, v.lo);
    const double hi = v.hi + v_lo;
    return (struct vm_pair){.hi = hi, .lo = (v.hi - hi) + v_lo};
}

/* x sigmoid(v); 0.8 ulp */
static inline double sc_gelu_tanh(double x)
{
    const double a = vm_at_most(fabs(x), 24.0);
    const double y = vm_gate(x, a, vm_gelu_tanh_argument(a));
    return x < 24.0 ? vm_signed(y, x) : x;
}

/* s + x s (1 - s) v', s = sigmoid(v); 3.6 ulp of the larger term */
static inline double sc_gelu_tanh_slope(double x)
{
    const double c3 = VM_GELU_C3_HEAD;
    const double a = vm_at_most(fabs(x), 24.0);
    const struct vm_pair v = vm_gelu_tanh_argument(a);
    return vm_gate_slope(x, v, fma(2.0 * c3 * a, a * a, v.hi));
}
