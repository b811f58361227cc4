/* v2_outputs.c - from the outputs that a request wants to parameters, and from a report to
 * outputs. */
#include <stdio.h>
#include <string.h>

#include "v2_model.h"

/* ---- what brings an output ---- */

static bool is_gradient(const char *name)
{
    return strncmp(name, "grad.", strlen("grad.")) == 0;
}

static const char *asks(const struct sc_op *op, const char *name)
{
    if (is_gradient(name)) return "grad";
    for (int i = 0; i < v2_declared_count; i++)
        if (v2_declares(&v2_declared[i], op) && strcmp(v2_declared[i].name, name) == 0)
            return v2_declared[i].asks;
    return "";
}

/* A state holds its parameters, but for `grad`; it shall merge with those of other requests. */
static bool may_ask(const struct work *work, const char *name)
{
    return strcmp(name, "grad") == 0 || !work->options.on[OPTION_STATE];
}

static bool is_given(const struct sc_args *args, const char *name)
{
    for (size_t i = 0; i < args->count; i++)
        if (strcmp(args->item[i].name, name) == 0) return true;
    return false;
}

static enum sc_status ask(struct work *work, const char *name, struct task *task)
{
    static const char *const yes[] = {"true"};
    const struct sc_arg arg = {.name = asks(task->op, name),
                               .source = "outputs",
                               .kind = SC_ARG_BOOL,
                               .count = 1,
                               .text = yes};

    if (sc_param_find(task->op, arg.name) == NULL || is_given(&task->args, arg.name) ||
        !may_ask(work, arg.name))
        return SC_OK;
    return sc_args_add(&task->args, &arg, work->arena, work->note);
}

enum sc_status v2_ask(struct work *work, const struct v2_request *request, struct task *task)
{
    for (size_t i = 0; i < request->wanted_count; i++)
        SC_TRY(ask(work, request->wanted[i].name, task));
    for (int i = 0; request->wanted == NULL && i < v2_declared_count; i++)
        if (v2_declares(&v2_declared[i], task->op))
            SC_TRY(ask(work, v2_declared[i].name, task));
    return SC_OK;
}

/* ---- from the report ---- */

/* A view of `count` elements. */
static bool view(enum sc_dtype dtype, int64_t count, const void *data, struct sc_tensor *out)
{
    size_t size;

    if (sc_tensor_shape(out, dtype, 1, &count, &size, NULL) != SC_OK) return false;
    out->data = (void *)(uintptr_t)data; /* tensors of outputs are only read */
    return true;
}

static bool value_view(const struct sc_value *v, struct sc_tensor *out)
{
    switch (v->kind) {
    case SC_VALUE_INT:
        return view(SC_INT64, 1, &v->as.integer, out);
    case SC_VALUE_REAL:
        return view(SC_FLOAT64, 1, &v->as.real, out);
    case SC_VALUE_BYTES: /* the state */
        return view(SC_UINT8, (int64_t)v->as.bytes.size, v->as.bytes.data, out);
    case SC_VALUE_LIST:
    case SC_VALUE_TENSOR:
        *out = v->as.tensor;
        return true;
    default:
        return false;
    }
}

static bool column_view(const struct sc_report *report, const char *name, struct sc_tensor *out)
{
    const struct sc_value *v = report->main_table ? sc_report_find(report, report->main_table)
                                                  : NULL;
    const struct sc_table *t = v ? &v->as.table : NULL;

    for (size_t i = 0; t != NULL && i < t->columns; i++) {
        const struct sc_column *c = &t->column[i];

        if (strcmp(c->name, name) != 0) continue;
        if (c->kind == SC_VALUE_INT)
            return view(SC_INT64, (int64_t)t->rows, c->cell.integer, out);
        return c->kind == SC_VALUE_REAL &&
               view(SC_FLOAT64, (int64_t)t->rows, c->cell.real, out);
    }
    return false;
}

/* False: the report has no numbers by that name. */
static bool find(const struct sc_report *report, const char *name, struct sc_tensor *out)
{
    const struct sc_value *v = sc_report_find(report, name);

    return v != NULL ? value_view(v, out) : column_view(report, name, out);
}

/* ---- what is wanted ---- */

static enum sc_status no_output(struct work *work, const char *name, size_t index)
{
    const bool loss = work->op->family == SC_LOSSES && strcmp(name, "loss") == 0;
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/outputs/%zu", index);
    return sc_fail(work->note, SC_BAD_INPUT, pointer, "%s.%s gives no output '%.64s' here; %s",
                   sc_family_name(work->op->family), work->op->name, name,
                   loss ? "it comes with the parameter reduction=none"
                        : "its metadata lists those that it always gives, and any number of "
                          "its report can be asked for by name");
}

static enum sc_status take_wanted(struct work *work, const struct v2_request *request,
                                  const struct sc_report *report, struct v2_output *out)
{
    for (size_t i = 0; i < request->wanted_count; i++) {
        const struct v2_wanted *wanted = &request->wanted[i];

        out[i] = (struct v2_output){.name = wanted->name, .binary = wanted->binary};
        if (!find(report, wanted->name, &out[i].tensor))
            return no_output(work, wanted->name, i);
    }
    return SC_OK;
}

static bool has(const struct v2_output *out, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(out[i].name, name) == 0) return true;
    return false;
}

static size_t take_all(const struct sc_op *op, const struct v2_request *request,
                       const struct sc_report *report, struct v2_output *out)
{
    size_t count = 0;

    for (int i = 0; i < v2_declared_count; i++) {
        struct v2_output *o = &out[count];

        *o = (struct v2_output){.name = v2_declared[i].name, .binary = request->binary};
        count += v2_declares(&v2_declared[i], op) && find(report, o->name, &o->tensor);
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct sc_value *v = &report->value[i];
        struct v2_output *o = &out[count];

        if (v->kind != SC_VALUE_TENSOR && v->kind != SC_VALUE_BYTES) continue;
        *o = (struct v2_output){.name = v->name, .binary = request->binary};
        count += !has(out, count, v->name) && value_view(v, &o->tensor);
    }
    return count;
}

enum sc_status v2_outputs(struct work *work, const struct v2_request *request,
                          const struct sc_report *report, struct v2_reply *out)
{
    const bool all = request->wanted == NULL;
    const size_t room = all ? (size_t)v2_declared_count + report->count + 1
                            : request->wanted_count;
    struct v2_output *output = sc_arena_calloc(work->arena, room, sizeof *output);

    if (output == NULL)
        return sc_fail(work->note, SC_NO_MEMORY, NULL, "no memory for the outputs");
    out->output = output;
    out->outputs = all ? take_all(work->op, request, report, output) : room;
    return all ? SC_OK : take_wanted(work, request, report, output);
}
