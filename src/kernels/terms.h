/* terms.h - adding the terms of a block, the one way. */
#pragma once

#include "lanes.h"
#include "load.h"

/* Adds the next piece of a block to its lanes, as sc_block_sum adds the whole. */
static inline void sc_lanes_add(double lane[SC_LANES], const double *x, int n)
{
    double sum[SC_LANES]; /* a copy, which stays in registers */
    int i = 0;

    memcpy(sum, lane, sizeof sum);
    for (; i + SC_LANES <= n; i += SC_LANES)
        for (int j = 0; j < SC_LANES; j++) sum[j] += x[i + j];
    for (int j = 0; i + j < n; j++) sum[j] += x[i + j];
    memcpy(lane, sum, sizeof sum);
}

/* Adds n <= SC_BLOCK terms: the block's sum, or each element exactly where samples are smaller
 * than a block (so that no cut of the batch can change the result). */
static inline void sc_sum_terms(const struct sc_call *c, const double *term, int n,
                                struct sc_exact *sum)
{
    if (c->by_element)
        sc_exact_add_array(sum, term, (size_t)n);
    else
        sc_exact_add(sum, sc_block_sum(term, n));
}
