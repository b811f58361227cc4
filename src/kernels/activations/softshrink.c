/* softshrink.c - x - lambd where x > lambd, x + lambd where x < -lambd, else 0 (PyTorch
 * softshrink, which gives 0 for NaN). */
#include "kinks.h"

enum { K_LAMBD, K_COMPAT }; /* parameters of the row */

static inline double value(double x, double lambd, bool pytorch)
{
    const double beyond = x > 0 ? x - lambd : x + lambd;

    if (x != x) return pytorch ? 0 : x;
    return fabs(x) > lambd ? beyond : 0;
}

#define ACTIVATION  softshrink
#define VALUE(x, k) value(x, (k)[K_LAMBD], (k)[K_COMPAT] == 0)
#define SLOPE(x, k) chosen(fabs(x) > (k)[K_LAMBD], x, 1, 0)
#include "elementwise.inc"
