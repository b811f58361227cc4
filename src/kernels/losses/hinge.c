/* hinge.c - max(0, margin - y f), f = pred a raw margin, y = -1 or 1; or its square
 * (scikit-learn hinge_loss). */
#include "pointwise.h"

enum { K_MARGIN, K_SQUARED, K_LABEL_ENCODING };
enum { PM1, ZERO_ONE }; /* words of label_encoding */

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    (void)arena;
    (void)note;
    c->domain[1] = c->k[K_LABEL_ENCODING] == ZERO_ONE ? SC_BINARY : SC_SIGN;
    return SC_OK;
}

static inline double sign(double t, const double *k)
{
    return k[K_LABEL_ENCODING] == ZERO_ONE ? 2 * t - 1 : t;
}

/* What f lacks of the margin; NaN stays NaN. */
static inline double lack(struct sc_values v, const double *k)
{
    const double h = fma(-sign(v.t, k), v.p, k[K_MARGIN]);

    return h <= 0 ? 0 : h;
}

static inline double term(struct sc_values v, const double *k)
{
    const double h = lack(v, k);

    return k[K_SQUARED] != 0 ? h * h : h;
}

static inline double slope(struct sc_values v, const double *k)
{
    const double h = lack(v, k), step = h > 0 ? 1 : h; /* 0 and NaN give themselves */

    return -sign(v.t, k) * (k[K_SQUARED] != 0 ? 2 * h : step);
}

#define LOSS        hinge
#define PREPARE     prepare
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) slope(v, k)
#include "pointwise.inc"
