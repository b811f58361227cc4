/* eval.c - evaluations: made, added, and what they report. */
#include <string.h>

#include "eval.h"

enum sc_status sc_check_params(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(params->op);

    return kernel->check ? kernel->check(params, note) : SC_OK;
}

enum sc_status sc_eval_make(const struct sc_params *params, struct sc_arena *arena,
                            struct sc_eval **out, struct sc_note *note)
{
    struct sc_eval *eval = sc_arena_calloc(arena, 1, sizeof *eval);

    if (eval == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an evaluation");
    SC_TRY(sc_check_params(params, note));
    eval->arena = arena;
    eval->params = *params;
    eval->params_saved = sc_params_save(params, arena);
    if (eval->params_saved.data == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an evaluation");
    SC_TRY(sc_state_new(params, 0, arena, &eval->state, note));
    *out = eval;
    return SC_OK;
}

enum sc_status sc_no_state(const struct sc_op *op, enum sc_status status, const char *pointer,
                           struct sc_note *note)
{
    return sc_fail(note, status, pointer,
                   "%s/%s has no state: it cannot be evaluated in pieces",
                   sc_family_name(op->family), op->name);
}

enum sc_status sc_eval_new(const struct sc_op *op, const struct sc_args *args,
                           struct sc_arena *arena, struct sc_eval **out, struct sc_note *note)
{
    struct sc_params params;

    if (!op->mergeable) return sc_no_state(op, SC_BAD_STATE, NULL, note);
    SC_TRY(sc_params_read(op, args, true, arena, &params, note));
    return sc_eval_make(&params, arena, out, note);
}

enum sc_status sc_other_classes(int64_t now, int64_t before, struct sc_note *note)
{
    return sc_fail(note, SC_BAD_STATE, NULL, "%lld classes where there were %lld before",
                   (long long)now, (long long)before);
}

enum sc_status sc_eval_absorb(struct sc_eval *eval, const struct sc_state *from,
                              struct sc_note *note)
{
    struct sc_state *state = &eval->state;

    if (state->classes != 0 && state->classes != from->classes)
        return sc_other_classes(from->classes, state->classes, note);
    if (!sc_state_fits(state, from))
        return sc_fail(note, SC_BAD_STATE, NULL, "the counts together are past 2^53");
    if (state->classes == 0)
        *state = *from;
    else
        sc_state_add(state, from);
    return SC_OK;
}

/* A state of its own, so that it does not become that of another evaluation. */
static enum sc_status empty_state(struct sc_eval *eval, int64_t classes, struct sc_note *note)
{
    return sc_state_new(&eval->params, classes, eval->arena, &eval->state, note);
}

static enum sc_status check_weights(const struct sc_eval *into, const struct sc_eval *from,
                                    struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(into->params.op);

    if (kernel->same_weights == NULL || into->state.classes != from->state.classes ||
        kernel->same_weights(&into->params, &into->state, &from->state))
        return SC_OK;
    return sc_fail(note, SC_BAD_STATE, NULL, "the states have different weights of classes");
}

enum sc_status sc_eval_merge(struct sc_eval *into, const struct sc_eval *from,
                             struct sc_note *note)
{
    if (into->params.op != from->params.op)
        return sc_fail(note, SC_BAD_STATE, NULL, "states of %s and of %s cannot be added",
                       into->params.op->name, from->params.op->name);
    if (into->params_saved.size != from->params_saved.size ||
        memcmp(into->params_saved.data, from->params_saved.data, into->params_saved.size) != 0)
        return sc_other_params(&from->params, &into->params, from->arena, note);
    if (from->state.classes == 0) return SC_OK;
    if (into->state.classes == 0) SC_TRY(empty_state(into, from->state.classes, note));
    SC_TRY(check_weights(into, from, note));
    return sc_eval_absorb(into, &from->state, note);
}

/* ---- reports ---- */

void sc_open_report(const struct sc_op *op, struct sc_arena *arena, struct sc_report *r)
{
    sc_report_init(r, arena);
    sc_report_text(r, "op",
                   sc_arena_printf(arena, "%s/%s", sc_family_name(op->family), op->name));
    sc_report_text(r, "status", "ok");
}

void sc_set_status(struct sc_report *r, const char *status)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->value[i].name, "status") == 0) r->value[i].as.text = status;
}

enum sc_status sc_close_report(const struct sc_params *params, struct sc_report *r,
                               struct sc_note *note)
{
    if (sc_param(params, "compat")->set)
        sc_report_text(r, "rules.compat", sc_param_word(params, "compat", r->arena));
    sc_report_text(r, "rules.definition", params->op->source);
    sc_report_int(r, "numerics", SC_NUMERICS);
    return sc_report_status(r, note);
}

void sc_eval_whole(struct sc_eval *eval)
{
    eval->whole = true;
}

enum sc_status sc_eval_finish(const struct sc_eval *eval, struct sc_report *report,
                              struct sc_note *note)
{
    const struct sc_op *op = eval->params.op;

    sc_open_report(op, eval->arena, report);
    report->whole = eval->whole;
    sc_set_status(report, sc_kernel(op)->finish(&eval->params, &eval->state, report));
    return sc_close_report(&eval->params, report, note);
}
