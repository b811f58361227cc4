/* dice.c - soft Dice loss, 1 - (2 I + s) / (P + T + s) (Milletari et al., arXiv 1606.04797;
 * MONAI DiceLoss with smooth_nr = smooth_dr = s). With s = 0 a class that is empty in both is
 * null. */
#include "planes.h"
#include "region.h"
#include "terms.h"

#define SMOOTH k[2] /* by position in the row */

static double value(const struct sc_overlap *o, const double *k)
{
    return 1 - (2 * o->i + SMOOTH) / (o->p + o->t + SMOOTH);
}

static double by_i(const struct sc_overlap *o, const double *k)
{
    return -2 / (o->p + o->t + SMOOTH);
}

static double by_p(const struct sc_overlap *o, const double *k)
{
    const double whole = o->p + o->t + SMOOTH;

    return (2 * o->i + SMOOTH) / (whole * whole);
}

#define LOSS  dice
#define VALUE value
#define BY_I  by_i
#define BY_P  by_p
#include "region.inc"
