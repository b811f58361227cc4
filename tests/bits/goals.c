/* goals.c - what must have been tried of a row before it counts as proved. */
#include <string.h>

#include "bits.h"

static const struct goal any = {.name = "anything",
                                .shape = -1,
                                .values = -1,
                                .input = -1,
                                .dtype = -1,
                                .param = -1,
                                .option = -1,
                                .gradient = -1};

static bool shape_goal(int *n, struct goal *out)
{
    if (*n < SHAPES_ALL) {
        out->name = "this shape";
        out->shape = *n;
        return true;
    }
    *n -= SHAPES_ALL;
    return false;
}

static bool values_goal(int *n, struct goal *out)
{
    if (*n < VALUES) {
        out->name = "these values";
        out->values = *n;
        return true;
    }
    *n -= VALUES;
    return false;
}

/* Every input is there, and with each of its dtypes. */
static bool input_goal(const struct sc_op *op, int *n, struct goal *out)
{
    for (int i = 0; i < op->inputs; i++)
        for (int d = 0; d < SC_DTYPE_COUNT; d++)
            if ((op->input[i].dtypes >> d & 1) && (*n)-- == 0) {
                out->name = "an input of this dtype";
                out->input = i;
                out->dtype = d;
                out->needed = true;
                return true;
            }
    return false;
}

/* Every parameter with each of its words or values; of numbers any other than the default does,
 * as bounds between parameters may forbid some. */
static bool param_goal(const struct sc_op *op, int *n, struct goal *out)
{
    struct setting setting;

    for (int i = 0; i < op->params; i++) {
        const bool words = op->param[i].type == SC_PARAM_ENUM;
        const bool yes = op->param[i].type == SC_PARAM_BOOL;

        for (int k = 0; (words || k == 0) && option_of(&op->param[i], k, &setting); k++)
            if ((*n)-- == 0) {
                out->name = "this parameter";
                out->param = i;
                out->option = words ? k : yes ? 0 : -1;
                out->needed = true;
                return true;
            }
    }
    return false;
}

/* The parameter that asks for gradients. */
static bool find_grad(const struct sc_op *op, int *param)
{
    for (int i = 0; i < op->params; i++)
        if (strcmp(op->param[i].name, "grad") == 0) {
            *param = i;
            return true;
        }
    return false;
}

static bool gradient_goal(const struct sc_op *op, int *n, struct goal *out)
{
    for (int i = 0; find_grad(op, &out->param) && i < op->inputs; i++)
        if (op->input[i].differentiable && (*n)-- == 0) {
            out->name = "this gradient";
            out->option = 0;
            out->gradient = i;
            out->needed = true;
            return true;
        }
    return false;
}

bool goal_of(const struct sc_op *op, int n, struct goal *out)
{
    *out = any;
    if (shape_goal(&n, out) || values_goal(&n, out) || input_goal(op, &n, out) ||
        param_goal(op, &n, out))
        return true;
    if (gradient_goal(op, &n, out)) return true;
    *out = any;
    out->name = "merged states";
    out->merged = out->needed = true;
    return op->mergeable && n == 0;
}
