/* terms.h - adding the terms of a block, the one way. */
#pragma once

#include "lanes.h"
#include "load.h"

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
