/* threshold.c - x where x > threshold, else value (PyTorch threshold). */
#include "kinks.h"

enum { K_THRESHOLD, K_OTHERWISE }; /* parameters of the row */

#define ACTIVATION  threshold
#define VALUE(x, k) ((x) <= (k)[K_THRESHOLD] ? (k)[K_OTHERWISE] : (x))
#define SLOPE(x, k) chosen((x) > (k)[K_THRESHOLD], x, 1, 0)
#include "elementwise.inc"
