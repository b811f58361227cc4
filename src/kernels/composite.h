/* composite.h - losses that are weighted sums of two others. Each part is the kernel of its own
 * row, called with parameters taken by name from those of the composite, and with a part of its
 * state and scratch. */
#pragma once

#include "op.h"

#define SC_PARTS 2

struct sc_part {
    int op;
    const char *name, *lambda;
    bool indices_only; /* of planes it is another loss */
};

/* The kernel of a composite, losses/NAME, of these parts. */
#define SC_COMPOSITE(name, ...)                                                                \
    SC_KERNEL(losses, name)                                                                    \
    {                                                                                          \
        static const struct sc_part parts[SC_PARTS] = {__VA_ARGS__};                           \
        static const struct sc_kernel kernel = {.parts = parts,                                \
                                                .check = sc_composite_check,                   \
                                                .layout = sc_composite_layout,                 \
                                                .scratch = sc_composite_scratch,               \
                                                .prepare = sc_composite_prepare,               \
                                                .update = sc_composite_update,                 \
                                                .by_tile = true,                               \
                                                .wants_softmax = sc_composite_wants_softmax,   \
                                                .same_weights = sc_composite_same_weights,     \
                                                .scale = sc_composite_scale,                   \
                                                .map = sc_composite_map,                       \
                                                .finish = sc_composite_finish};                \
                                                                                               \
        return &kernel;                                                                        \
    }

/* ---- composite.c: both parts at each step ---- */

enum sc_status sc_composite_check(const struct sc_params *params, struct sc_note *note);
void sc_composite_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                         size_t *sums);
size_t sc_composite_scratch(const struct sc_call *c);
enum sc_status sc_composite_prepare(struct sc_call *c, struct sc_arena *arena,
                                    struct sc_note *note);
void sc_composite_update(const struct sc_call *c, const struct sc_span *part,
                         struct sc_worker *w);
bool sc_composite_wants_softmax(const struct sc_call *c);
bool sc_composite_same_weights(const struct sc_params *params, const struct sc_state *a,
                               const struct sc_state *b);
double sc_composite_scale(const struct sc_call *c);
void sc_composite_map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w);

/* ---- composite_parts.c: what is theirs of its parameters and its state ---- */

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
