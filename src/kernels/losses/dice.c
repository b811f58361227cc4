/* dice.c - soft Dice loss, 1 - (2 I + s) / (P + T + s) (Milletari et al., arXiv 1606.04797;
 * MONAI DiceLoss with smooth_nr = smooth_dr = s). With s = 0 a class that is empty in both is
 * null. */
#include "region_loss.h"

static double by_i(const struct sc_overlap *o, const struct sc_params *params)
{
    return -2 / (o->p + o->t + sc_overlap_smooth(params));
}

static double by_p(const struct sc_overlap *o, const struct sc_params *params)
{
    const double s = sc_overlap_smooth(params), whole = o->p + o->t + s;

    return (2 * o->i + s) / (whole * whole);
}

#define LOSS  dice
#define VALUE sc_dice
#define BY_I  by_i
#define BY_P  by_p
#include "region.inc"
