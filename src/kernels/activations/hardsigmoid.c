/* hardsigmoid.c - min(max(x + 3, 0), 6) / 6 (PyTorch hardsigmoid). Not x / 6 + 1/2, which has
 * no digits near -3. */
#include "kinks.h"

#define ACTIVATION  hardsigmoid
#define VALUE(x, k) ((x) < -3 ? 0 : (x) > 3 ? 1 : ((x) + 3) / 6)
#define SLOPE(x, k) chosen(fabs(x) < 3, x, 1. / 6, 0)
#include "elementwise.inc"
