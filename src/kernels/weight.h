/* weight.h - the class weights of a call, as float64 in the arena. */
#pragma once

#include <stdio.h>

#include "load.h"

#define SC_WEIGHT_MAX                                                                          \
    0x1p900 /* products with counts stay finite, so sums of them are exact                     \
             */

static inline enum sc_status bad_weight(const struct sc_call *c, int at, int64_t k,
                                        double weight, struct sc_note *note)
{
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/%s", c->op->input[at].name);
    sc_fail(note, SC_OUT_OF_BOUNDS, pointer,
            "weight %.17g of class %lld is not finite, or past 2^900", weight, (long long)k);
    if (note != NULL) {
        note->has_value = true;
        note->value = weight;
        note->index = k;
        note->count = 1;
    }
    return SC_OUT_OF_BOUNDS;
}

/* Reads input `at` (shape [C]) into c->weight; absent: all 1. */
static inline enum sc_status sc_load_weight(struct sc_call *c, int at, struct sc_arena *arena,
                                            struct sc_note *note)
{
    double *weight = sc_arena_alloc(arena, (size_t)c->classes * sizeof *weight);

    if (weight == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %lld weights",
                       (long long)c->classes);
    for (int64_t k = 0; k < c->classes; k++) weight[k] = 1;
    if (c->in[at] != NULL) sc_load(c->in[at], 0, (int)c->classes, weight);
    for (int64_t k = 0; k < c->classes; k++)
        if (!(fabs(weight[k]) <= SC_WEIGHT_MAX)) return bad_weight(c, at, k, weight[k], note);
    c->weight = weight;
    return SC_OK;
}
