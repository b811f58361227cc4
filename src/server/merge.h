/* merge.h - saved states of work->op, added to one report. */
#pragma once

#include "work.h"

/* Can states of the operation be merged? */
enum sc_status merge_check(struct work *work);

/* Are these no parameters, options apart? Those of the operation are in the states. */
enum sc_status merge_check_args(struct work *work, const struct sc_args *args);

/* Adds a state to the sum, loading it in `arena`; with no sum yet (NULL) it becomes the sum, in
 * the arena of the work. */
enum sc_status merge_add(struct work *work, struct sc_bytes state, struct sc_arena *arena,
                         struct sc_eval **sum);

/* The report of the sum; with its state, if that was asked for. */
enum sc_status merge_report(struct work *work, const struct sc_eval *sum,
                            struct sc_report *out);
