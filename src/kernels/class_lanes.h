/* class_lanes.h - values that each belong to one class, added in lanes of its own. */
#pragma once

#include "terms.h"

/* A worker's scratch: the lanes of each class in the block at hand, all 0 between blocks. */
struct sc_class_lanes {
    double (*lane)[SC_LANES]; /* [classes] */
    int32_t *count;           /* [classes] */
};

static inline size_t sc_class_lanes_bytes(const struct sc_call *c)
{
    return (size_t)c->classes * (SC_LANES * sizeof(double) + sizeof(int32_t));
}

static inline void sc_class_lanes_init(struct sc_class_lanes *l, const struct sc_call *c,
                                       void *memory)
{
    l->lane = memory;
    l->count = (int32_t *)(l->lane + c->classes);
}

/* Do all of SC_LANES neighbours have the class of the first? */
static inline bool sc_class_is_one(const int32_t *code)
{
    int32_t other = 0;

    for (int j = 0; j < SC_LANES; j++) other |= code[j] ^ code[0];
    return other == 0;
}

/* Adds x[i] to lane i mod 32 of class code[i] - first, in order, and counts it; codes of no
 * class are passed over. Masks have long runs of one class. */
static inline void sc_class_lanes_add(struct sc_class_lanes *l, const double *x,
                                      const int32_t *code, int n, int32_t first,
                                      int32_t classes)
{
    for (int i = 0; i < n; i += SC_LANES) {
        const int32_t own = code[i] - first;
        const int part = sc_part_size(n - i, SC_LANES);

        if (part == SC_LANES && sc_class_is_one(code + i)) {
            if (own < 0 || own >= classes) continue;
            for (int j = 0; j < SC_LANES; j++) l->lane[own][j] += x[i + j];
            l->count[own] += SC_LANES;
            continue;
        }
        for (int j = 0; j < part; j++) {
            const int32_t k = code[i + j] - first;

            if (k < 0 || k >= classes) continue;
            l->lane[k][j] += x[i + j];
            l->count[k]++;
        }
    }
}
