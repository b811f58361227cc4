/* smooth_l1.c - quadratic within beta, the absolute difference less beta / 2 beyond (PyTorch
 * smooth_l1_loss); d = pred - target. beta = 0 is mae. */
#include "pointwise.h"

enum { K_BETA };

static inline double term(struct sc_values v, const double *k)
{
    const struct vm_pair d = sc_difference(v);
    const double size = fabs(d.hi), size_lo = d.hi < 0 ? -d.lo : d.lo;
    const double share = d.hi / k[K_BETA]; /* d^2 could overflow or vanish */
    const double near = 0.5 * fma(share, d.hi, share * d.lo);
    const struct vm_pair far = vm_sum(size, -0.5 * k[K_BETA]);

    if (size < k[K_BETA]) return near;
    return size < HUGE_VAL ? far.hi + (far.lo + size_lo) : size;
}

static inline double slope(struct sc_values v, const double *k)
{
    const double d = v.p - v.t;
    const double side = d > 0 ? 1 : d < 0 ? -1 : d; /* 0 and NaN give themselves */

    return fabs(d) < k[K_BETA] ? d / k[K_BETA] : side;
}

#define LOSS        smooth_l1
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) slope(v, k)
#include "pointwise.inc"
