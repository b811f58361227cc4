/* mean_bias_error.c - signed difference: pred - target. */
#include "pointwise.h"

#define LOSS        mean_bias_error
#define TERM(v, k)  (v.p - v.t)
#define SLOPE(v, k) 1.0
#include "pointwise.inc"
