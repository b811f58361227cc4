/* sparse_cross_entropy.c - -w_y log p_y of probabilities p and class indices y.
 *
 * Rows whose probabilities do not add up to 1 are counted, in one count behind those of the
 * classes, and warned of. */
#include "classes.h"

#define SUM_TOLERANCE 1e-4

/* Is a sum as near to 1 as probabilities of that dtype can make it? NaN is not. */
static bool is_one(double sum, enum sc_dtype dtype)
{
    const double step = dtype == SC_BFLOAT16 ? 0x1p-8 : dtype == SC_FLOAT16 ? 0x1p-11 : 0;

    return fabs(sum - 1) <= (step > SUM_TOLERANCE ? step : SUM_TOLERANCE);
}

static void count_sums(const struct sc_call *c, const struct sc_scores *t, struct sc_worker *w)
{
    int64_t *bad = &w->state.count[sc_class_count_at(c->classes)];
    double *sum = t->x.sum;

    for (int i = 0; i < t->x.size; i++) sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++)
        for (int i = 0; i < t->x.size; i++) sum[i] += t->x.value[k * t->x.width + i];
    for (int i = 0; i < t->x.size; i++)
        *bad += t->code[i] < c->classes && !is_one(sum[i], c->in[0]->dtype);
}

static double clamp_eps(const struct sc_call *c)
{
    return sc_param(c->params, "clamp_eps")->real;
}

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double low = clamp_eps(c), high = 1 - low;
    const double least = 0 - sc_log1p(-low); /* of low = 0: not -0 */

    if (w->state.count != NULL) count_sums(c, t, w);
    for (int i = 0; i < t->x.size; i++) {
        const double p = sc_target_score(c, t, i);
        const double own = 0 - sc_log(p < low ? low : p);
        const double surprise = p > high ? least : own;

        t->term[i] = t->code[i] < c->classes ? sc_target_weight(c, t, i) * surprise : 0;
    }
}

static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double low = clamp_eps(c), high = 1 - low;
    double *slope = t->x.rest;

    (void)w;
    for (int i = 0; i < t->x.size; i++) {
        const double p = sc_target_score(c, t, i), weight = sc_target_weight(c, t, i);

        slope[i] = weight == 0 || p < low || p > high ? 0 : -c->scale * weight / p;
    }
    sc_target_slopes(c, t, slope);
}

static void layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums)
{
    sc_class_layout(params, classes, counts, sums);
    *counts += 1;
}

static const char *finish(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *report)
{
    const int64_t bad = state->count[sc_class_count_at(state->classes)];
    const char *status = sc_class_finish(params, state, report);

    if (bad > 0)
        sc_report_warn(report, "not_normalized",
                       "the probabilities of %lld of %lld positions do not add up to 1",
                       (long long)bad, (long long)state->count[SC_LOSS_COUNT]);
    return status;
}

#define LOSS   sparse_cross_entropy
#define TERMS  terms
#define SLOPES slopes
#define LAYOUT layout
#define FINISH finish
#include "classes.inc"
