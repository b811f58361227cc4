/* silu.c - x / (1 + e^-x) (Elfwing et al., arXiv 1702.03118; PyTorch silu, which gives NaN at
 * -inf, and as derivative at both infinities). */
#include "elementwise.h"

enum { K_COMPAT }; /* parameters of the row */

static inline double value(double x, bool pytorch)
{
    const double y = sc_silu(x);

    return pytorch && x == -HUGE_VAL ? (double)NAN : y;
}

static inline double slope(double x, bool pytorch)
{
    const double y = sc_silu_slope(x);

    return pytorch && fabs(x) == HUGE_VAL ? (double)NAN : y;
}

#define ACTIVATION          silu
#define VALUE(x, k)         value(x, (k)[K_COMPAT] == 0)
#define SLOPE(x, k)         slope(x, (k)[K_COMPAT] == 0)
#define NEARLY_FIRST(x, k)  sc_near_silu_first(x)
#define NEARLY(x, first, k) sc_near_silu(x, first)
#include "elementwise.inc"
