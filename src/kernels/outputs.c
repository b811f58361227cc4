/* outputs.c - the tensors of a report: values and gradients, element by element. */
#include <string.h>

#include "eval.h"

bool sc_is_unreduced(const struct sc_params *params)
{
    return sc_param_find(params->op, "reduction") != NULL &&
           sc_param(params, "reduction")->choice == SC_REDUCTION_NONE;
}

/* Activations always have y; losses have `loss` for reduction=none. */
static void want_outputs(struct sc_call *call)
{
    const struct sc_params *params = call->params;
    const bool grad = sc_param(params, "grad")->boolean;

    call->wanted[SC_OUT_VALUE] = call->op->family == SC_ACTIVATIONS || sc_is_unreduced(params);
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
    if (t->data != NULL) memset(t->data, 0, sc_tensor_bytes(t));
}

enum sc_status sc_make_outputs(struct sc_call *call, const struct sc_state *total,
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

void sc_report_outputs(const struct sc_call *call, struct sc_report *r)
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

static int64_t count_nonfinite(const struct sc_call *call, int output)
{
    if (!call->wanted[output]) return 0;
    if (sc_kernel(call->op)->counts_nonfinite) return call->nonfinite[output];
    return sc_tensor_nonfinite(&call->out[output]);
}

void sc_judge_outputs(const struct sc_call *call, struct sc_report *r)
{
    for (int i = 0; i < SC_OUTPUTS_MAX; i++) {
        const int64_t nonfinite = count_nonfinite(call, i);

        if (nonfinite == 0) continue;
        sc_set_status(r, "nonfinite");
        sc_report_warn(r, "nonfinite", "%lld of %lld values%s%s are NaN or infinite",
                       (long long)nonfinite, (long long)call->out[i].count,
                       i < SC_OUT_GRAD ? "" : " of the gradient by ",
                       i < SC_OUT_GRAD ? "" : call->op->input[i - SC_OUT_GRAD].name);
        return;
    }
}
