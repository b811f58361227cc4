/* samples.h - per_image: each image (sample) of a batch counted alone, its numbers kept as a
 * row. The rows are those of a one-shot run; what merges is what kernel->sample adds to the
 * state. */
#pragma once

#include "op.h"

#define SC_SAMPLE_VALUES 7

struct sc_samples {
    struct sc_arena *arena;
    size_t count, capacity;
    double (*row)[SC_SAMPLE_VALUES];
};

/* Adds a row; to NULL: nothing. */
enum sc_status sc_samples_add(struct sc_samples *samples, const double row[SC_SAMPLE_VALUES],
                              struct sc_note *note);

/* As sc_batch_alone, and kernel->sample of each sample, in their order. */
enum sc_status sc_samples_update(struct sc_call *call, const struct sc_exec *exec,
                                 struct sc_state *state, struct sc_note *note);
