/* tasks_args.c - parameters to the operations that have them. */
#include <stdio.h>
#include <string.h>

#include "tasks.h"

static void suggest_options(struct work *work, const char *name)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        suggest_near(&work->near, name, options_name((enum option)i));
}

#define TAKES "it takes "

/* "did you mean 'reduction'?", or all names of one operation when none is near. */
static const char *advice(const struct work *work, const struct task *task, char *text,
                          size_t size)
{
    char *list = text + strlen(TAKES);

    if (work->near.count > 0) {
        snprintf(text, size, "did you mean '%s'?", work->near.name[0]);
        return text;
    }
    if (task == NULL) return "GET /v1/operations lists those they have";
    snprintf(text, size, TAKES);
    size -= strlen(TAKES);
    for (int i = 0; i < task->op->params; i++)
        sc_list_add(list, size, "%s", task->op->param[i].name);
    for (int i = 0; i < OPTION_COUNT; i++)
        if (i != OPTION_STATE || task->op->mergeable)
            sc_list_add(list, size, "%s", options_name((enum option)i));
    return text;
}

/* The body has it, or one of a name that is near. */
static void suggest_inputs(struct work *work, const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->inputs; i++) suggest_near(&work->near, name, op->input[i].name);
}

static enum sc_status misplaced_input(struct work *work, const char *name)
{
    return sc_fail_param(work->note, SC_BAD_PARAM, name,
                         "'%.64s' is an input, not a parameter: send it in the body", name);
}

/* The core refuses unknown names too; here the near ones are known to the reply. */
static enum sc_status unknown_param(struct work *work, const struct task *task,
                                    const char *name)
{
    char text[256];

    if (*name != '\0' && task_has_input(task->op, name)) return misplaced_input(work, name);
    suggest_params(&work->near, name, task->op);
    suggest_options(work, name);
    suggest_inputs(work, task->op, name);
    return sc_fail_param(work->note, SC_BAD_PARAM, name, "%s/%s has no parameter '%.64s'; %s",
                         sc_family_name(task->op->family), task->op->name, name,
                         advice(work, task, text, sizeof text));
}

static enum sc_status known_to_none(struct work *work, const struct tasks *tasks,
                                    const char *name)
{
    char text[256];

    for (size_t i = 0; i < tasks->count; i++) {
        if (*name != '\0' && task_has_input(tasks->item[i].op, name))
            return misplaced_input(work, name);
        suggest_params(&work->near, name, tasks->item[i].op);
    }
    suggest_options(work, name);
    return sc_fail_param(work->note, SC_BAD_PARAM, name,
                         "no operation of 'ops' has a parameter '%.64s'; %s", name,
                         advice(work, NULL, text, sizeof text));
}

/* The name of a parameter behind that of its operation: "smooth" of "losses/dice.smooth". */
static const char *own_name(const struct task *task, const char *name)
{
    const size_t size = strlen(task->name);

    return strncmp(name, task->name, size) == 0 && name[size] == '.' ? name + size + 1 : NULL;
}

/* The name of an operation alone: in JSON, the object of its parameters when that is empty. */
static enum sc_status check_group(struct work *work, const struct sc_arg *arg)
{
    if (arg->is_list && arg->count == 0) return SC_OK;
    return sc_fail(work->note, SC_BAD_PARAM, "#/params",
                   "'%.100s' takes an object of its parameters, in JSON; in the query they are "
                   "%.64s.NAME=VALUE",
                   arg->name, arg->name);
}

/* A parameter with the name of an operation before it. */
static enum sc_status take_prefixed(struct work *work, const struct sc_arg *arg,
                                    struct tasks *tasks)
{
    struct sc_arg own = *arg;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        if (strcmp(arg->name, task->name) == 0) return check_group(work, arg);
        own.name = own_name(task, arg->name);
        if (own.name == NULL) continue;
        if (sc_param_find(task->op, own.name) == NULL)
            return unknown_param(work, task, own.name);
        return sc_args_add(&task->args, &own, work->arena, work->note);
    }
    return sc_fail(work->note, SC_BAD_PARAM, "#/params",
                   "'%.100s' in the parameters is for no operation of 'ops'", arg->name);
}

static enum sc_status take_arg(struct work *work, const struct sc_arg *arg, struct tasks *tasks)
{
    bool known = false;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        if (sc_param_find(task->op, arg->name) == NULL) continue;
        known = true;
        SC_TRY(sc_args_add(&task->args, arg, work->arena, work->note));
    }
    if (known) return SC_OK;
    return work->op ? unknown_param(work, &tasks->item[0], arg->name)
                    : known_to_none(work, tasks, arg->name);
}

enum sc_status tasks_take_args(struct work *work, const struct sc_args *args,
                               struct tasks *tasks)
{
    const bool several = work->op == NULL;

    for (size_t i = 0; i < args->count; i++) {
        const struct sc_arg *arg = &args->item[i];

        if (several && strcmp(arg->name, "ops") == 0) continue;
        if (several && strchr(arg->name, '/') != NULL)
            SC_TRY(take_prefixed(work, arg, tasks));
        else
            SC_TRY(take_arg(work, arg, tasks));
    }
    return SC_OK;
}
