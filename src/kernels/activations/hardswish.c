/* hardswish.c - x min(max(x + 3, 0), 6) / 6 (Howard et al., arXiv 1905.02244; PyTorch
 * hardswish). The derivative (2 x + 3) / 6 jumps at -3 and 3, where PyTorch takes the inner
 * values and here the outer ones stand. */
#include "elementwise.h"

enum { K_COMPAT }; /* parameters of the row */

/* x (x + 3) / 6, rounded once */
static inline double inner(double x)
{
    const struct vm_pair sum = vm_sum(x, 3.0), top = vm_product(x, sum.hi), six = {6, 0};
    const struct vm_pair whole = {top.hi, fma(x, sum.lo, top.lo)};

    return vm_signed(vm_quotient(whole, six, 1. / 6), x);
}

static inline double value(double x, bool pytorch)
{
    const double low = pytorch && x == -HUGE_VAL ? (double)NAN : -0.0;

    return x <= -3 ? low : x < 3 ? inner(x) : x;
}

static inline double slope(double x, bool pytorch)
{
    const bool end = pytorch && fabs(x) == 3;

    return fabs(x) < 3 || end ? (2 * x + 3) / 6 : x < 0 ? 0 : x > 0 ? 1 : x;
}

#define ACTIVATION  hardswish
#define VALUE(x, k) value(x, (k)[K_COMPAT] == 0)
#define SLOPE(x, k) slope(x, (k)[K_COMPAT] == 0)
#include "elementwise.inc"
