/* softsign.c - x / (1 + |x|) (PyTorch softsign, which gives NaN for infinities); derivative
 * 1 / (1 + |x|)^2. */
#include "elementwise.h"

enum { K_COMPAT }; /* parameters of the row */

static inline double value(double x, bool pytorch)
{
    const double a = fabs(x);
    const double y = x / (1 + a);

    return a == HUGE_VAL ? (pytorch ? (double)NAN : vm_signed(1, x)) : y;
}

/* Not 1 / d^2: d^2 overflows where the result is a number still. */
static inline double slope(double x, bool pytorch)
{
    const double a = fabs(x);
    const struct vm_pair d = vm_sum(a, 1.0);
    const double r = 1 / d.hi;
    const double missing = fma(-r, d.hi, 1.0) - r * d.lo;
    const double inverse = a < 0x1p600 ? fma(missing, r, r) : r;

    return pytorch && a == HUGE_VAL ? (double)NAN : inverse * inverse;
}

#define ACTIVATION  softsign
#define VALUE(x, k) value(x, (k)[K_COMPAT] == 0)
#define SLOPE(x, k) slope(x, (k)[K_COMPAT] == 0)
#include "elementwise.inc"
