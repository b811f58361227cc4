/* celu.c - x where x > 0, else alpha (e^(x / alpha) - 1) (Barron, arXiv 1704.07483; PyTorch
 * celu). */
#include "elu.h"

enum { K_ALPHA }; /* parameters of the row */

/* x / alpha, with what its rounding loses where the exponential can tell. */
static inline struct vm_pair argument(double x, double alpha)
{
    const double hi = x / alpha, left = fma(-hi, alpha, x) / alpha;

    return (struct vm_pair){hi, fabs(hi) < 750 ? left : 0};
}

static inline double value(double x, double alpha)
{
    const struct vm_pair a = {alpha, 0}, v = argument(x, alpha);
    const double y = fabs(v.hi) > 0x1p-54 ? scaled_expm1(a, v) : x;

    return x < 0 ? y : x;
}

static inline double slope(double x, double alpha)
{
    return x > 0 ? 1 : x <= 0 ? scaled_exp(1, argument(x, alpha)) : x;
}

#define ACTIVATION  celu
#define VALUE(x, k) value(x, (k)[K_ALPHA])
#define SLOPE(x, k) slope(x, (k)[K_ALPHA])
#include "elementwise.inc"
