/* class_sums.h - losses by target class: the layout of their states, and adding a block to it.
 */
#pragma once

#include "class_lanes.h"
#include "loss.h"

/* After the common counts: how many terms each class has. Sums: first that of targets that are
 * no class indices and its weights, then for each class the terms and the weights. */
enum { SC_CLASS_FREE_SUM, SC_CLASS_FREE_WEIGHT, SC_CLASS_SUMS };

static inline size_t sc_class_count_at(int64_t k)
{
    return SC_LOSS_COUNTS + (size_t)k;
}

static inline size_t sc_class_sum_at(int64_t k)
{
    return SC_CLASS_SUMS + 2 * (size_t)k;
}

static inline size_t sc_class_weight_at(int64_t k)
{
    return sc_class_sum_at(k) + 1;
}

void sc_class_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                     size_t *sums);
const char *sc_class_finish(const struct sc_params *params, const struct sc_state *state,
                            struct sc_report *report);

/* kernel->scale: the divisor of `mean` is the sum of all weights, rounded once. */
double sc_class_scale(const struct sc_call *call);

/* kernel->shape: an unreduced loss has the shape of class indices, that of pred without its
 * class dimension. */
enum sc_status sc_class_shape(const struct sc_call *call, int output, int *rank, int64_t *dim);

/* Moves the lanes of class k into the state. */
static inline void sc_class_flush(const struct sc_call *c, struct sc_class_lanes *l, int32_t k,
                                  struct sc_state *s)
{
    const int32_t count = l->count[k];

    if (!c->by_element) {
        sc_exact_add(&s->sum[sc_class_sum_at(k)], sc_lanes_fold(l->lane[k]));
        memset(l->lane[k], 0, sizeof l->lane[k]);
    }
    sc_exact_add_product(&s->sum[sc_class_weight_at(k)], c->share[k], count);
    s->count[sc_class_count_at(k)] += count;
    s->count[SC_LOSS_COUNT] += count;
    l->count[k] = 0;
}

/* Adds a block of terms, each to the class of its code; other codes count as ignored. Of a
 * class's terms in a block, the one at place i is added in lane i mod 32; by element, each
 * exactly. */
static inline void sc_class_add(const struct sc_call *c, const double *term,
                                const int32_t *code, int n, struct sc_class_lanes *l,
                                struct sc_state *s)
{
    const int32_t classes = (int32_t)c->classes;
    int ignored = 0;

    for (int i = 0; i < n; i++) ignored += code[i] >= classes;
    s->count[SC_LOSS_IGNORED] += ignored;
    if (c->by_element)
        for (int i = 0; i < n; i++) {
            if (code[i] >= classes) continue;
            l->count[code[i]]++;
            sc_exact_add(&s->sum[sc_class_sum_at(code[i])], term[i]);
        }
    else
        sc_class_lanes_add(l, term, code, n, 0, classes);
    /* whichever are fewer: all classes, or those of the terms */
    for (int32_t k = 0; classes <= n && k < classes; k++)
        if (l->count[k] > 0) sc_class_flush(c, l, k, s);
    for (int i = 0; classes > n && i < n; i++)
        if (code[i] < classes && l->count[code[i]] > 0) sc_class_flush(c, l, code[i], s);
}

/* Adds a block of terms that belong to no class, and what each adds to the divisor; those that
 * are ignored have 0 for both. */
static inline void sc_class_add_free(const struct sc_call *c, const double *term,
                                     const double *share, int n, int ignored,
                                     struct sc_state *s)
{
    sc_sum_terms(c, term, n, &s->sum[SC_CLASS_FREE_SUM]);
    sc_sum_terms(c, share, n, &s->sum[SC_CLASS_FREE_WEIGHT]);
    s->count[SC_LOSS_COUNT] += n - ignored;
    s->count[SC_LOSS_IGNORED] += ignored;
}
