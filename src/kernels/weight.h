/* weight.h - the class weights of a call, as float64 in the arena. */
#pragma once

#include "load.h"

/* Products with counts stay finite, so sums of them are exact. */
#define SC_WEIGHT_MAX 0x1p900

static inline enum sc_status bad_weight(const struct sc_call *c, int at, int64_t k,
                                        double weight, struct sc_note *note)
{
    char text[SC_NUMBER_TEXT];

    sc_fail_input(note, SC_BAD_VALUE, c->op->input[at].name,
                  "weight %s of class %lld is not finite, or past 2^900",
                  sc_number_text(text, weight), (long long)k);
    if (note != NULL) {
        note->has_value = true;
        note->value = weight;
        sc_number_text(note->exact, weight);
        note->index = k;
        note->count = 1;
    }
    return SC_BAD_VALUE;
}

/* Reads input `at` (shape [count]) as float64 in the arena; absent: all 1. */
static inline enum sc_status sc_read_weight(const struct sc_call *c, int at, int64_t count,
                                            struct sc_arena *arena, double **out,
                                            struct sc_note *note)
{
    double *weight = sc_arena_calloc(arena, (size_t)count, sizeof *weight);

    if (weight == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %lld weights",
                       (long long)count);
    for (int64_t k = 0; k < count; k++) weight[k] = 1;
    if (c->in[at] != NULL) sc_load(c->in[at], 0, (int)count, weight);
    for (int64_t k = 0; k < count; k++)
        if (!(fabs(weight[k]) <= SC_WEIGHT_MAX)) return bad_weight(c, at, k, weight[k], note);
    *out = weight;
    return SC_OK;
}

/* Reads input `at` (shape [C]) as the weight of each class's terms and their share of the
 * divisor. */
static inline enum sc_status sc_load_weight(struct sc_call *c, int at, struct sc_arena *arena,
                                            struct sc_note *note)
{
    double *weight = NULL;

    SC_TRY(sc_read_weight(c, at, c->classes, arena, &weight, note));
    c->weight = c->share = weight;
    return SC_OK;
}
