/* leaky_relu.c - x where x > 0, else a x (PyTorch leaky_relu); the derivative at 0 is a. */
#include "kinks.h"

enum { K_NEGATIVE_SLOPE, K_COMPAT }; /* parameters of the row */

#define ACTIVATION  leaky_relu
#define VALUE(x, k) ((x) > 0 ? (x) : leaked(x, (k)[K_NEGATIVE_SLOPE], (k)[K_COMPAT] == 0))
#define SLOPE(x, k) chosen((x) > 0, x, 1, (k)[K_NEGATIVE_SLOPE])
#include "elementwise.inc"
