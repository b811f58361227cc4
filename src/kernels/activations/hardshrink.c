/* hardshrink.c - x where |x| > lambd, else 0 (PyTorch hardshrink). */
#include "kinks.h"

enum { K_LAMBD }; /* parameters of the row */

#define ACTIVATION  hardshrink
#define VALUE(x, k) (fabs(x) <= (k)[K_LAMBD] ? 0 : (x))
#define SLOPE(x, k) chosen(fabs(x) > (k)[K_LAMBD], x, 1, 0)
#include "elementwise.inc"
