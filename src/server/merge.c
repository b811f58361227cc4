/* merge.c - adding saved states. */
#include "merge.h"

#include <inttypes.h>
#include <stdio.h>

enum sc_status merge_check(struct work *work)
{
    const struct sc_op *op = work->op;

    if (op->mergeable) return SC_OK;
    return sc_fail(work->note, SC_BAD_STATE, NULL,
                   "%s/%s has no states to merge: it cannot be evaluated in pieces; "
                   "GET /v1/operations says which operations are mergeable",
                   sc_family_name(op->family), op->name);
}

enum sc_status merge_check_args(struct work *work, const struct sc_args *args)
{
    const char *name = work->options.given[OPTION_ENCODING] ? "encoding" : NULL;

    if (args->count > 0) name = args->item[0].name;
    if (name == NULL) return SC_OK;
    return sc_fail_param(
        work->note, SC_BAD_PARAM, name,
        "merging has no parameter '%.64s', only nonfinite and state: those of the "
        "operation are in the states",
        name);
}

/* Whatever is wrong in a state makes it one that does not fit; says which would. */
static enum sc_status misfit(struct work *work, enum sc_status status)
{
    struct sc_note *note = work->note;
    char why[sizeof note->detail];

    if (status == SC_OK || status == SC_NO_MEMORY) return status;
    snprintf(why, sizeof why, "%s", note->detail);
    return sc_fail(note, SC_BAD_STATE, NULL,
                   "%.150s; states are the `state` of replies of %s/%s, as they came, all with "
                   "the same parameters and classes",
                   why, sc_family_name(work->op->family), work->op->name);
}

/* Loads the state in `arena`, unless it becomes the sum. */
static enum sc_status add(struct work *work, struct sc_bytes state, struct sc_arena *arena,
                          struct sc_eval **sum)
{
    struct sc_arena *own = *sum ? arena : work->arena;
    struct sc_eval *eval;

    SC_TRY(misfit(work, sc_eval_load(work->op, state.data, state.size, work->limits, own, &eval,
                                     work->note)));
    if (*sum != NULL) return misfit(work, sc_eval_merge(*sum, eval, work->note));
    *sum = eval;
    return SC_OK;
}

enum sc_status merge_next(struct work *work, struct codec_states *states, struct sc_eval **sum,
                          bool *more)
{
    struct sc_arena *whole = work->arena, own;
    struct sc_note *note = work->note;
    struct sc_bytes state = {0};
    enum sc_status status;

    sc_arena_child(&own, whole);
    status = codec_states_next(states, &own, &state, note);
    *more = state.data != NULL;
    if (status == SC_OK && *more) status = add(work, state, &own, sum);
    if (status != SC_OK)
        snprintf(note->pointer, sizeof note->pointer, "#/states/%" PRId64, states->count - 1);
    sc_arena_child_done(&own, whole);
    return status;
}

enum sc_status merge_report(struct work *work, struct sc_eval *sum, struct sc_report *out)
{
    uint8_t *state;
    size_t size;

    if (codec_wants_whole(&work->forms)) sc_eval_whole(sum);
    SC_TRY(sc_eval_finish(sum, out, work->note));
    if (!work->options.on[OPTION_STATE]) return SC_OK;
    SC_TRY(sc_eval_save(sum, work->arena, &state, &size, work->note));
    sc_report_bytes(out, "state", state, size);
    return sc_report_status(out, work->note);
}
