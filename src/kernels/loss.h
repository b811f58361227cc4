/* loss.h - what all losses share: the layout of their states, the divisor, the report. */
#pragma once

#include "op.h"

/* Counts of every loss. */
enum {
    SC_LOSS_COUNT,     /* terms that were counted */
    SC_LOSS_IGNORED,   /* left out by ignore_index */
    SC_LOSS_NONFINITE, /* terms that are NaN or infinite */
    SC_LOSS_SAMPLES,   /* of the first dimension; pointwise losses count them, for batchmean */
    SC_LOSS_COUNTS
};

/* One sum and the common counts: a pointwise loss. */
void sc_loss_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                    size_t *sums);

/* 1 / divisor for reduction=mean, else 1; 0 where nothing was counted: what the slopes of the
 * terms are multiplied by to give the gradient. */
double sc_loss_divide(const struct sc_call *call, double divisor);

/* The same for a pointwise loss, whose divisor is the count, or for batchmean the samples:
 * kernel->scale. */
double sc_loss_scale(const struct sc_call *call);

/* "empty", "all_ignored", "nonfinite" or "ok". */
const char *sc_loss_status(const struct sc_state *state, bool finite);

/* value, sum, weight_sum, count, ignored, reduction; warns of nonfinite terms. */
const char *sc_loss_report(const struct sc_params *params, const struct sc_state *state,
                           double sum, double weight_sum, struct sc_report *report);

/* finish of a pointwise loss: sum 0, every term of weight 1. */
const char *sc_loss_finish(const struct sc_params *params, const struct sc_state *state,
                           struct sc_report *report);
