/* kl_div.c - pointwise Kullback-Leibler divergence t (log t - x) of log-probabilities x = pred
 * (PyTorch kl_div); the target t may itself be a logarithm. A probability of 0 adds 0, whatever
 * x is: the limit, where PyTorch gives NaN at x = -inf. */
#include "pointwise.h"

enum { K_LOG_TARGET };

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    (void)arena;
    (void)note;
    c->domain[1] = c->k[K_LOG_TARGET] != 0 ? SC_ANY : SC_NONNEGATIVE;
    return SC_OK;
}

/* q (log_q - x), 0 where q is 0; NaN stays NaN. */
static inline double part(double q, double log_q, double x)
{
    const struct vm_pair d = sc_difference((struct sc_values){.p = log_q, .t = x});

    return q == 0 && x == x ? 0 : fma(q, d.hi, q < HUGE_VAL ? q * d.lo : 0);
}

static inline double term(struct sc_values v, const double *k)
{
    (void)k;
    return part(v.t, sc_log(v.t), v.p);
}

static inline double slope(struct sc_values v, const double *k)
{
    (void)k;
    return -v.t;
}

static inline double log_term(struct sc_values v, const double *k)
{
    (void)k;
    return part(sc_exp(v.t), v.t, v.p);
}

static inline double log_slope(struct sc_values v, const double *k)
{
    (void)k;
    return -sc_exp(v.t);
}

static void terms(const struct sc_call *c, struct sc_pointwise *s, int n)
{
    if (c->k[K_LOG_TARGET] != 0)
        SC_EACH(c, s, n, log_term, 1);
    else
        SC_EACH(c, s, n, term, 1);
}

static void slopes(const struct sc_call *c, struct sc_pointwise *s, int n)
{
    const double scale = c->scale;

    if (c->k[K_LOG_TARGET] != 0)
        SC_EACH(c, s, n, log_slope, scale);
    else
        SC_EACH(c, s, n, slope, scale);
}

#define LOSS    kl_div
#define PREPARE prepare
#define TERMS   terms
#define SLOPES  slopes
#include "pointwise.inc"
