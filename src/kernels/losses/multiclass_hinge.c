/* multiclass_hinge.c - the margin between the target's score and the best other one (Crammer
 * and Singer): max(0, margin - x_y + max over j != y of x_j). */
#include "classes.h"

/* The largest score but the target's, the first of equal ones: max = its value; code of its
 * class in `at`, where that is wanted. A NaN wins. */
static void best_other(const struct sc_call *c, struct sc_scores *t)
{
    double *best = t->x.max, *at = t->x.rest;

    for (int i = 0; i < t->x.size; i++) best[i] = -HUGE_VAL, at[i] = -1;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++) {
            const bool other = t->code[i] != k;
            const bool better = value[i] > best[i] || value[i] != value[i];

            at[i] = other && better ? (double)k : at[i];
            best[i] = other && better ? value[i] : best[i];
        }
    }
}

/* What is missing to the margin; below 0: nothing. */
static inline double missing(const struct sc_scores *t, int i, double own, double margin)
{
    return (t->x.max[i] - own) + margin;
}

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double margin = sc_param(c->params, "margin")->real;

    (void)w;
    best_other(c, t);
    for (int i = 0; i < t->x.size; i++) {
        const double z = missing(t, i, sc_target_score(c, t, i), margin);

        t->term[i] = z <= 0 ? 0 : z;
    }
}

/* 1 at the best other class and -1 at the target's, where the margin is missed. */
static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const double margin = sc_param(c->params, "margin")->real;
    double *slope = t->x.sum, *at = t->x.rest;

    (void)w;
    best_other(c, t);
    for (int i = 0; i < t->x.size; i++) {
        const double z = missing(t, i, sc_target_score(c, t, i), margin);

        slope[i] = z <= 0 ? 0 : z != z ? z : c->scale;
    }
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++)
            value[i] = t->code[i] == k ? 0 - slope[i] : at[i] == (double)k ? slope[i] : 0;
    }
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    if (c->classes < 2)
        return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                       "'pred' has one class; the margin to another needs two or more");
    return sc_load_weight(c, 2, arena, note);
}

#define LOSS    multiclass_hinge
#define TERMS   terms
#define SLOPES  slopes
#define PREPARE prepare
#include "classes.inc"
