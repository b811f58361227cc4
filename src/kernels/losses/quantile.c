/* quantile.c - pinball loss of the q-quantile: q (target - pred) where pred is below, (1 - q)
 * (pred - target) where it is above (scikit-learn mean_pinball_loss). */
#include "pointwise.h"

enum { K_Q };

static enum sc_status check(const struct sc_params *params, struct sc_note *note)
{
    const double q = params->value[K_Q].real;
    char text[SC_NUMBER_TEXT];

    if (q > 0 && q < 1) return SC_OK;
    return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/q",
                   "parameter 'q' is %s; it must be above 0 and below 1",
                   sc_number_text(text, q));
}

static inline double slope(double d, double q)
{
    return d > 0 ? 1 - q : d < 0 ? -q : d; /* 0 and NaN give themselves */
}

static inline double term(double d, double q)
{
    return fabs(d) * (d > 0 ? 1 - q : q);
}

#define LOSS        quantile
#define CHECK       check
#define TERM(v, k)  term(v.p - v.t, k[K_Q])
#define SLOPE(v, k) slope(v.p - v.t, k[K_Q])
#include "pointwise.inc"
