/* binary_cross_entropy.c - -w (t log p + (1 - t) log(1 - p)) of probabilities p (PyTorch
 * binary_cross_entropy). Nothing is clamped: a wrong certainty is infinite. PyTorch holds each
 * logarithm at -100 or above, and p (1 - p) in the derivative at 1e-12 or above: the float32,
 * which is 4e-9 smaller, for float64 too. */
#include "pointwise.h"

enum { K_COMPAT };

#define PYTORCH (k[K_COMPAT] == 0)
#define FLOOR   ((double)1e-12f)

/* -log(p) for a share t of the term: a share of 0 takes no infinity. */
static inline double surprise(double t, double log_p, const double *k)
{
    const double held = PYTORCH && log_p < -100 ? -100 : log_p;

    return t == 0 && held == -HUGE_VAL ? 0 : 0 - held;
}

static inline double term(struct sc_values v, const double *k)
{
    const struct vm_pair t = {v.t, 0}, rest = vm_sum(1, -v.t);
    const double yes = surprise(t.hi, sc_log(v.p), k);
    const double no = surprise(rest.hi, sc_log1p(-v.p), k);

    return sc_weigh(v.a, sc_blend(t, yes, rest, no));
}

/* (p - t) / (p (1 - p)), where a target of 0 or 1 leaves one factor. */
static inline double slope(struct sc_values v, const double *k)
{
    const double p = v.p, q = 1 - v.p, t = v.t;
    const double num = t == 1 ? -1 : t == 0 ? 1 : p - t;
    const double den = t == 1 ? p : t == 0 ? q : p * q;
    const double held = p * q < FLOOR ? FLOOR : p * q;

    return PYTORCH ? v.a * ((p - t) / held) : sc_weigh(v.a, (struct vm_pair){num / den, 0});
}

#define LOSS        binary_cross_entropy
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) slope(v, k)
#include "pointwise.inc"
