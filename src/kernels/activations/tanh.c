/* tanh.c - hyperbolic tangent (PyTorch tanh). Its derivative 1 - tanh^2 is 4 s (1 - s), s the
 * logistic function of 2 x, which does not cancel. */
#include "elementwise.h"

#define ACTIVATION          tanh
#define VALUE(x, k)         sc_tanh(x)
#define SLOPE(x, k)         (4 * sc_sigmoid_slope(2 * (x)))
#define NEARLY_FIRST(x, k)  sc_near_tanh_first(x)
#define NEARLY(x, first, k) sc_near_tanh(x, first)
#include "elementwise.inc"
