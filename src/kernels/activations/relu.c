/* relu.c - max(0, x) (PyTorch relu): NaN stays NaN, -0 stays -0; the derivative at 0 is 0. */
#include "elementwise.h"

static inline double slope(double x)
{
    return x > 0 ? 1 : x <= 0 ? 0 : x;
}

#define ACTIVATION  relu
#define VALUE(x, k) ((x) < 0 ? 0 : (x))
#define SLOPE(x, k) slope(x)
#include "elementwise.inc"
