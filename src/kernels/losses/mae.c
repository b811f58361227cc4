/* mae.c - absolute difference: |d|, d = pred - target (PyTorch l1_loss). */
#include "pointwise.h"

static inline double slope(double d)
{
    return d > 0 ? 1 : d < 0 ? -1 : d; /* 0 and NaN give themselves */
}

#define LOSS        mae
#define TERM(v, k)  fabs(v.p - v.t)
#define SLOPE(v, k) slope(v.p - v.t)
#include "pointwise.inc"
