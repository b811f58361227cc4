/* classification_report.h - metrics/classification: the report of n[t][p] and of top-k hits. */
#pragma once

#include "confusion.h"

/* Behind n[t][p]: hits of each element of top_k. What k = 1 hits is the diagonal of n. */
static inline size_t sc_top_k_hits(int64_t classes, int place)
{
    return sc_confusion_size(classes) + (size_t)place;
}

/* Does any k need ranks of scores? */
bool sc_needs_ranks(const struct sc_params *params);

void sc_classification_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                              size_t *sums);
enum sc_status sc_classification_check(const struct sc_params *params, struct sc_note *note);
/* k above 1 needs scores, and labels that are their classes. */
enum sc_status sc_classification_prepare(struct sc_call *call, struct sc_arena *arena,
                                         struct sc_note *note);
const char *sc_classification_finish(const struct sc_params *params,
                                     const struct sc_state *state, struct sc_report *report);
