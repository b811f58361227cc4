/* hinge_embedding.c - pred is a distance: itself where target is 1, max(0, margin - pred) where
 * it is -1 (PyTorch hinge_embedding_loss). */
#include "pointwise.h"

enum { K_MARGIN };

/* What the distance lacks of the margin; NaN stays NaN. */
static inline double lack(struct sc_values v, const double *k)
{
    const double h = k[K_MARGIN] - v.p;

    return h <= 0 ? 0 : h;
}

static inline double slope(struct sc_values v, const double *k)
{
    const double h = lack(v, k);

    return v.t > 0 ? 1 : h > 0 ? -1 : h; /* 0 and NaN give themselves */
}

#define LOSS        hinge_embedding
#define TERM(v, k)  (v.t > 0 ? v.p : lack(v, k))
#define SLOPE(v, k) slope(v, k)
#include "pointwise.inc"
