/* tasks.h - the operations that a request asks for, each with what is for it.
 *
 * A path that names an operation asks for that one; else the parameter `ops` names some:
 * "losses/dice,metrics/segmentation". A parameter or input goes to every operation that has it;
 * "losses/dice.smooth" goes to one. What nothing has is refused. */
#pragma once

#include "server.h"

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

/* The operations of a call, without anything yet; none when nothing names any. */
enum sc_status tasks_choose(struct call *call, const struct sc_args *args, struct tasks *out);

/* Hand out what has come, as it came. Failures of several begin with the operation's name. */
enum sc_status tasks_take_args(struct call *call, const struct sc_args *args,
                               struct tasks *tasks);
enum sc_status tasks_take_tensors(struct call *call, const struct sc_tensors *tensors,
                                  struct tasks *tasks);

/* Checks the parameters that are there, before the body is. */
enum sc_status tasks_check_args(struct call *call, const struct tasks *tasks);

/* A small body can ask for much: thousands of classes, all operations. True: serve it again on
 * the executor. */
bool tasks_defer(struct call *call, const struct tasks *tasks);

/* Makes the reports, all or none. */
enum sc_status tasks_run(struct call *call, struct tasks *tasks);
