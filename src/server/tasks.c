/* tasks.c - parameters and inputs to the operations that have them, and running these. */
#include "tasks.h"

#include <stdio.h>
#include <string.h>

#define INLINE_COST 65536 /* of cost_of: about 100 us */

static bool has_param(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->params; i++)
        if (strcmp(op->param[i].name, name) == 0) return true;
    return false;
}

/* A tensor without a name is an activation's only one. */
static bool has_input(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->inputs; i++)
        if (strcmp(op->input[i].name, *name ? name : "x") == 0) return true;
    return false;
}

/* Begins the detail of a failure with the operation's name, where there are several. */
static enum sc_status told(struct call *call, const struct task *task, enum sc_status status)
{
    struct sc_note *note = &call->rq->note;
    const size_t size = task->name ? strlen(task->name) : 0;
    char detail[sizeof note->detail];

    if (status == SC_OK || task->name == NULL || strncmp(note->detail, task->name, size) == 0)
        return status;
    memcpy(detail, note->detail, sizeof detail);
    snprintf(note->detail, sizeof note->detail, "%s: %.*s", task->name,
             (int)(sizeof detail - size), detail);
    return status;
}

/* ---- parameters ---- */

/* "did you mean 'reduction'?", or all names of one operation when none is near. */
static const char *advice(const struct call *call, const struct task *task, char *text,
                          size_t size)
{
    size_t used;

    if (call->near.count > 0) {
        snprintf(text, size, "did you mean '%s'?", call->near.name[0]);
        return text;
    }
    if (task == NULL) return "GET /v1/operations lists those they have";
    used = (size_t)snprintf(text, size, "it takes");
    for (int i = 0; i < task->op->params && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", task->op->param[i].name);
    return text;
}

/* The core refuses unknown names too; here the near ones are known to the reply. */
static enum sc_status unknown_param(struct call *call, const struct task *task,
                                    const char *name)
{
    char text[256], pointer[96];

    suggest_params(&call->near, name, task->op);
    snprintf(pointer, sizeof pointer, "#/params/%.64s", name);
    return sc_fail(&call->rq->note, SC_BAD_PARAM, pointer, "%s/%s has no parameter '%.64s'; %s",
                   sc_family_name(task->op->family), task->op->name, name,
                   advice(call, task, text, sizeof text));
}

static enum sc_status known_to_none(struct call *call, const struct tasks *tasks,
                                    const char *name)
{
    char text[256], pointer[96];

    for (size_t i = 0; i < tasks->count; i++)
        suggest_params(&call->near, name, tasks->item[i].op);
    snprintf(pointer, sizeof pointer, "#/params/%.64s", name);
    return sc_fail(&call->rq->note, SC_BAD_PARAM, pointer,
                   "no operation of 'ops' has a parameter '%.64s'; %s", name,
                   advice(call, NULL, text, sizeof text));
}

/* The name of a parameter behind that of its operation: "smooth" of "losses/dice.smooth". */
static const char *own_name(const struct task *task, const char *name)
{
    const size_t size = strlen(task->name);

    return strncmp(name, task->name, size) == 0 && name[size] == '.' ? name + size + 1 : NULL;
}

/* A parameter with the name of an operation before it. */
static enum sc_status take_prefixed(struct call *call, const struct sc_arg *arg,
                                    struct tasks *tasks)
{
    struct sc_arg own = *arg;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        own.name = own_name(task, arg->name);
        if (own.name == NULL) continue;
        if (!has_param(task->op, own.name)) return unknown_param(call, task, own.name);
        return sc_args_add(&task->args, &own, &call->rq->arena, &call->rq->note);
    }
    return sc_fail(&call->rq->note, SC_BAD_PARAM, "#/params",
                   "parameter '%.100s' is for no operation of 'ops'", arg->name);
}

