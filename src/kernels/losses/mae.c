/* mae.c - absolute difference: |d|, d = pred - target (PyTorch l1_loss). */
#include "pointwise.h"

static inline double slope(double d)
{
    return d > 0 ? 1 : d < 0 ? -1 : d; /* 0 and NaN give themselves */
}

#define LOSS           mae
#define TERM(p, t, k)  fabs((p) - (t))
#define SLOPE(p, t, k) slope((p) - (t))
#include "pointwise.inc"
