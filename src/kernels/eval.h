/* eval.h - inside the core: an evaluation in progress, and what becomes of it. */
#pragma once

#include "op.h"

struct sc_eval {
    struct sc_arena *arena;
    struct sc_params params;
    struct sc_bytes params_saved; /* sc_params_save: equal for equal parameters */
    struct sc_state state;
    struct sc_state spare; /* of the last batch, for the next one; count NULL: none */
    bool whole;            /* reports leave nothing out for its length */
};

/* ---- eval.c ---- */

enum sc_status sc_eval_make(const struct sc_params *params, struct sc_arena *arena,
                            struct sc_eval **out, struct sc_note *note);

/* That an operation is not mergeable: SC_BAD_STATE of states and evaluations, SC_BAD_PARAM of
 * the wish for a state, which is a parameter. */
enum sc_status sc_no_state(const struct sc_op *op, enum sc_status status, const char *pointer,
                           struct sc_note *note);

/* Takes what `from` has counted, or becomes it when there is nothing yet. */
enum sc_status sc_eval_absorb(struct sc_eval *eval, const struct sc_state *from,
                              struct sc_note *note);
enum sc_status sc_other_classes(int64_t now, int64_t before, struct sc_note *note);

/* What every report begins and ends with. */
void sc_open_report(const struct sc_op *op, struct sc_arena *arena, struct sc_report *report);
void sc_set_status(struct sc_report *report, const char *status);
enum sc_status sc_close_report(const struct sc_params *params, struct sc_report *report,
                               struct sc_note *note);

/* ---- saved.c ---- */

/* Fails: evaluations of one operation with different parameters; names the first, with both of
 * its values. */
enum sc_status sc_other_params(const struct sc_params *now, const struct sc_params *before,
                               struct sc_arena *arena, struct sc_note *note);

/* ---- update.c ---- */

/* A batch on its way into an evaluation. */
struct sc_update {
    struct sc_eval *eval;
    const struct sc_tensors *in;
    size_t images;
    struct sc_state sum; /* of the images so far; joins that of the evaluation in the end */
    struct sc_pass pass; /* the image at hand, in the end the last; and what went wrong */
};

/* kernel->prepare. */
enum sc_status sc_prepare(struct sc_call *call, struct sc_arena *arena, struct sc_note *note);

/* Adds a batch to each evaluation; the data are read once for all that can share it. Where one
 * fails nothing was added to it, and those behind it are left as they are. */
void sc_update_all(struct sc_update *const update[], size_t count, const struct sc_exec *exec);

/* ---- outputs.c ---- */

/* Was reduction=none asked for? False where the operation has no reduction. */
bool sc_is_unreduced(const struct sc_params *params);

/* Computes what is wanted element by element, given the state of the whole batch. */
enum sc_status sc_make_outputs(struct sc_call *call, const struct sc_state *total,
                               const struct sc_exec *exec, struct sc_note *note);
void sc_report_outputs(const struct sc_call *call, struct sc_report *report);

/* Where all was finite until it was rounded to the dtype of an output, that is told too. */
void sc_judge_outputs(const struct sc_call *call, struct sc_report *report);
