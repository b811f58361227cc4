/* composite.h - losses that are weighted sums of two others. Each part is the kernel of its own
 * row, called with parameters taken by name from those of the composite, and with a part of its
 * state and scratch; a new composite is a row of composite_parts.c. */
#pragma once

#include "op.h"

extern const struct sc_kernel sc_composite;

/* ---- composite_parts.c ---- */

#define SC_PARTS 2

struct sc_part {
    int op;
    const char *name, *lambda;
    bool indices_only; /* of planes it is another loss */
};

const struct sc_part *sc_parts_of(const struct sc_op *op);
const struct sc_kernel *sc_part_kernel(const struct sc_part *part);
double sc_part_lambda(const struct sc_params *params, const struct sc_part *part);

/* The parameters of a part: those of the composite that have the same names. */
struct sc_params sc_part_params(const struct sc_params *params, const struct sc_part *part);

/* Cuts the state of a part with these parameters off the rest of a composite's; in map, workers
 * have none. */
struct sc_state sc_part_state(const struct sc_params *own, struct sc_state *rest);

/* ---- composite_report.c ---- */

const char *sc_composite_finish(const struct sc_params *params, const struct sc_state *state,
                                struct sc_report *r);
