/* mse.c - squared difference: d^2, d = pred - target (PyTorch mse_loss). */
#include "pointwise.h"

static inline double term(double p, double t)
{
    const double d = p - t;

    return d * d;
}

#define LOSS           mse
#define TERM(p, t, k)  term(p, t)
#define SLOPE(p, t, k) (2 * ((p) - (t)))
#include "pointwise.inc"
