/* generalized_dice.c - generalized Dice loss (Sudre et al., arXiv 1707.03237): one loss for all
 * classes, 1 - (2 sum w I + s) / (sum w (P + T) + s). */
#include "region_loss.h"

enum { SQUARE, SIMPLE, UNIFORM }; /* words of weighting */

static double region_weight(const struct sc_params *params, double size)
{
    const int weighting = sc_param(params, "weighting")->choice;

    if (weighting == UNIFORM) return 1;
    return weighting == SIMPLE ? 1 / size : 1 / (size * size);
}

/* The weight of a class that the target has not: the largest finite one of the others; 1 where
 * the target has none at all. */
static double weight_of_absent(const struct sc_params *params, const struct sc_exact *sums,
                               int64_t classes)
{
    double largest = 0;

    for (int64_t k = sc_region_first(params); k < classes; k++) {
        const struct sc_overlap o = sc_region_overlap(sums, k);
        const double w = region_weight(params, o.t);

        if (isfinite(w) && w > largest) largest = w;
    }
    return largest > 0 ? largest : 1;
}

/* The loss; where `by_i` is not NULL, also its derivatives by I and P of each class. */
static double joint(const struct sc_params *params, const struct sc_exact *sums,
                    int64_t classes, const double *weight, double *by_i, double *by_p)
{
    const double absent = weight_of_absent(params, sums, classes);
    const double s = sc_overlap_smooth(params);
    double hit = s, missed = 0, whole = s;

    for (int64_t k = 0; k < classes; k++) {
        const bool counted = k >= sc_region_first(params) && weight[k] != 0;
        const struct sc_overlap o = sc_region_overlap(sums, k);
        const double own = region_weight(params, o.t);
        const double w = counted ? weight[k] * (isfinite(own) ? own : absent) : 0;

        if (by_i != NULL) by_i[k] = w;
        if (w == 0) continue;
        hit = fma(w, 2 * o.i, hit);
        missed = fma(w, sc_overlap_missed(&o), missed);
        whole = fma(w, o.p + o.t, whole);
    }
    for (int64_t k = 0; by_i != NULL && k < classes; k++) {
        by_p[k] = by_i[k] * hit / (whole * whole);
        by_i[k] = -2 * by_i[k] / whole;
    }
    return missed / whole;
}

/* ---- the state: that of all region losses, and the sum of the losses of samples ---- */

static void layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums)
{
    sc_region_layout(params, classes, counts, sums);
    *sums += 1;
}

static bool per_sample(const struct sc_params *params)
{
    return sc_param(params, "per_sample")->boolean;
}

static double losses(const struct sc_params *params, const struct sc_state *state)
{
    return per_sample(params) ? (double)state->count[SC_REGION_SAMPLES] : 1;
}

static double scale(const struct sc_call *c)
{
    return sc_loss_divide(c, losses(c->params, c->total));
}

static enum sc_status shape(const struct sc_call *c, int output, int *rank, int64_t *dim)
{
    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = c->whole_samples ? 1 : 0;
    dim[0] = c->samples;
    return SC_OK;
}

static double sum_of_losses(const struct sc_params *params, const struct sc_state *state,
                            struct sc_report *r)
{
    double *weight;

    if (per_sample(params))
        return sc_exact_round(&state->sum[(size_t)state->classes * SC_REGION_SUMS]);
    weight = sc_arena_calloc(r->arena, (size_t)state->classes, sizeof *weight);
    if (weight == NULL) {
        r->failed = true;
        return 0;
    }
    for (int64_t k = 0; k < state->classes; k++) weight[k] = sc_region_weight(state, k);
    return joint(params, state->sum, state->classes, weight, NULL, NULL);
}

static const char *finish(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *r)
{
    const bool any = state->count[SC_LOSS_COUNT] > 0;
    const double sum = any ? sum_of_losses(params, state, r) : 0;
    const char *status = sc_loss_report(params, state, sum, any ? losses(params, state) : 0, r);

    sc_region_classes(sc_dice, params, state, r);
    sc_report_text(r, "rules.averaged",
                   per_sample(params) ? "all classes in one loss a sample, then mean"
                                      : "all classes in one loss, pooled over the batch");
    return status;
}

#define LOSS   generalized_dice
#define VALUE  sc_dice
#define JOINT  joint
#define LAYOUT layout
#define SCALE  scale
#define SHAPE  shape
#define FINISH finish
#include "region.inc"
