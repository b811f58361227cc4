/* composite_parts.c - the parts of a weighted sum, and what is theirs of its parameters and its
 * state. */
#include "composite.h"

const struct sc_kernel *sc_part_kernel(const struct sc_part *part)
{
    return sc_kernel(&sc_ops[part->op]);
}

double sc_part_lambda(const struct sc_params *params, const struct sc_part *part)
{
    return sc_param(params, part->lambda)->real;
}

struct sc_params sc_part_params(const struct sc_params *params, const struct sc_part *part)
{
    struct sc_params own = {.op = &sc_ops[part->op]};

    for (int i = 0; i < own.op->params; i++)
        own.value[i] = *sc_param(params, own.op->param[i].name);
    return own;
}

struct sc_state sc_part_state(const struct sc_params *own, struct sc_state *rest)
{
    struct sc_state s = {.classes = rest->classes, .count = rest->count, .sum = rest->sum};

    sc_kernel(own->op)->layout(own, rest->classes, &s.counts, &s.sums);
    if (rest->count != NULL) rest->count += s.counts;
    if (rest->sum != NULL) rest->sum += s.sums;
    return s;
}