static enum sc_status take_arg(struct call *call, const struct sc_arg *arg, struct tasks *tasks)
{
    bool known = false;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        if (!has_param(task->op, arg->name)) continue;
        known = true;
        SC_TRY(sc_args_add(&task->args, arg, &call->rq->arena, &call->rq->note));
    }
    if (known) return SC_OK;
    return call->op ? unknown_param(call, &tasks->item[0], arg->name)
                    : known_to_none(call, tasks, arg->name);
}

enum sc_status tasks_take_args(struct call *call, const struct sc_args *args,
                               struct tasks *tasks)
{
    const bool several = call->op == NULL;

    for (size_t i = 0; i < args->count; i++) {
        const struct sc_arg *arg = &args->item[i];

        if (several && strcmp(arg->name, "ops") == 0) continue;
        if (several && strchr(arg->name, '/') != NULL)
            SC_TRY(take_prefixed(call, arg, tasks));
        else
            SC_TRY(take_arg(call, arg, tasks));
    }
    return SC_OK;
}

enum sc_status tasks_check_args(struct call *call, const struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++) {
        const struct task *task = &tasks->item[i];

        SC_TRY(told(call, task,
                    sc_check_args(task->op, &task->args, &call->rq->arena, &call->rq->note)));
    }
    return SC_OK;
}

/* ---- inputs ---- */

static enum sc_status unknown_input(struct call *call, const struct tasks *tasks,
                                    const char *name)
{
    char pointer[96];

    if (*name == '\0')
        return sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                       "the body is one tensor without a name, which no operation of 'ops' "
                       "takes; send pred and target as parts of multipart/form-data or as "
                       "members of JSON");
    snprintf(pointer, sizeof pointer, "#/%.64s", name);
    for (size_t i = 0; i < tasks->count; i++)
        if (has_param(tasks->item[i].op, name))
            return sc_fail(&call->rq->note, SC_BAD_INPUT, pointer,
                           "'%.64s' is no input but a parameter; parameters go into the query "
                           "or into 'params'",
                           name);
    return sc_fail(&call->rq->note, SC_BAD_INPUT, pointer,
                   "no operation of 'ops' has an input '%.64s'", name);
}

static enum sc_status take_tensor(struct call *call, const char *name,
                                  const struct sc_tensor *tensor, struct tasks *tasks)
{
    bool known = false;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        if (!has_input(task->op, name)) continue;
        known = true;
        SC_TRY(sc_tensors_add(&task->tensors, name, tensor, &call->rq->arena, &call->rq->note));
    }
    return known ? SC_OK : unknown_input(call, tasks, name);
}

/* The core refuses what one operation has not. */
enum sc_status tasks_take_tensors(struct call *call, const struct sc_tensors *tensors,
                                  struct tasks *tasks)
{
    if (call->op != NULL) {
        tasks->item[0].tensors = *tensors;
        return SC_OK;
    }
    for (size_t i = 0; i < tensors->count; i++)
        SC_TRY(take_tensor(call, tensors->item[i].name, &tensors->item[i].tensor, tasks));
    return SC_OK;
}

/* ---- running ---- */

/* The sum of sc_cost. */
static int64_t cost_of(struct call *call, const struct tasks *tasks)
{
    const struct sc_exec exec = call_exec(call);
    int64_t cost = 0;

    for (size_t i = 0; i < tasks->count; i++) {
        const struct task *task = &tasks->item[i];

        cost += sc_cost(task->op, &task->tensors, &task->args, &exec);
    }
    return cost;
}

bool tasks_defer(struct call *call, const struct tasks *tasks)
{
    struct http_request *rq = call->rq;

    rq->deferred = !rq->on_executor && cost_of(call, tasks) > INLINE_COST;
    return rq->deferred;
}

enum sc_status tasks_run(struct call *call, struct tasks *tasks)
{
    const struct sc_exec exec = call_exec(call);

    SC_TRY(call_in_time(call));
    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        SC_TRY(told(call, task,
                    sc_run(task->op, &task->tensors, &task->args, &exec, &task->report,
                           &call->rq->note)));
    }
    return SC_OK;
}
