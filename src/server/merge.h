/* merge.h - saved states of work->op, added to one report. */
#pragma once

#include "states.h"
#include "work.h"

/* Can states of the operation be merged? */
enum sc_status merge_check(struct work *work);

/* Are these no parameters, options apart? Those of the operation are in the states. */
enum sc_status merge_check_args(struct work *work, const struct sc_args *args);

/* Adds the next of the states to the sum; the first (the sum is NULL) becomes the sum, in the
 * arena of the work. Only one more needs memory at a time. `more` false: there was none. */
enum sc_status merge_next(struct work *work, struct codec_states *states, struct sc_eval **sum,
                          bool *more);

/* The report of the sum; with its state, if that was asked for. */
enum sc_status merge_report(struct work *work, struct sc_eval *sum, struct sc_report *out);
