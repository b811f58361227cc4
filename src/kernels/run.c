/* run.c - an operation from tensors to a report. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "eval.h"
#include "label_map.h"
#include "samples.h"

/* ---- evaluations ---- */

enum sc_status sc_check_params(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(params->op);

    return kernel->check ? kernel->check(params, note) : SC_OK;
}

static enum sc_status new_eval(const struct sc_params *params, struct sc_arena *arena,
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

enum sc_status sc_eval_new(const struct sc_op *op, const struct sc_args *args,
                           struct sc_arena *arena, struct sc_eval **out, struct sc_note *note)
{
    struct sc_params params;

    if (!op->mergeable)
        return sc_fail(note, SC_BAD_INPUT, NULL, "%s/%s cannot be evaluated in pieces",
                       sc_family_name(op->family), op->name);
    SC_TRY(sc_params_read(op, args, true, arena, &params, note));
    return new_eval(&params, arena, out, note);
}

static enum sc_status other_classes(int64_t now, int64_t before, struct sc_note *note)
{
    return sc_fail(note, SC_BAD_STATE, NULL, "%lld classes where there were %lld before",
                   (long long)now, (long long)before);
}

/* Takes what `from` has counted, or becomes it when there is nothing yet. */
static enum sc_status absorb(struct sc_eval *eval, const struct sc_state *from,
                             struct sc_note *note)
{
    struct sc_state *state = &eval->state;

    if (state->classes != 0 && state->classes != from->classes)
        return other_classes(from->classes, state->classes, note);
    if (!sc_state_fits(state, from))
        return sc_fail(note, SC_BAD_STATE, NULL, "the counts together are past 2^53");
    if (state->classes == 0)
        *state = *from;
    else
        sc_state_add(state, from);
    return SC_OK;
}

static enum sc_status prepare(struct sc_call *call, struct sc_arena *arena,
                              struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(call->op);

    return kernel->prepare ? kernel->prepare(call, arena, note) : SC_OK;
}

/* Names the image in a note about one of several. */
static void point_to_image(struct sc_note *note, size_t image, size_t images)
{
    const size_t used = note ? strlen(note->pointer) : 0;

    if (used > 0 && images > 1)
        snprintf(note->pointer + used, sizeof note->pointer - used, "/%zu", image);
}

/* The state of a batch; rows of its images go where the evaluation wants them. */
static enum sc_status new_sum(const struct sc_eval *eval, int64_t classes, struct sc_state *sum,
                              struct sc_note *note)
{
    SC_TRY(sc_state_new(&eval->params, classes, eval->arena, sum, note));
    sum->samples = eval->state.samples;
    return SC_OK;
}

static enum sc_status update_image(const struct sc_eval *eval, const struct sc_tensors *in,
                                   size_t image, const struct sc_exec *exec,
                                   struct sc_call *call, struct sc_state *sum,
                                   struct sc_note *note)
{
    SC_TRY(sc_bind(&eval->params, in, image, exec, call, note));
    SC_TRY(prepare(call, exec->arena, note));
    if (sum->count == NULL)
        SC_TRY(new_sum(eval, call->classes, sum, note));
    else if (sum->classes != call->classes)
        return other_classes(call->classes, sum->classes, note);
    if (sc_param(&eval->params, "per_image")->boolean)
        return sc_samples_update(call, exec, sum, note);
    return sc_batch_update(call, exec, sum, note);
}

/* Adds all images of a batch, or nothing. `call` is left bound to the last of them. */
static enum sc_status update(struct sc_eval *eval, const struct sc_tensors *in,
                             const struct sc_exec *exec, struct sc_call *call,
                             struct sc_note *note)
{
    struct sc_state sum = {.count = NULL};
    size_t images;

    SC_TRY(sc_count_images(eval->params.op, in, &images, note));
    assert(images > 0); /* what is repeated is required */
    for (size_t i = 0; i < images; i++) {
        const enum sc_status status = update_image(eval, in, i, exec, call, &sum, note);

        if (status == SC_OK) continue;
        point_to_image(note, i, images);
        return status;
    }
    return absorb(eval, &sum, note);
}

enum sc_status sc_eval_update(struct sc_eval *eval, const struct sc_tensors *in,
                              const struct sc_exec *exec, struct sc_note *note)
{
    struct sc_call call = {0};

    return update(eval, in, exec, &call, note);
}

/* A state of its own, so that it does not become that of another evaluation. */
static enum sc_status empty_state(struct sc_eval *eval, int64_t classes, struct sc_note *note)
{
    return sc_state_new(&eval->params, classes, eval->arena, &eval->state, note);
}

static enum sc_status same_weights(const struct sc_eval *into, const struct sc_eval *from,
                                   struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(into->params.op);

    if (kernel->fits == NULL || into->state.classes != from->state.classes ||
        kernel->fits(&into->params, &into->state, &from->state))
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
        return sc_fail(note, SC_BAD_STATE, NULL, "the states have different parameters");
    if (from->state.classes == 0) return SC_OK;
    if (into->state.classes == 0) SC_TRY(empty_state(into, from->state.classes, note));
    SC_TRY(same_weights(into, from, note));
    return absorb(into, &from->state, note);
}

/* ---- reports ---- */

static void open_report(const struct sc_op *op, struct sc_arena *arena, struct sc_report *r)
{
    sc_report_init(r, arena);
    sc_report_text(r, "op",
                   sc_arena_printf(arena, "%s/%s", sc_family_name(op->family), op->name));
    sc_report_text(r, "status", "ok");
}

static void set_status(struct sc_report *r, const char *status)
{
    if (!r->failed) r->value[1].as.text = status;
}

static enum sc_status close_report(const struct sc_params *params, struct sc_report *r,
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

    open_report(op, eval->arena, report);
    report->whole = eval->whole;
    set_status(report, sc_kernel(op)->finish(&eval->params, &eval->state, report));
    return close_report(&eval->params, report, note);
}

/* ---- maps ---- */

static bool has_word(const struct sc_params *params, const char *name, int choice)
{
    return sc_has_param(params->op, name) && sc_param(params, name)->choice == choice;
}

/* Activations always have y; losses have `loss` for reduction=none. */
static void want_outputs(struct sc_call *call)
{
    const struct sc_params *params = call->params;
    const bool grad = sc_param(params, "grad")->boolean;

    call->wanted[SC_OUT_VALUE] = call->op->family == SC_ACTIVATIONS ||
                                 has_word(params, "reduction", SC_REDUCTION_NONE);
    for (int i = 0; i < call->op->inputs; i++)
        call->wanted[SC_OUT_GRAD + i] = grad && call->op->input[i].differentiable;
}

static bool wants_any(const struct sc_call *call)
{
    for (int i = 0; i < SC_OUTPUTS_MAX; i++)
        if (call->wanted[i]) return true;
    return false;
}

/* The dtype of the first input where that is floating, else float64. */
static enum sc_dtype output_dtype(const struct sc_call *call)
{
    return sc_dtype_is_float(call->in[0]->dtype) ? call->in[0]->dtype : SC_FLOAT64;
}

static enum sc_status new_output(struct sc_call *call, int output, struct sc_arena *arena,
                                 struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(call->op);
    const struct sc_tensor *like = call->in[0]; /* also of an input that is absent */
    int64_t dim[SC_RANK_MAX];
    int rank;

    if (output > SC_OUT_GRAD && call->in[output - SC_OUT_GRAD] != NULL)
        like = call->in[output - SC_OUT_GRAD];
    rank = like->rank;
    memcpy(dim, like->dim, sizeof dim);
    if (kernel->shape != NULL) SC_TRY(kernel->shape(call, output, &rank, dim));
    return sc_tensor_new(&call->out[output], output_dtype(call), rank, dim, arena, note);
}

static void clear(const struct sc_tensor *t)
{
    if (t->data != NULL) memset(t->data, 0, (size_t)t->count * sc_dtype_size(t->dtype));
}

static enum sc_status map(struct sc_call *call, const struct sc_state *total,
                          const struct sc_exec *exec, struct sc_note *note)
{
    want_outputs(call);
    if (!wants_any(call)) return SC_OK;
    call->total = total;
    call->scale = sc_kernel(call->op)->scale ? sc_kernel(call->op)->scale(call) : 1;
    for (int i = 0; i < SC_OUTPUTS_MAX; i++)
        if (call->wanted[i]) SC_TRY(new_output(call, i, exec->arena, note));
    if (call->in[0]->count > 0) return sc_batch_map(call, exec, note);
    for (int i = 0; i < SC_OUTPUTS_MAX; i++) clear(&call->out[i]);
    return SC_OK;
}

static void report_outputs(const struct sc_call *call, struct sc_report *r)
{
    const char *value = call->op->family == SC_LOSSES ? "loss" : "y";

    if (call->wanted[SC_OUT_VALUE]) {
        sc_report_tensor(r, value, &call->out[SC_OUT_VALUE]);
        r->main_tensor = value;
    }
    for (int i = 0; i < call->op->inputs; i++)
        if (call->wanted[SC_OUT_GRAD + i])
            sc_report_tensor(r, sc_arena_printf(r->arena, "grad.%s", call->op->input[i].name),
                             &call->out[SC_OUT_GRAD + i]);
}

static enum sc_status report_state(const struct sc_eval *eval, struct sc_report *r,
                                   struct sc_note *note)
{
    uint8_t *data;
    size_t size;

    SC_TRY(sc_eval_save(eval, r->arena, &data, &size, note));
    sc_report_bytes(r, "state", data, size);
    return SC_OK;
}

/* ---- one-shot ---- */

/* Where all was finite until it was rounded to the dtype of an output, that is told too. */
static void judge_outputs(const struct sc_call *call, struct sc_report *r)
{
    for (int i = 0; i < SC_OUTPUTS_MAX; i++) {
        const int64_t nonfinite = call->wanted[i] ? sc_tensor_nonfinite(&call->out[i]) : 0;

        if (nonfinite == 0) continue;
        set_status(r, "nonfinite");
        sc_report_warn(r, "nonfinite", "%lld of %lld values%s%s are NaN or infinite",
                       (long long)nonfinite, (long long)call->out[i].count,
                       i < SC_OUT_GRAD ? "" : " of the gradient by ",
                       i < SC_OUT_GRAD ? "" : call->op->input[i - SC_OUT_GRAD].name);
        return;
    }
}

static enum sc_status run_map(const struct sc_params *params, const struct sc_tensors *in,
                              const struct sc_exec *exec, struct sc_report *report,
                              struct sc_note *note)
{
    struct sc_call call = {0};
    size_t images;

    SC_TRY(sc_check_params(params, note));
    SC_TRY(sc_count_images(params->op, in, &images, note));
    SC_TRY(sc_bind(params, in, 0, exec, &call, note));
    SC_TRY(prepare(&call, exec->arena, note));
    SC_TRY(map(&call, NULL, exec, note));
    open_report(params->op, exec->arena, report);
    if (call.in[0]->count == 0) set_status(report, "empty");
    judge_outputs(&call, report);
    report_outputs(&call, report);
    return close_report(params, report, note);
}

static enum sc_status run_accumulator(const struct sc_params *params,
                                      const struct sc_tensors *in, const struct sc_exec *exec,
                                      struct sc_report *report, struct sc_note *note)
{
    const struct sc_op *op = params->op;
    struct sc_eval *eval = NULL;
    struct sc_call call = {0};
    struct sc_samples samples = {.arena = exec->arena};
    const char *status;

    SC_TRY(new_eval(params, exec->arena, &eval, note));
    if (sc_param(params, "per_image")->boolean) eval->state.samples = &samples;
    SC_TRY(update(eval, in, exec, &call, note));
    if (sc_kernel(op)->map != NULL) SC_TRY(map(&call, &eval->state, exec, note));
    open_report(op, exec->arena, report);
    report->whole = exec->whole;
    status = sc_kernel(op)->finish(&eval->params, &eval->state, report);
    set_status(report, status);
    if (strcmp(status, "ok") == 0) judge_outputs(&call, report);
    report_outputs(&call, report);
    if (exec->state) SC_TRY(report_state(eval, report, note));
    return close_report(&eval->params, report, note);
}

enum sc_status sc_run(const struct sc_op *op, const struct sc_tensors *in,
                      const struct sc_args *args, const struct sc_exec *exec,
                      struct sc_report *report, struct sc_note *note)
{
    struct sc_params params;

    if (exec->state && !op->mergeable)
        return sc_fail(note, SC_BAD_PARAM, "#/params/state",
                       "%s/%s has no state: it cannot be evaluated in pieces",
                       sc_family_name(op->family), op->name);
    SC_TRY(sc_params_read(op, args, true, exec->arena, &params, note));
    if (sc_kernel(op)->update == NULL) return run_map(&params, in, exec, report, note);
    return run_accumulator(&params, in, exec, report, note);
}

#define COST_MAX   (INT64_C(1) << 56) /* so that some of them can be added */
#define IMAGE_COST 4096               /* of a further image, however small */

static int64_t times(size_t a, size_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) || product > COST_MAX ? COST_MAX : product;
}

