/* axis.h - what softmax and log_softmax share. */
#pragma once

#include "planes.h"

struct scratch {
    struct sc_tile x, g;
};

static inline size_t scratch(const struct sc_call *c)
{
    return sizeof(struct scratch) + 2 * sc_tile_bytes(c);
}

static inline enum sc_status prepare(struct sc_call *c, struct sc_arena *arena,
                                     struct sc_note *note)
{
    (void)arena;
    if (!sc_param(c->params, "grad")->boolean || c->in[1] != NULL) return SC_OK;
    return sc_fail(note, SC_BAD_INPUT, "#/grad_output",
                   "grad=true needs the input 'grad_output', of the shape of 'x'");
}

/* Adds x to a pair of sums; the small one rounds only what the large one loses. */
static inline void add(double *sum, double *rest, struct vm_pair x)
{
    const struct vm_pair s = vm_sum(*sum, x.hi);

    *sum = s.hi;
    *rest += s.lo + x.lo;
}

/* The small one of a pair of sums; 0 where the large one is no number, and it neither. */
static inline double rest_of(double sum, double rest)
{
    return fabs(sum) < HUGE_VAL ? rest : 0;
}
