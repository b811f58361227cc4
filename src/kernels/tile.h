/* tile.h - tiles of class values: for a run of positions, all C values of each, class by class,
 * in L1. Softmax, cross entropy and the region losses work on these. */
#pragma once

#include <assert.h>

#include "load.h"

#define SC_TILE        256   /* positions of a tile, where the classes are few */
#define SC_TILE_VALUES 65536 /* values of a tile, where they are many */

struct sc_tile {
    int width;                /* positions that fit */
    int size;                 /* positions that are there */
    int64_t from;             /* the first of them, counted through all samples */
    double *value;            /* [classes][width] */
    double *max, *sum, *rest; /* [width]: of softmax; the sum is sum + rest */
    /* The tile that follows, as sc_tile_load found it; NULL: it is none of this size. */
    const uint8_t *ahead;
    int64_t ahead_plane; /* bytes from class to class */
    int ahead_size;      /* of an element */
};

static inline int sc_tile_width(const struct sc_call *c)
{
    const int64_t fit = SC_TILE_VALUES / c->classes;

    if (fit >= SC_TILE) return SC_TILE;
    return fit < 1 ? 1 : fit < 32 ? (int)fit : (int)fit & ~31; /* whole vectors */
}

static inline size_t sc_tile_bytes(const struct sc_call *c)
{
    const size_t width = (size_t)sc_tile_width(c), classes = (size_t)c->classes;

    return (classes * width + 3 * width) * sizeof(double);
}

/* The size of the next tile, when `left` positions are left. */
static inline int sc_tile_size(const struct sc_tile *t, int64_t left)
{
    return sc_part_size(left, t->width);
}

/* The part of a block at this place, as much as fits. */
static inline struct sc_span sc_tile_part(const struct sc_tile *t, const struct sc_span *block,
                                          int64_t at)
{
    return sc_part_at(block, at, t->width);
}

/* Lays a tile out in sc_tile_bytes of memory, aligned for doubles; returns the memory after it.
 */
static inline void *sc_tile_init(struct sc_tile *t, const struct sc_call *c, void *memory)
{
    assert((uintptr_t)memory % _Alignof(double) == 0);
    t->width = sc_tile_width(c);
    t->ahead = NULL;
    t->value = memory;
    t->max = t->value + c->classes * t->width;
    t->sum = t->max + t->width;
    t->rest = t->sum + t->width;
    return t->rest + t->width;
}

/* Element index of class k of a position that is counted through all samples. */
static inline int64_t sc_plane_index(const struct sc_call *c, int64_t position, int64_t k)
{
    const int64_t sample = position / c->positions, within = position % c->positions;

    return (sample * c->classes + k) * c->positions + within;
}

/* The longest run from position i of the tile that stays in one sample. */
static inline int sc_tile_run(const struct sc_tile *t, const struct sc_call *c, int i)
{
    const int64_t left = c->positions - (t->from + i) % c->positions;

    return sc_part_size(left, t->size - i);
}

/* Where the tile that follows lies: in C pieces far from each other, which no machine foresees.
 * Loops over this one ask for it as they go, a line at a time: asked for at once, it would wait
 * for memory, and they with it. */
static inline void sc_tile_look_ahead(struct sc_tile *t, const struct sc_call *c,
                                      const struct sc_tensor *x)
{
    const int64_t from = t->from + t->size, left = c->positions - from % c->positions;
    const size_t size = sc_dtype_size(x->dtype);

    t->ahead = NULL;
    if (from >= c->samples * c->positions || left < t->width) return;
    t->ahead = (const uint8_t *)x->data + (size_t)sc_plane_index(c, from, 0) * size;
    t->ahead_plane = c->positions * (int64_t)size;
    t->ahead_size = (int)size;
}

/* Asks for positions i .. i + n - 1 of class k of the tile that follows. */
static inline __attribute__((always_inline)) void sc_tile_ask(const struct sc_tile *t,
                                                              int64_t k, int i, int n)
{
    const uint8_t *at;

    if (t->ahead == NULL) return;
    at = t->ahead + k * t->ahead_plane + i * t->ahead_size;
    for (int b = 0; b < n * t->ahead_size; b += 64) __builtin_prefetch(at + b, 0, 2);
}

