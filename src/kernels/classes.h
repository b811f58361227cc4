/* classes.h - everything that a loss of class scores needs; see losses/classes.inc. */
#pragma once

#include "class_sums.h"
#include "planes.h"
#include "values.h"
#include "weight.h"

/* A tile of positions, each with the scores of its classes and a target. */
struct sc_scores {
    struct sc_tile x; /* pred; in the end its slopes */
    struct sc_tile q; /* room for as much again */
    int32_t *code;    /* the class of each position's target; `classes`: ignored */
    double *term;     /* the loss of each position */
    double *share;    /* where targets are no indices: what the term adds to the divisor */
};

/* The score of the target's class; of class 0 where the position is ignored. */
static inline double sc_target_score(const struct sc_call *c, const struct sc_scores *t, int i)
{
    const int64_t y = t->code[i] < c->classes ? t->code[i] : 0;

    return t->x.value[y * t->x.width + i];
}

/* The weight of the target's class; 0 where the position is ignored. */
static inline double sc_target_weight(const struct sc_call *c, const struct sc_scores *t, int i)
{
    return t->code[i] < c->classes ? c->weight[t->code[i]] : 0;
}

/* Slopes that only the target's score has: x becomes `slope` there and 0 elsewhere. */
static inline void sc_target_slopes(const struct sc_call *c, struct sc_scores *t,
                                    const double *slope)
{
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++) value[i] = t->code[i] == k ? slope[i] : 0;
    }
}
