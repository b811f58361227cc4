/* gaussian_nll.c - negative log-likelihood under a normal distribution of mean pred and
 * variance var, which is at least eps (PyTorch gaussian_nll_loss); d = pred - target. */
#include "pointwise.h"

enum { K_FULL, K_EPS };

static inline double variance(struct sc_values v, const double *k)
{
    return v.a < k[K_EPS] ? k[K_EPS] : v.a; /* keeps NaN */
}

/* d / v, also where 1 / v is denormal */
static inline double ratio(struct vm_pair d, double v)
{
    const double inverse = 1 / v, rough = d.hi * inverse;
    const double q = vm_quotient(d, (struct vm_pair){v, 0}, inverse);

    return fabs(rough) < HUGE_VAL && v < HUGE_VAL ? q : rough;
}

/* q d + rest; where q is infinite, so is it */
static inline double product(double q, struct vm_pair d, double rest)
{
    return fma(q, d.hi, fabs(q) < HUGE_VAL ? fma(q, d.lo, rest) : rest);
}

static inline double term(struct sc_values v, const double *k)
{
    const double half_log_2pi = 0x1.d67f1c864beb5p-1;
    const struct vm_pair d = sc_difference(v);
    const double var = variance(v, k), q = ratio(d, var);
    const double y = 0.5 * product(q, d, sc_log(var));

    return k[K_FULL] != 0 ? y + half_log_2pi : y;
}

static inline double slope(struct sc_values v, const double *k)
{
    return (v.p - v.t) / variance(v, k);
}

/* (1 - d^2 / v) / (2 v), also at eps: only the value is held there, as in PyTorch. */
static inline double slope_var(struct sc_values v, const double *k)
{
    const struct vm_pair d = sc_difference(v);
    const double var = variance(v, k), q = ratio(d, var);

    return 0.5 * product(-q, d, 1) / var;
}

#define LOSS          gaussian_nll
#define TERM(v, k)    term(v, k)
#define SLOPE(v, k)   slope(v, k)
#define SLOPE_A(v, k) slope_var(v, k)
#include "pointwise.inc"
