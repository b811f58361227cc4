/* cross_entropy.h - cross entropy of a tile of logits, which focal falls back to. */
#pragma once

#include "classes.h"
#include "shared.h"

/* The sums of x become log(sum exp(x - max)). */
static inline void sc_tile_logsum(struct sc_tile *x, const struct sc_call *c,
                                  const struct sc_worker *w)
{
    sc_shared_expsum(c, x, w->shared);
    for (int i = 0; i < x->size; i++) x->sum[i] = sc_log(x->sum[i]);
}

/* -log p of a class whose logit is x, after sc_tile_logsum: log(sum) + (max - x) keeps what
 * lse - x would round away. */
static inline double sc_surprise(const struct sc_tile *t, int i, double x)
{
    return t->sum[i] + (t->max[i] - x);
}

/* term = weight[y] (-log p_y), after sc_tile_logsum; 0 where ignored. */
static inline void sc_index_terms(const struct sc_call *c, struct sc_scores *t)
{
    for (int i = 0; i < t->x.size; i++) {
        const double surprise = sc_surprise(&t->x, i, sc_target_score(c, t, i));

        t->term[i] = t->code[i] < c->classes ? sc_target_weight(c, t, i) * surprise : 0;
    }
}

/* q = the weight of each class's -log p, for class indices and smoothing e. */
static inline void sc_index_shares(const struct sc_call *c, struct sc_scores *t, double e)
{
    const double share = e / (double)c->classes;

    t->q.size = t->x.size;
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->q.value + k * t->q.width;

        for (int i = 0; i < t->q.size; i++) {
            const double hit = t->code[i] == k ? 1 - e : 0;

            value[i] = t->code[i] < c->classes ? c->weight[k] * (hit + share) : 0;
        }
    }
}

/* x (a softmax) becomes scale (p sum(q) - q): the gradient of the terms. Only the target's
 * share counts for class indices: sum(q) = w_y where there is no smoothing. */
static inline void sc_share_slopes(const struct sc_call *c, struct sc_tile *x,
                                   const struct sc_tile *q)
{
    for (int i = 0; i < x->size; i++) q->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *share = q->value + k * q->width;

        for (int i = 0; i < x->size; i++) q->sum[i] += share[i];
    }
    for (int64_t k = 0; k < c->classes; k++) {
        const double *share = q->value + k * q->width;
        double *value = x->value + k * x->width;

        for (int i = 0; i < x->size; i++) {
            const double slope = c->scale * fma(value[i], q->sum[i], -share[i]);

            value[i] = q->sum[i] == 0 && share[i] == 0 ? 0 : slope;
        }
    }
}