/* Rows are turned in squares: as many positions as fill a line of memory, some classes at once.
 */
#define SC_ROWS     8
#define SC_ROW_PART 64

/* Values of positions i, i + 1, ... of the tile and of classes k, k + 1, ... as rows. */
static inline void sc_tile_turn(struct sc_tile *t, int i, int rows, int64_t k, int classes,
                                double row[SC_ROWS][SC_ROW_PART], bool into_tile)
{
    for (int j = 0; j < classes; j++) {
        double *value = t->value + (k + j) * t->width + i;

        if (into_tile)
            for (int r = 0; r < rows; r++) value[r] = row[r][j];
        else
            for (int r = 0; r < rows; r++) row[r][j] = value[r];
    }
}

/* Reads, or writes, positions whose classes are neighbours. */
static inline void sc_tile_rows(struct sc_tile *t, const struct sc_call *c,
                                const struct sc_tensor *x, bool read)
{
    double row[SC_ROWS][SC_ROW_PART];

    for (int i = 0; i < t->size; i += SC_ROWS)
        for (int64_t k = 0; k < c->classes; k += SC_ROW_PART) {
            const int rows = sc_part_size(t->size - i, SC_ROWS);
            const int part = sc_part_size(c->classes - k, SC_ROW_PART);
            const int64_t at = (t->from + i) * c->classes + k;

            if (read)
                for (int r = 0; r < rows; r++) sc_load(x, at + r * c->classes, part, row[r]);
            sc_tile_turn(t, i, rows, k, part, row, read);
            if (!read)
                for (int r = 0; r < rows; r++) sc_store(x, at + r * c->classes, part, row[r]);
        }
}

static inline void sc_tile_load_by(struct sc_tile *t, const struct sc_call *c,
                                   const struct sc_tensor *x, int64_t from, int size,
                                   void (*load)(const struct sc_tensor *, int64_t, int,
                                                double *))
{
    t->from = from;
    t->size = size;
    if (c->positions == 1) { /* rows: the classes of a position are neighbours */
        sc_tile_rows(t, c, x, true);
        return;
    }
    for (int i = 0; i < size; i += sc_tile_run(t, c, i)) {
        const int run = sc_tile_run(t, c, i);

        for (int64_t k = 0; k < c->classes; k++)
            load(x, sc_plane_index(c, from + i, k), run, t->value + k * t->width + i);
    }
    sc_tile_look_ahead(t, c, x);
}

/* Reads the classes of positions [from, from + size). */
static inline void sc_tile_load(struct sc_tile *t, const struct sc_call *c,
                                const struct sc_tensor *x, int64_t from, int size)
{
    sc_tile_load_by(t, c, x, from, size, sc_load);
}

/* The same for those whose loops do not ask for the tile that follows. */
static inline void sc_tile_load_ahead(struct sc_tile *t, const struct sc_call *c,
                                      const struct sc_tensor *x, int64_t from, int size)
{
    sc_tile_load_by(t, c, x, from, size, sc_load_ahead);
}

/* Writes the tile's values to a tensor of the shape of the one they came from. */
static inline void sc_tile_store(struct sc_tile *t, const struct sc_call *c,
                                 const struct sc_tensor *x)
{
    if (c->positions == 1) {
        sc_tile_rows(t, c, x, false);
        return;
    }
    for (int i = 0; i < t->size; i += sc_tile_run(t, c, i)) {
        const int run = sc_tile_run(t, c, i);

        for (int64_t k = 0; k < c->classes; k++)
            sc_store(x, sc_plane_index(c, t->from + i, k), run, t->value + k * t->width + i);
    }
}

/* THE check of probabilities: values outside [0, 1] are noted; a NaN is not, it shows in the
 * result. */
static inline void sc_tile_check(const struct sc_tile *t, const struct sc_call *c,
                                 struct sc_trouble *trouble)
{
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;
        int bad = 0;

        sc_tile_ask(t, k, 0, t->size);
        for (int i = 0; i < t->size; i++) bad |= (x[i] < 0) | (x[i] > 1);
        for (int i = 0; bad && i < t->size; i++)
            if (x[i] < 0 || x[i] > 1)
                sc_note_trouble(trouble, SC_PROBABILITY, sc_plane_index(c, t->from + i, k),
                                x[i]);
    }
}
