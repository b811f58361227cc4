/* wrong_run.c - a machine that is wrong in one bit, for the tests of the self-test.
 *
 * Linked in front of sc_run (-Wl,--wrap), it changes the first result of the operation that
 * WRONG_OPERATION names, where instructions that not every CPU has are in use. Without that
 * variable nothing is changed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score.h"

enum sc_status __real_sc_run(const struct sc_op *op, const struct sc_tensors *in,
                             const struct sc_args *args, const struct sc_exec *exec,
                             struct sc_report *report, struct sc_note *note);
enum sc_status __wrap_sc_run(const struct sc_op *op, const struct sc_tensors *in,
                             const struct sc_args *args, const struct sc_exec *exec,
                             struct sc_report *report, struct sc_note *note);

static bool is_wrong(const struct sc_op *op)
{
    const char *name = getenv("WRONG_OPERATION"), *level = sc_isa();

    return name != NULL && strcmp(name, op->name) == 0 && strcmp(level, "v1") != 0 &&
           strcmp(level, "arm64") != 0;
}

/* False: there is no such bit in it. */
static bool change_last_bit(struct sc_value *value)
{
    switch (value->kind) {
    case SC_VALUE_REAL:
        if (!isfinite(value->as.real)) return false;
        value->as.real = nextafter(value->as.real, INFINITY);
        return true;
    case SC_VALUE_LIST:
    case SC_VALUE_TENSOR:
        if (value->as.tensor.count == 0) return false;
        *(unsigned char *)value->as.tensor.data ^= 1;
        return true;
    default:
        return false;
    }
}

enum sc_status __wrap_sc_run(const struct sc_op *op, const struct sc_tensors *in,
                             const struct sc_args *args, const struct sc_exec *exec,
                             struct sc_report *report, struct sc_note *note)
{
    const enum sc_status status = __real_sc_run(op, in, args, exec, report, note);

    for (size_t i = 0; status == SC_OK && is_wrong(op) && i < report->count; i++)
        if (change_last_bit(&report->value[i])) break;
    return status;
}
