/* mse.c - squared difference: d^2, d = pred - target (PyTorch mse_loss). */
#include "pointwise.h"

static inline double square(double d)
{
    return d * d;
}

#define LOSS        mse
#define TERM(v, k)  square(v.p - v.t)
#define SLOPE(v, k) (2 * (v.p - v.t))
#include "pointwise.inc"
