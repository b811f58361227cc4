/* tasks.h - the operations that are asked for, each with what is for it.
 *
 * A path that names an operation asks for that one; else the parameter `ops` names some:
 * "losses/dice,metrics/segmentation". A parameter or input goes to every operation that has it;
 * "losses/dice.smooth" goes to one. What nothing has is refused. */
#pragma once

#include "work.h"

struct task {
    const struct sc_op *op;
    const char *name; /* "losses/dice" among several; NULL: alone */
    struct sc_args args;
    struct sc_tensors tensors;
    struct sc_report report; /* by tasks_run */
};

struct tasks {
    struct task *item;
    size_t count;
};

/* Has the operation an input of that name? A tensor without one is an activation's only one. */
bool task_has_input(const struct sc_op *op, const char *name);

/* The operations that the arguments ask for, without anything yet; none when nothing names any.
 * (ops.c) */
enum sc_status tasks_choose(struct work *work, const struct sc_args *args, struct tasks *out);

/* Hand out what has come, as it came. Failures of several begin with the operation's name.
 * (tasks_args.c, tasks.c) */
enum sc_status tasks_take_args(struct work *work, const struct sc_args *args,
                               struct tasks *tasks);
enum sc_status tasks_take_tensors(struct work *work, const struct sc_tensors *tensors,
                                  struct tasks *tasks);

/* Checks what came before the tensors, on its own. */
enum sc_status tasks_check_work(struct work *work);

/* All that was asked for: what came before the tensors, and what came with them, options apart.
 */
enum sc_status tasks_make(struct work *work, struct codec_payload *payload, struct tasks *out);

/* The sum of sc_cost: a small body can ask for much, thousands of classes, all operations. */
int64_t tasks_cost(const struct tasks *tasks, const struct sc_exec *exec);

/* Makes the reports, all or none. */
enum sc_status tasks_run(struct work *work, const struct sc_exec *exec, struct tasks *tasks);

/* Their reports, to be written. */
enum sc_status tasks_results(const struct work *work, const struct tasks *tasks,
                             struct codec_results *out);
