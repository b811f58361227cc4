/* cross_entropy.c - cross entropy of logits (PyTorch cross_entropy).
 *
 * With lse = max + log(sum exp(x - max)): class index y: -w_y log p_y = w_y (lse - x_y);
 * smoothing e makes the target (1 - e) one_hot(y) + e / C; probabilities q: sum_c w_c q_c (lse
 * - x_c), where mean divides by the number of positions. ignore_index drops positions, not the
 * class: it stays in the softmax of the others. */
#include "cross_entropy.h"

static double smoothing(const struct sc_call *c)
{
    return sc_param(c->params, "label_smoothing")->real;
}

/* Smoothing: (1 - e) of the term, and e / C of the terms of all classes. */
static void smooth_terms(const struct sc_call *c, const struct sc_scores *t)
{
    const struct sc_tile *x = &t->x;
    const double e = smoothing(c), share = e / (double)c->classes;
    double *all = x->rest;

    for (int i = 0; i < x->size; i++) all[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *value = x->value + k * x->width;

        for (int i = 0; i < x->size; i++)
            all[i] = fma(c->weight[k], sc_surprise(x, i, value[i]), all[i]);
    }
    for (int i = 0; i < x->size; i++)
        t->term[i] = t->code[i] < c->classes ? fma(1 - e, t->term[i], share * all[i]) : 0;
}

/* q = w ((1 - e) target + e / C), the weight of each class's term. */
static void load_shares(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double e = smoothing(c), share = e / (double)c->classes;
    struct sc_tile *q = &t->q;

    sc_tile_load(q, c, c->in[1], t->x.from, t->x.size);
    sc_tile_check(q, c, &w->trouble[1]);
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = q->value + k * q->width;

        for (int i = 0; i < q->size; i++) value[i] = c->weight[k] * fma(1 - e, value[i], share);
    }
}

static void free_terms(const struct sc_call *c, const struct sc_tile *x,
                       const struct sc_tile *q, double *term)
{
    for (int i = 0; i < x->size; i++) term[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *value = x->value + k * x->width, *share = q->value + k * q->width;

        for (int i = 0; i < x->size; i++) {
            const double added = fma(share[i], sc_surprise(x, i, value[i]), term[i]);

            term[i] = share[i] == 0 ? term[i] : added; /* 0 times infinity is 0 */
        }
    }
}

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    sc_tile_logsum(&t->x, c, w);
    if (c->indices) {
        sc_index_terms(c, t);
        if (smoothing(c) > 0) smooth_terms(c, t);
    } else {
        load_shares(c, t, w);
        free_terms(c, &t->x, &t->q, t->term);
    }
}

static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    sc_tile_softmax(&t->x, c);
    if (c->indices)
        sc_index_shares(c, t, smoothing(c));
    else
        load_shares(c, t, w);
    sc_share_slopes(c, &t->x, &t->q);
}

#define LOSS   cross_entropy
#define TERMS  terms
#define SLOPES slopes
#define EFFORT 2
#include "classes.inc"
