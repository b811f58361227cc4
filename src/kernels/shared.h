/* shared.h - what operations that go through a batch together have in common at the tile at
 * hand: the softmax of the class scores. Whoever asks first computes it; it is right for all
 * who ask for these places until the next tile. */
#pragma once

#include "planes.h"

struct sc_shared {
    _Alignas(SC_ARENA_ALIGN) struct sc_tile softmax; /* its values follow, aligned too */
    const void *scores; /* data of the tensor whose places they are; NULL: of none yet */
};

static inline size_t sc_shared_bytes(const struct sc_call *c)
{
    return sizeof(struct sc_shared) + sc_tile_bytes(c);
}

/* Lays it out in sc_shared_bytes of zeroed memory. */
static inline struct sc_shared *sc_shared_init(const struct sc_call *c, void *memory)
{
    struct sc_shared *shared = memory;

    sc_tile_init(&shared->softmax, c, shared + 1);
    return shared;
}

/* The softmax of `size` positions of the first input, with its max and sum, to be read. */
static inline const struct sc_tile *sc_shared_softmax(const struct sc_call *c, int64_t from,
                                                      int size, struct sc_shared *shared)
{
    struct sc_tile *p = &shared->softmax;
    const bool there = shared->scores == c->in[0]->data && p->from == from && p->size == size;

    if (there) return p;
    sc_tile_load(p, c, c->in[0], from, size);
    sc_tile_softmax(p, c);
    shared->scores = c->in[0]->data;
    return p;
}

/* Is x - max exact for all scores of a tile? Mostly, if they are float32: then exp(x - max) of
 * a softmax has the bits of any other. What a difference d loses is a multiple of the unit of x
 * or of max, whichever is smaller; so if it is not 0, d and the other do not give back that
 * one. -inf is exact: exp gives 0. */
static inline bool sc_is_exact_below(const struct sc_tile *x, const double *max,
                                     int64_t classes)
{
    int64_t inexact = 0;

    for (int64_t k = 0; k < classes; k++) {
        const double *value = x->value + k * x->width;

        for (int i = 0; i < x->size; i++) {
            const double d = value[i] - max[i];

            inexact |= (d + max[i] != value[i] ? 1 : 0) |
                       (value[i] - d != max[i] && d != -HUGE_VAL ? 1 : 0);
        }
    }
    return inexact == 0;
}

/* sc_tile_expsum of scores that are loaded: from the softmax, where somebody wants that anyway
 * and its sum has the same bits. */
static inline void sc_shared_expsum(const struct sc_call *c, struct sc_tile *x,
                                    struct sc_shared *shared)
{
    const size_t bytes = (size_t)x->size * sizeof(double);
    const struct sc_tile *p;

    if (shared != NULL) {
        p = sc_shared_softmax(c, x->from, x->size, shared);
        if (sc_is_exact_below(x, p->max, c->classes)) {
            memcpy(x->max, p->max, bytes);
            memcpy(x->sum, p->sum, bytes);
            return;
        }
    }
    sc_tile_expsum(x, c);
}
