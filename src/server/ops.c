/* ops.c - which operations does a request ask for? */
#include <stdio.h>
#include <string.h>

#include "tasks.h"

#define POINTER "#/params/ops"

static enum sc_status no_memory(struct work *work)
{
    return sc_fail(work->note, SC_NO_MEMORY, NULL, "no memory for the operations");
}

static enum sc_status find(struct work *work, const char *name, const struct sc_op **out)
{
    const char *slash = strchr(name, '/');
    char family[32] = "";

    if (slash == NULL) {
        suggest_operations(&work->near, family, name, work->arena);
        work->problem = PROBLEM_NO_OPERATION;
        return sc_fail(work->note, SC_BAD_PARAM, POINTER,
                       "'ops' names '%.64s'; it takes names with their family, such as "
                       "losses/dice, separated by commas",
                       name);
    }
    snprintf(family, sizeof family, "%.*s", (int)(slash - name < 31 ? slash - name : 31), name);
    name = slash + 1;
    *out = sc_op_find(family, name);
    return *out ? SC_OK : work_no_operation(work, family, name);
}

static enum sc_status add(struct work *work, const char *name, struct tasks *tasks)
{
    const struct sc_op *op;

    SC_TRY(find(work, name, &op));
    for (size_t i = 0; i < tasks->count; i++)
        if (tasks->item[i].op == op)
            return sc_fail(work->note, SC_BAD_PARAM, POINTER,
                           "'ops' names %.100s twice; each operation comes once", name);
    tasks->item[tasks->count++] = (struct task){.op = op, .name = name};
    return SC_OK;
}

/* Names are cut at commas, in JSON too; blanks around them are no part of them. */
static enum sc_status add_names(struct work *work, const struct sc_arg *arg, size_t i,
                                struct tasks *tasks)
{
    struct sc_arena *arena = work->arena;
    const char *at = arg->text[i];

    while (*at != '\0') {
        const size_t size = strcspn(at, ","), blanks = strspn(at, " ");
        size_t end = size;
        const char *name;

        while (end > blanks && at[end - 1] == ' ') end--;
        name = end > blanks ? sc_arena_strndup(arena, at + blanks, end - blanks) : "";
        if (name == NULL) return no_memory(work);
        SC_TRY(add(work, name, tasks));
        at += size + (at[size] == ',');
    }
    return SC_OK;
}

static enum sc_status read_ops(struct work *work, const struct sc_arg *arg, struct tasks *out)
{
    *out = (struct tasks){
        .item = sc_arena_calloc(work->arena, (size_t)sc_op_count, sizeof *out->item)};
    if (out->item == NULL) return no_memory(work);
    if (arg->count > 0 && arg->kind != SC_ARG_RAW && arg->kind != SC_ARG_STRING)
        return sc_fail(work->note, SC_BAD_PARAM, POINTER,
                       "'ops' takes names of operations, such as [\"losses/dice\"]");
    for (size_t i = 0; i < arg->count; i++) SC_TRY(add_names(work, arg, i, out));
    if (out->count > 0) return SC_OK;
    return sc_fail(work->note, SC_BAD_PARAM, POINTER,
                   "'ops' names no operation; it takes names such as losses/dice, separated "
                   "by commas");
}

static bool same(const struct tasks *a, const struct tasks *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->item[i].op != b->item[i].op) return false;
    return a->count == b->count;
}

static enum sc_status the_one(struct work *work, struct tasks *out)
{
    struct task *task = sc_arena_calloc(work->arena, 1, sizeof *task);

    if (task == NULL) return no_memory(work);
    task->op = work->op;
    *out = (struct tasks){.item = task, .count = 1};
    return SC_OK;
}

enum sc_status tasks_choose(struct work *work, const struct sc_args *args, struct tasks *out)
{
    *out = (struct tasks){.count = 0};
    if (work->op != NULL) return the_one(work, out);
    for (size_t i = 0; i < args->count; i++) {
        struct tasks found;

        if (strcmp(args->item[i].name, "ops") != 0) continue;
        SC_TRY(read_ops(work, &args->item[i], &found));
        if (out->count > 0 && !same(out, &found))
            return sc_fail(work->note, SC_BAD_PARAM, POINTER,
                           "parameter 'ops' is given twice with different values; name all "
                           "operations in one, separated by commas");
        *out = found;
    }
    return SC_OK;
}