/* Elements of the first input, of all images. */
static int64_t count_elements(const struct sc_op *op, const struct sc_tensors *in)
{
    int64_t count = 0;

    for (size_t i = 0; i < in->count; i++) {
        const char *name = in->item[i].name;

        if (*name == '\0' || strcmp(name, op->input[0].name) == 0)
            count += in->item[i].tensor.count;
    }
    return count;
}

/* What an image costs besides its pixels and its state: the tables of its labels. */
static size_t image_cost(const struct sc_params *params, int64_t classes)
{
    size_t bytes = 0;

    for (int target = 0; target < 2; target++)
        bytes += sc_label_map_bytes(sc_label_map_of(params, target == 1), classes);
    return IMAGE_COST + bytes / sizeof(int32_t);
}

int64_t sc_cost(const struct sc_op *op, const struct sc_tensors *in, const struct sc_args *args,
                const struct sc_exec *exec)
{
    const struct sc_kernel *kernel = sc_kernel(op);
    struct sc_params params;
    struct sc_call call = {0};
    size_t images, counts = 0, sums = 0, states = 1;

    if (sc_params_read(op, args, true, exec->arena, &params, NULL) != SC_OK ||
        sc_count_images(op, in, &images, NULL) != SC_OK ||
        sc_bind(&params, in, 0, exec, &call, NULL) != SC_OK)
        return 0;
    if (kernel->layout != NULL) kernel->layout(&params, call.classes, &counts, &sums);
    if (sc_param(&params, "per_image")->boolean)
        states = (size_t)times(images, (size_t)call.samples);
    return times(counts + sums * sizeof(struct sc_exact) / 8, states) +
           times(image_cost(&params, call.classes), images - 1) + count_elements(op, in);
}
