/* inputs.c - check once at the door: inputs by name, how often each is there, and dtypes. */
#include <string.h>

#include "op.h"

static const struct sc_input *find_input(const struct sc_op *op, const char *name, int *at)
{
    for (int i = 0; i < op->inputs; i++) {
        const bool lone = *name == '\0' && i == 0 && op->inputs > 0 &&
                          strcmp(op->input[0].name, "x") == 0;

        if (!lone && strcmp(op->input[i].name, name) != 0) continue;
        *at = i;
        return &op->input[i];
    }
    return NULL;
}

static const char *unknown_advice(const struct sc_op *op, const char *name)
{
    if (sc_param_find(op, name) != NULL)
        return "; parameters go into the query or into 'params'";
    return strncmp(name, "arr_", 4) == 0 ? "; numpy.savez names arrays as its keywords, x=x"
                                         : "";
}

static enum sc_status unknown_input(const struct sc_op *op, const char *name,
                                    struct sc_note *note)
{
    char known[128] = "";

    for (int i = 0; i < op->inputs; i++)
        sc_list_add(known, sizeof known, "%s", op->input[i].name);
    if (*name == '\0')
        return sc_fail(
            note, SC_BAD_INPUT, NULL,
            "the body is one tensor without a name; %s/%s takes: %s; send them as parts "
            "of multipart/form-data or as members of JSON",
            sc_family_name(op->family), op->name, known);
    return sc_fail_input(note, SC_BAD_INPUT, name, "%s/%s has no input '%.48s'; it takes: %s%s",
                         sc_family_name(op->family), op->name, name, known,
                         unknown_advice(op, name));
}

static enum sc_status bad_input(const struct sc_input *input, const char *what,
                                struct sc_note *note)
{
    return sc_fail_input(note, SC_BAD_INPUT, input->name, "input '%s' %s: %s", input->name,
                         what, input->summary);
}

static enum sc_status given_again(const struct sc_op *op, const struct sc_input *input,
                                  struct sc_note *note)
{
    if (op->mergeable)
        return sc_fail_input(note, SC_BAD_INPUT, input->name,
                             "'%s' is given more than once; one '%s' is for all parts of '%s'",
                             input->name, input->name, op->input[0].name);
    return sc_fail_input(
        note, SC_BAD_INPUT, input->name,
        "'%s' is given more than once, which %s/%s does not add up: concatenate "
        "the parts along the first axis into one",
        input->name, sc_family_name(op->family), op->name);
}

static enum sc_status count_inputs(const struct sc_op *op, const struct sc_tensors *in,
                                   size_t seen[SC_INPUTS_MAX], struct sc_note *note)
{
    for (size_t i = 0; i < in->count; i++) {
        const char *name = in->item[i].name;
        int at;
        const struct sc_input *input = find_input(op, name, &at);

        if (input == NULL) return unknown_input(op, name, note);
        if (++seen[at] > 1 && !input->repeated) return given_again(op, input, note);
    }
    return SC_OK;
}

enum sc_status sc_count_images(const struct sc_op *op, const struct sc_tensors *in,
                               size_t *count, struct sc_note *note)
{
    size_t seen[SC_INPUTS_MAX] = {0};

    SC_TRY(count_inputs(op, in, seen, note));
    *count = 1;
    for (int i = 0; i < op->inputs; i++) {
        const struct sc_input *input = &op->input[i];

        if (seen[i] == 0 && input->required) return bad_input(input, "is missing", note);
        if (!input->repeated || (!input->required && seen[i] < 2)) continue;
        if (seen[i] != seen[0])
            return sc_fail(note, SC_BAD_INPUT, NULL,
                           "%zu '%s' but %zu '%s'; repeated parts pair up in order", seen[0],
                           op->input[0].name, seen[i], input->name);
    }
    *count = seen[0] > 0 ? seen[0] : 1;
    return SC_OK;
}

/* In JSON a point makes the dtype. */
static const char *dtype_advice(const struct sc_op *op, int i, const struct sc_tensor *t)
{
    if (op->family == SC_METRICS && i == 1)
        return "; labels are integers, in JSON 1, not 1.0: of one-hot masks send the arg max";
    return sc_dtype_is_float(t->dtype) ? "; in JSON write 1, not 1.0, or say the dtype"
                                       : "; in JSON write 1.0, not 1, or say the dtype";
}

static enum sc_status check_dtype(const struct sc_op *op, int i, const struct sc_tensor *t,
                                  struct sc_note *note)
{
    char known[160] = "";

    if (op->input[i].dtypes >> t->dtype & 1) return SC_OK;
    for (int d = 0; d < SC_DTYPE_COUNT; d++)
        if (op->input[i].dtypes >> d & 1)
            sc_list_add(known, sizeof known, "%s", sc_dtype_name((enum sc_dtype)d));
    return sc_fail_input(note, SC_BAD_DTYPE, op->input[i].name,
                         "input '%s' is %s; it may be %s%s", op->input[i].name,
                         sc_dtype_name(t->dtype), known, dtype_advice(op, i, t));
}

/* ---- a call ---- */

static enum sc_status check_classes(const struct sc_call *c, const struct sc_exec *exec,
                                    struct sc_note *note)
{
    const struct sc_limits preset = sc_limits_preset();
    const struct sc_limits *limits = exec->limits ? exec->limits : &preset;
    const bool metric = c->op->family == SC_METRICS;
    const int64_t most = c->op->family == SC_ACTIVATIONS ? INT32_MAX - 1
                         : metric                        ? limits->confusion_classes
                                                         : limits->classes;

    if (c->classes <= most) return SC_OK;
    return sc_fail(note, SC_TOO_LARGE, metric ? "#/params/num_classes" : NULL,
                   "%lld classes; at most %lld (limit %s)", (long long)c->classes,
                   (long long)most, metric ? "confusion_classes" : "classes");
}

enum sc_status sc_bind(const struct sc_params *params, const struct sc_tensors *in,
                       size_t image, const struct sc_exec *exec, struct sc_call *call,
                       struct sc_note *note)
{
    const struct sc_op *op = params->op;
    size_t seen[SC_INPUTS_MAX] = {0};

    *call = (struct sc_call){.op = op, .params = params};
    for (size_t i = 0; i < in->count; i++) {
        int at;
        const struct sc_input *input = find_input(op, in->item[i].name, &at);

        /* an optional one that came once is for all */
        if (input == NULL || (input->repeated && seen[at]++ > image)) continue;
        call->in[at] = &in->item[i].tensor;
        SC_TRY(check_dtype(op, at, call->in[at], note));
    }
    SC_TRY(sc_shape(call, note));
    return check_classes(call, exec, note);
}
