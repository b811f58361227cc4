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

/* Writes the tile's values, and counts what is not finite in the dtype of the output. */
static inline void store(struct sc_tile *t, const struct sc_call *c, int output,
                         struct sc_worker *w)
{
    const struct sc_tensor *y = &c->out[output];
    int64_t *count = &w->nonfinite[output];

    sc_tile_store(t, c, y);
    if (c->positions == 1) {
        *count += sc_count_nonfinite_at(y, t->from * c->classes, t->size * (int)c->classes);
        return;
    }
    for (int i = 0; i < t->size; i += sc_tile_run(t, c, i))
        for (int64_t k = 0; k < c->classes; k++)
            *count += sc_count_nonfinite_at(y, sc_plane_index(c, t->from + i, k),
                                            sc_tile_run(t, c, i));
}
