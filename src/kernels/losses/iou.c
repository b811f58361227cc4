/* iou.c - soft intersection over union as a loss, 1 - (I + s) / (P + T - I + s) (MONAI DiceLoss
 * with jaccard=True, but for its factor 2 of s). */
#include "region_loss.h"

static double united(const struct sc_overlap *o, const struct sc_params *params)
{
    return o->p + (o->t - o->i) + sc_overlap_smooth(params);
}

static double value(const struct sc_overlap *o, const struct sc_params *params)
{
    return sc_overlap_missed(o) / united(o, params);
}

static double by_i(const struct sc_overlap *o, const struct sc_params *params)
{
    const double u = united(o, params), hit = o->i + sc_overlap_smooth(params);

    return -(u + hit) / (u * u);
}

static double by_p(const struct sc_overlap *o, const struct sc_params *params)
{
    const double u = united(o, params);

    return (o->i + sc_overlap_smooth(params)) / (u * u);
}

#define LOSS  iou
#define VALUE value
#define BY_I  by_i
#define BY_P  by_p
#include "region.inc"
