/* log_cosh.c - log(cosh(d)), d = pred - target; its derivative is tanh(d).
 *
 * With a = |d|: log(1 + 2 sinh(a/2)^2) for a < 1, where a + log(1 + e^(-2 a)) - log(2) would
 * cancel; that form beyond, where cosh would overflow. Both end in one logarithm of 1 + f. */
#include "pointwise.h"

/* (sinh(x) - x) / x^3 over z = x^2, for 0 <= x <= 1/2: the series */
static inline double sinh_rest(double z)
{
    double y = 1. / 1307674368000;

    y = fma(y, z, 1. / 6227020800);
    y = fma(y, z, 1. / 39916800);
    y = fma(y, z, 1. / 362880);
    y = fma(y, z, 1. / 5040);
    y = fma(y, z, 1. / 120);
    return fma(y, z, 1. / 6);
}

/* 2 sinh(a / 2)^2 for a = |hi + lo| < 1; sinh is odd, so that the sign goes with the square */
static inline struct vm_pair excess(struct vm_pair d)
{
    const double x = 0.5 * d.hi, x_lo = 0.5 * d.lo, z = x * x;
    const double rest = fma(x * z, sinh_rest(z), x_lo * fma(0.5, z, 1.0));
    const double s = x + rest, s_lo = (x - s) + rest;
    const struct vm_pair square = vm_product(s, s);

    return (struct vm_pair){2 * square.hi, 2 * fma(2 * s, s_lo, square.lo)};
}

static inline double term(struct sc_values v)
{
    const double ln2 = 0x1.62e42fefa39efp-1, ln2_lo = 0x1.abc9e3b39803fp-56;
    const struct vm_pair d = sc_difference(v);
    const double a = fabs(d.hi), a_lo = d.hi < 0 ? -d.lo : d.lo;
    const bool small = a < 1;
    const struct vm_pair y = excess(d), far = vm_sum(a, -ln2);
    const double f = small ? y.hi : sc_exp(-2 * a);
    const double share = fma(f, f - 1, 1); /* 1 / (1 + f), near enough for y.lo */
    const double far_lo = (far.lo - ln2_lo) + a_lo;
    const double s = f / (2 + f);
    const struct vm_pair whole = {small ? 0 : far.hi, small ? y.lo * share : far_lo};
    const double sum = vm_log_sum(whole, f, s, vm_log1p_rest(s * s));

    return a < HUGE_VAL ? sum : a;
}

#define LOSS        log_cosh
#define TERM(v, k)  term(v)
#define SLOPE(v, k) sc_tanh(v.p - v.t)
#define EFFORT      5
#include "pointwise.inc"
