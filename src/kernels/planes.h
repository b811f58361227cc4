/* planes.h - tiles of class values: for a run of positions, all C values of each, class by
 * class, in L1. Softmax, cross entropy and the region losses work on these. */
#pragma once

#include "load.h"
#include "vmath.h"

#define SC_TILE        256   /* positions of a tile, where the classes are few */
#define SC_TILE_VALUES 65536 /* values of a tile, where they are many */

struct sc_tile {
    int width;                /* positions that fit */
    int size;                 /* positions that are there */
    int64_t from;             /* the first of them, counted through all samples */
    double *value;            /* [classes][width] */
    double *max, *sum, *rest; /* [width]: of softmax; the sum is sum + rest */
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
    return left < t->width ? (int)left : t->width;
}

/* The part of a block at this place, as much as fits. */
static inline struct sc_span sc_tile_part(const struct sc_tile *t, const struct sc_span *block,
                                          int64_t at)
{
    return (struct sc_span){block->from + at, sc_tile_size(t, block->size - at), at,
                            block->size};
}

/* Lays a tile out in sc_tile_bytes of memory; returns the memory after it. */
static inline void *sc_tile_init(struct sc_tile *t, const struct sc_call *c, void *memory)
{
    t->width = sc_tile_width(c);
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

    return (int)(left < t->size - i ? left : t->size - i);
}

/* Asks for the tile that follows: it lies in C pieces far from each other, which no machine
 * foresees. */
static inline void sc_tile_prefetch(const struct sc_tile *t, const struct sc_call *c,
                                    const struct sc_tensor *x)
{
    const int64_t from = t->from + t->size, left = c->positions - from % c->positions;
    const size_t size = sc_dtype_size(x->dtype);
    const size_t bytes = (size_t)(left < t->width ? left : t->width) * size;

    if (from >= c->samples * c->positions) return;
    for (int64_t k = 0; k < c->classes; k++) {
        const uint8_t *plane = (const uint8_t *)x->data +
                               (size_t)sc_plane_index(c, from, k) * size;

        for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(plane + i, 0, 2);
    }
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
            const int rows = t->size - i < SC_ROWS ? t->size - i : SC_ROWS;
            const int part = c->classes - k < SC_ROW_PART ? (int)(c->classes - k) : SC_ROW_PART;
            const int64_t at = (t->from + i) * c->classes + k;

            if (read)
                for (int r = 0; r < rows; r++) sc_load(x, at + r * c->classes, part, row[r]);
            sc_tile_turn(t, i, rows, k, part, row, read);
            if (!read)
                for (int r = 0; r < rows; r++) sc_store(x, at + r * c->classes, part, row[r]);
        }
}

/* Reads the classes of positions [from, from + size). */
static inline void sc_tile_load(struct sc_tile *t, const struct sc_call *c,
                                const struct sc_tensor *x, int64_t from, int size)
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
            sc_load(x, sc_plane_index(c, from + i, k), run, t->value + k * t->width + i);
    }
    sc_tile_prefetch(t, c, x);
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

        for (int i = 0; i < t->size; i++) bad |= (x[i] < 0) | (x[i] > 1);
        for (int i = 0; bad && i < t->size; i++)
            if (x[i] < 0 || x[i] > 1)
                sc_note_trouble(trouble, SC_PROBABILITY, sc_plane_index(c, t->from + i, k),
                                x[i]);
    }
}

/* max over the classes of each position. It may pass over a NaN: the sum of exp(x - max) has
 * it. */
static inline void sc_tile_max(struct sc_tile *t, const struct sc_call *c)
{
    for (int i = 0; i < t->size; i++) t->max[i] = t->value[i];
    for (int64_t k = 1; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) t->max[i] = x[i] <= t->max[i] ? t->max[i] : x[i];
    }
}

/* sum over the classes of exp(x - max), added class by class; log(sum) needs no more accuracy.
 */
static inline void sc_tile_expsum(struct sc_tile *t, const struct sc_call *c)
{
    sc_tile_max(t, c);
    for (int i = 0; i < t->size; i++) t->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) t->sum[i] += sc_exp(x[i] - t->max[i]);
    }
}

/* exp(x - max) with what x - max rounds away: of a difference of -700 that is 1e-13 of the
 * result. */
static inline double sc_exp_below(double x, double max)
{
    const double d = x - max, v = x - d;
    const double lost = (x - (d + v)) + (v - max); /* exactly, where all is finite */

    return sc_exp_sum(d, fabs(d) <= 1e300 ? lost : 0);
}

/* The tile becomes its softmax: the sum keeps a second word, and so does the quotient. */
static inline void sc_tile_softmax(struct sc_tile *t, const struct sc_call *c)
{
    double *rest = t->rest;

    sc_tile_max(t, c);
    for (int i = 0; i < t->size; i++) t->sum[i] = rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) {
            const double e = sc_exp_below(x[i], t->max[i]), sum = t->sum[i] + e;
            const double added = sum - t->sum[i];

            rest[i] += (t->sum[i] - (sum - added)) + (e - added);
            t->sum[i] = sum;
            x[i] = e;
        }
    }
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) {
            const double q = x[i] / t->sum[i];
            const double left = fma(-q, t->sum[i], x[i]) - q * rest[i];

            x[i] = q + left / t->sum[i];
        }
    }
}

/* g, the slope by the softmax p, becomes that by its inputs: p (g - sum over the classes of g
 * p). */
static inline void sc_tile_softmax_slope(const struct sc_tile *p, const struct sc_call *c,
                                         struct sc_tile *g)
{
    for (int i = 0; i < g->size; i++) g->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *y = p->value + k * p->width, *slope = g->value + k * g->width;

        for (int i = 0; i < g->size; i++) g->sum[i] = fma(y[i], slope[i], g->sum[i]);
    }
    for (int64_t k = 0; k < c->classes; k++) {
        const double *y = p->value + k * p->width;
        double *slope = g->value + k * g->width;

        for (int i = 0; i < g->size; i++) slope[i] = y[i] * (slope[i] - g->sum[i]);
    }
}
