/* poisson_nll.c - negative log-likelihood of counts under a Poisson distribution whose rate, or
 * its logarithm, is predicted (PyTorch poisson_nll_loss). */
#include "pointwise.h"

enum { K_LOG_INPUT, K_FULL, K_EPS };

/* exp(x) - t x. At x = inf exp wins, and 0 times infinity is 0: the limits. */
static inline double log_term(struct sc_values v, const double *k)
{
    const double x = v.t == 0 || v.p == HUGE_VAL ? 0 : v.p;

    (void)k;
    return fma(-v.t, x, sc_exp(v.p));
}

static inline double log_slope(struct sc_values v, const double *k)
{
    (void)k;
    return sc_exp(v.p) - v.t;
}

/* x - t log(x + eps). Near x = 1, where the logarithm is small, the rounding error of x + eps
 * counts. */
static inline double rate_term(struct sc_values v, const double *k)
{
    const struct vm_pair u = vm_sum(v.p, k[K_EPS]);
    const bool none = v.t == 0 && v.p >= 0; /* t log(0) is 0 there */
    const double head = none ? 0 : sc_log(u.hi);
    const double tail = none || !(u.hi > 0 && u.hi < HUGE_VAL) ? 0 : u.lo / u.hi;

    return fma(-v.t, tail, fma(-v.t, head, v.p));
}

static inline double rate_slope(struct sc_values v, const double *k)
{
    return v.t == 0 ? 1 : 1 - v.t / (v.p + k[K_EPS]);
}

/* Of log(t!), by Stirling: t log(t) - t + log(2 pi t) / 2 for t > 1. */
static inline double constant(double t)
{
    const double half_log_2pi = 0x1.d67f1c864beb5p-1;
    const double y = fma(t + 0.5, sc_log(t), half_log_2pi - t);

    return t > 1 ? y : 0;
}

static void terms(const struct sc_call *c, struct sc_pointwise *s, int n)
{
    if (c->k[K_LOG_INPUT] != 0)
        SC_EACH(c, s, n, log_term, 1);
    else
        SC_EACH(c, s, n, rate_term, 1);
    if (c->k[K_FULL] == 0) return;
    for (int i = 0; i < n; i++) s->y[i] += constant(s->v[1][i]);
}

static void slopes(const struct sc_call *c, struct sc_pointwise *s, int n)
{
    const double scale = c->scale;

    if (c->k[K_LOG_INPUT] != 0)
        SC_EACH(c, s, n, log_slope, scale);
    else
        SC_EACH(c, s, n, rate_slope, scale);
}

#define LOSS   poisson_nll
#define TERMS  terms
#define SLOPES slopes
#include "pointwise.inc"
