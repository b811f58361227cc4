/* weight.h - the class weights of a call, as float64 in the arena. */
#pragma once

#include "load.h"

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
    c->weight = weight;
    return SC_OK;
}
