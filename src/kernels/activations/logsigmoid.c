/* logsigmoid.c - log(1 / (1 + e^-x)) = -log(1 + e^-x) (PyTorch logsigmoid); derivative
 * 1 / (1 + e^x). */
#include "elementwise.h"

#define ACTIVATION  logsigmoid
#define VALUE(x, k) (-sc_softplus(-(x)))
#define SLOPE(x, k) sc_sigmoid(-(x))
#include "elementwise.inc"
