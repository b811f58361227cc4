/* soft_margin.c - log(1 + exp(-y f)), f = pred a raw margin, y = -1 or 1 (PyTorch
 * soft_margin_loss). */
#include "pointwise.h"

#define LOSS        soft_margin
#define TERM(v, k)  sc_softplus(-v.t *v.p)
#define SLOPE(v, k) (-v.t * sc_sigmoid(-v.t * v.p))
#include "pointwise.inc"
