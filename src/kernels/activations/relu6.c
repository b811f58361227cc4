/* relu6.c - min(max(0, x), 6) (PyTorch relu6); the derivative at 0 and at 6 is 0. */
#include "kinks.h"

#define ACTIVATION  relu6
#define VALUE(x, k) ((x) < 0 ? 0 : (x) > 6 ? 6 : (x))
#define SLOPE(x, k) chosen((x) > 0 && (x) < 6, x, 1, 0)
#include "elementwise.inc"
