/* sigmoid.c - the logistic function, 1 / (1 + exp(-x)) (PyTorch sigmoid); derivative s (1 - s).
 */
#include "elementwise.h"

#define ACTIVATION          sigmoid
#define VALUE(x, k)         sc_sigmoid(x)
#define SLOPE(x, k)         sc_sigmoid_slope(x)
#define NEARLY_FIRST(x, k)  sc_near_sigmoid_first(x)
#define NEARLY(x, first, k) sc_near_sigmoid(x, first)
#include "elementwise.inc"
