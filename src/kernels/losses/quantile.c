/* quantile.c - pinball loss of the q-quantile: q (target - pred) where pred is below, (1 - q)
 * (pred - target) where it is above (scikit-learn mean_pinball_loss). */
#include "pointwise.h"

enum { K_Q };

static inline double slope(double d, double q)
{
    return d > 0 ? 1 - q : d < 0 ? -q : d; /* 0 and NaN give themselves */
}

static inline double term(double d, double q)
{
    return fabs(d) * (d > 0 ? 1 - q : q);
}

#define LOSS        quantile
#define TERM(v, k)  term(v.p - v.t, k[K_Q])
#define SLOPE(v, k) slope(v.p - v.t, k[K_Q])
#include "pointwise.inc"
