/* elu.c - x where x > 0, else alpha (e^x - 1) (Clevert et al., arXiv 1511.07289; PyTorch elu).
 * By expm1: e^x - 1 has no digits near 0. */
#include "elu.h"

enum { K_ALPHA }; /* parameters of the row */

static inline double value(double x, double alpha)
{
    const struct vm_pair a = {alpha, 0}, v = {x, 0};

    return x < 0 ? scaled_expm1(a, v) : x;
}

static inline double slope(double x, double alpha)
{
    const struct vm_pair v = {x, 0};

    return x > 0 ? 1 : x <= 0 ? scaled_exp(alpha, v) : x;
}

#define ACTIVATION         elu
#define VALUE(x, k)        value(x, (k)[K_ALPHA])
#define SLOPE(x, k)        slope(x, (k)[K_ALPHA])
#define NEARLY_FIRST(x, k) sc_near_elu_first(x)
#define NEARLY(x, first, k)                                                                    \
    sc_near_elu(x, first, (k)[K_ALPHA] != 0 ? (k)[K_ALPHA] : (double)NAN, 1)
#include "elementwise.inc"
