/* sigmoid.c - the logistic function, 1 / (1 + exp(-x)) (PyTorch sigmoid); derivative s (1 - s).
 */
#include "elementwise.h"

#define ACTIVATION sigmoid
#define VALUE(x)   sc_sigmoid(x)
#define SLOPE(x)   sc_sigmoid_slope(x)
#include "elementwise.inc"
