/* huber.c - quadratic within delta, linear beyond (PyTorch huber_loss); d = pred - target. */
#include "pointwise.h"

enum { K_DELTA };

/* delta |d| - delta^2 / 2 beyond, where the two are of one size: the rounding errors of d and
 * delta^2 count. */
static inline double term(struct sc_values v, const double *k)
{
    const struct vm_pair d = sc_difference(v);
    const struct vm_pair square = vm_product(k[K_DELTA], k[K_DELTA]);
    const double size = fabs(d.hi), size_lo = d.hi < 0 ? -d.lo : d.lo;
    const double rest = fma(k[K_DELTA], size_lo, -0.5 * square.lo);
    const double far = fma(k[K_DELTA], size, -0.5 * square.hi) + rest;

    return size < k[K_DELTA] ? 0.5 * d.hi * d.hi : far;
}

static inline double slope(struct sc_values v, const double *k)
{
    const double d = v.p - v.t;

    return d > k[K_DELTA] ? k[K_DELTA] : d < -k[K_DELTA] ? -k[K_DELTA] : d;
}

#define LOSS        huber
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) slope(v, k)
#include "pointwise.inc"
