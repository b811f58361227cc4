/* classification.c - counts the pairs of classes, and how often the target is among the k best.
 */
#include "classification_report.h"

#include "load.h"
#include "planes.h"

/* How many classes of each position come before the target: those with a larger score, and of
 * equal scores the lower ones. A NaN is below every number. */
static void rank_targets(const struct sc_call *c, const struct sc_tile *t,
                         const int32_t *target, int32_t *rank)
{
    double own[SC_TILE];

    for (int i = 0; i < t->size; i++) {
        own[i] = target[i] < c->classes ? t->value[target[i] * t->width + i] : NAN;
        rank[i] = 0;
    }
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) {
            const bool above = (x[i] > own[i]) | ((own[i] != own[i]) & (x[i] == x[i]));
            const bool below = (x[i] < own[i]) | ((x[i] != x[i]) & (own[i] == own[i]));

            rank[i] += above | (!above & !below & (k < target[i]));
        }
    }
}

/* Is the position scored: neither ignored nor dropped? */
static bool is_scored(const struct sc_call *c, bool drops, int32_t target, int32_t pred)
{
    return target < c->classes && (pred < c->classes || !drops);
}

static void count_hits(const struct sc_call *c, const struct sc_tile *t, const int32_t *target,
                       const int32_t *pred, struct sc_worker *w)
{
    const struct sc_param_value *top_k = sc_param(c->params, "top_k");
    const bool drops = sc_param(c->params, "pred_ignored")->choice == SC_PRED_DROP;
    int32_t rank[SC_TILE];

    if (!sc_needs_ranks(c->params)) return;
    rank_targets(c, t, target, rank);
    for (int place = 0; place < top_k->count; place++) {
        const int64_t k = top_k->integers[place];
        int64_t hits = 0;

        for (int i = 0; i < t->size; i++)
            hits += rank[i] < k && is_scored(c, drops, target[i], pred[i]);
        w->state.count[sc_top_k_hits(c->classes, place)] += hits;
    }
}

#define SEE_SCORES count_hits
#include "confusion.inc"

SC_KERNEL(metrics, classification)
{
    static const struct sc_kernel kernel = {.layout = sc_classification_layout,
                                            .scratch = count_scratch,
                                            .check = sc_classification_check,
                                            .prepare = sc_classification_prepare,
                                            .count_batch = sc_confusion_count_batch,
                                            .update = count_pairs,
                                            .flush = count_flush,
                                            .finish = sc_classification_finish};

    return &kernel;
}
