/* multi_margin.c - margins between the target's score and each other (PyTorch
 * multi_margin_loss): w_y / C sum over j != y of max(0, margin - x_y + x_j)^p. */
#include "classes.h"

/* The square of a margin that is missed, and its derivative; or of p = 1. NaN stays. */
static inline double power_of(double z, bool squared)
{
    return z <= 0 ? 0 : squared ? z * z : z;
}

static inline double slope_of(double z, bool squared)
{
    return z <= 0 ? 0 : squared ? 2 * z : z != z ? z : 1;
}

/* Adds to sum + rest, without what sum + x rounds away. */
static inline void add_to(double *sum, double *rest, double x)
{
    const struct vm_pair s = vm_sum(*sum, x);

    *sum = s.hi;
    *rest += s.lo;
}

typedef double margin_fn(double z, bool squared);

/* x becomes f(margin - x_y + x_j) for each class j but y, and 0 for y; the sums, their sum. */
static inline __attribute__((always_inline)) void spread(const struct sc_call *c,
                                                         struct sc_scores *t, margin_fn *f)
{
    const double margin = sc_param(c->params, "margin")->real;
    const bool squared = sc_param(c->params, "p")->integer == 2;
    double *sum = t->x.sum, *rest = t->x.rest, *own = t->x.max;

    for (int i = 0; i < t->x.size; i++) own[i] = sc_target_score(c, t, i);
    for (int i = 0; i < t->x.size; i++) sum[i] = rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++) {
            const double missed = f((value[i] - own[i]) + margin, squared);

            value[i] = t->code[i] == k ? 0 : missed;
            add_to(&sum[i], &rest[i], value[i]);
        }
    }
    for (int i = 0; i < t->x.size; i++) sum[i] = isfinite(sum[i]) ? sum[i] + rest[i] : sum[i];
}

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double classes = (double)c->classes;

    (void)w;
    spread(c, t, power_of);
    for (int i = 0; i < t->x.size; i++)
        t->term[i] = sc_target_weight(c, t, i) * t->x.sum[i] / classes;
}

static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double scale = c->scale / (double)c->classes;
    double *weight = t->x.rest;

    (void)w;
    spread(c, t, slope_of);
    for (int i = 0; i < t->x.size; i++) weight[i] = scale * sc_target_weight(c, t, i);
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++)
            value[i] = weight[i] * (t->code[i] == k ? -t->x.sum[i] : value[i]);
    }
}

/* Weights are of the terms alone: the mean is over the positions. */
static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    double *weight = NULL, *share = sc_arena_calloc(arena, (size_t)c->classes, sizeof *share);

    if (share == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for weights");
    for (int64_t k = 0; k < c->classes; k++) share[k] = 1;
    SC_TRY(sc_read_weight(c, 2, c->classes, arena, &weight, note));
    c->weight = weight;
    c->share = share;
    return SC_OK;
}

#define LOSS    multi_margin
#define TERMS   terms
#define SLOPES  slopes
#define PREPARE prepare
#include "classes.inc"
