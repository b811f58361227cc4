/* relu.c - max(0, x) (PyTorch relu): NaN stays NaN, -0 stays -0; the derivative at 0 is 0. */
#include "kinks.h"

#define ACTIVATION  relu
#define VALUE(x, k) ((x) < 0 ? 0 : (x))
#define SLOPE(x, k) chosen((x) > 0, x, 1, 0)
#include "elementwise.inc"
