/* tasks.c - the operations that were asked for get what came, and run. */
#include "tasks.h"

#include <string.h>

/* Where there are several operations a failure says which it is of. */
static enum sc_status told(struct work *work, const struct task *task, enum sc_status status)
{
    const char *name = task->name;

    if (status == SC_OK || name == NULL) return status;
    for (struct sc_note *note = work->note; note != NULL; note = note->more)
        if (strncmp(note->detail, name, strlen(name)) != 0)
            sc_fail_in(note, status, "%s", name);
    return status;
}

enum sc_status tasks_check_work(struct work *work)
{
    struct tasks tasks;

    SC_TRY(tasks_choose(work, &work->args, &tasks));
    if (tasks.count == 0) return SC_OK; /* they may come with the tensors */
    SC_TRY(tasks_take_args(work, &work->args, &tasks));
    for (size_t i = 0; i < tasks.count; i++) {
        const struct task *task = &tasks.item[i];

        SC_TRY(told(work, task, sc_check_args(task->op, &task->args, work->arena, work->note)));
    }
    return SC_OK;
}

/* ---- inputs ---- */

bool task_has_input(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->inputs; i++)
        if (strcmp(op->input[i].name, *name ? name : "x") == 0) return true;
    return false;
}

/* A name that belongs into the query: of a parameter of an operation, or of an option. */
static bool is_param(const struct work *work, const struct tasks *tasks, const char *name)
{
    bool any = options_has(name) || (work->op == NULL && strcmp(name, "ops") == 0);

    for (size_t i = 0; i < tasks->count; i++)
        any = any || sc_param_find(tasks->item[i].op, name) != NULL;
    return any;
}

static enum sc_status misplaced_param(struct work *work, const char *name)
{
    return sc_fail_input(work->note, SC_BAD_INPUT, name,
                         "'%.64s' is a parameter, not an input: put it into the query, "
                         "?%.64s=..., or into 'params'",
                         name, name);
}

static enum sc_status unknown_input(struct work *work, const char *name)
{
    if (*name == '\0')
        return sc_fail(work->note, SC_BAD_INPUT, NULL,
                       "the body is one tensor without a name, which no operation of 'ops' "
                       "takes; send pred and target as parts of multipart/form-data or as "
                       "members of JSON");
    return sc_fail_input(work->note, SC_BAD_INPUT, name,
                         "no operation of 'ops' has an input '%.64s'", name);
}

static enum sc_status take_tensor(struct work *work, const char *name,
                                  const struct sc_tensor *tensor, struct tasks *tasks)
{
    bool known = false;

    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        if (!task_has_input(task->op, name)) continue;
        known = true;
        SC_TRY(sc_tensors_add(&task->tensors, name, tensor, work->arena, work->note));
    }
    if (known) return SC_OK;
    return is_param(work, tasks, name) ? misplaced_param(work, name)
                                       : unknown_input(work, name);
}

/* The core refuses what one operation has not, but only after its parameters. */
static enum sc_status check_names(struct work *work, const struct sc_tensors *tensors,
                                  const struct tasks *tasks)
{
    for (size_t i = 0; i < tensors->count; i++) {
        const char *name = tensors->item[i].name;

        if (!task_has_input(work->op, name) && is_param(work, tasks, name))
            return misplaced_param(work, name);
    }
    return SC_OK;
}

enum sc_status tasks_take_tensors(struct work *work, const struct sc_tensors *tensors,
                                  struct tasks *tasks)
{
    if (work->op != NULL) {
        tasks->item[0].tensors = *tensors;
        return check_names(work, tensors, tasks);
    }
    for (size_t i = 0; i < tensors->count; i++)
        SC_TRY(take_tensor(work, tensors->item[i].name, &tensors->item[i].tensor, tasks));
    return SC_OK;
}

/* ---- both ---- */

/* What came before and what came with the tensors; contradictions are refused later. */
static enum sc_status join(struct work *work, const struct sc_args *with, struct sc_args *out)
{
    const struct sc_args *both[] = {&work->args, with};

    *out = (struct sc_args){.count = 0};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->count; i++)
            SC_TRY(sc_args_add(out, &both[k]->item[i], work->arena, work->note));
    return SC_OK;
}

static enum sc_status no_ops(struct work *work, const struct sc_args *args)
{
    for (size_t i = 0; i < args->count; i++)
        if (suggest_distance(args->item[i].name, "ops") == 1)
            return sc_fail(work->note, SC_BAD_PARAM, "#/params/ops",
                           "parameter 'ops' is missing; is '%.64s' meant to be it?",
                           args->item[i].name);
    return sc_fail(work->note, SC_BAD_PARAM, "#/params/ops",
                   "parameter 'ops' is missing: the operations to score, such as "
                   "?ops=losses/dice,metrics/segmentation");
}

enum sc_status tasks_make(struct work *work, struct codec_payload *payload, struct tasks *out)
{
    struct sc_args args;

    SC_TRY(options_take(&work->options, &payload->args, work->note));
    SC_TRY(join(work, &payload->args, &args));
    SC_TRY(tasks_choose(work, &args, out));
    if (out->count == 0) return no_ops(work, &args);
    SC_TRY(tasks_take_args(work, &args, out));
    return tasks_take_tensors(work, &payload->tensors, out);
}

/* ---- running ---- */

int64_t tasks_cost(const struct tasks *tasks, const struct sc_exec *exec)
{
    int64_t cost = 0;

    for (size_t i = 0; i < tasks->count; i++) {
        const struct task *task = &tasks->item[i];

        cost += sc_cost(task->op, &task->tensors, &task->args, exec);
    }
    return cost;
}

enum sc_status tasks_run(struct work *work, const struct sc_exec *exec, struct tasks *tasks)
{
    struct sc_job *job = sc_arena_calloc(work->arena, tasks->count, sizeof *job);
    enum sc_status status;
    size_t failed;

    if (job == NULL)
        return sc_fail(work->note, SC_NO_MEMORY, NULL, "no memory for the operations");
    for (size_t i = 0; i < tasks->count; i++) {
        struct task *task = &tasks->item[i];

        job[i] = (struct sc_job){task->op, &task->tensors, &task->args, &task->report};
    }
    status = sc_run_all(job, tasks->count, exec, &failed, work->note);
    return status == SC_OK ? SC_OK : told(work, &tasks->item[failed], status);
}

enum sc_status tasks_results(const struct work *work, const struct tasks *tasks,
                             struct codec_results *out)
{
    struct codec_result *item = sc_arena_calloc(work->arena, tasks->count, sizeof *item);

    if (item == NULL) return sc_fail(work->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    for (size_t i = 0; i < tasks->count; i++)
        item[i] = (struct codec_result){tasks->item[i].name, &tasks->item[i].report};
    *out = (struct codec_results){.item = item, .count = tasks->count};
    return SC_OK;
}
