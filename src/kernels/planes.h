/* planes.h - softmax of tiles of class values, and the sums that cross entropy needs.
 *
 * Each function does whole steps of positions by vectors, all classes in registers, and what is
 * left with the plain loop beside it, which has the same bits. A position that has a NaN, or an
 * infinity that is its maximum, has NaN for sum and softmax; nothing is promised of its max. */
#pragma once

#include "tile.h"
#include "vector_math.h"

/* ---- max, and sum of exp ---- */

/* max over the classes of positions [from, size). It may pass over a NaN: the sum of
 * exp(x - max) has it. */
static inline void sc_tile_max_plain(struct sc_tile *t, const struct sc_call *c, int from)
{
    for (int i = from; i < t->size; i++) t->max[i] = t->value[i];
    for (int64_t k = 1; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = from; i < t->size; i++) t->max[i] = x[i] <= t->max[i] ? t->max[i] : x[i];
    }
}

static inline void sc_tile_max(struct sc_tile *t, const struct sc_call *c)
{
    sc_tile_max_plain(t, c, 0);
}

static inline void sc_tile_expsum_plain(struct sc_tile *t, const struct sc_call *c, int from)
{
    sc_tile_max_plain(t, c, from);
    for (int i = from; i < t->size; i++) t->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        sc_tile_ask(t, k, from, t->size - from);
        for (int i = from; i < t->size; i++) t->sum[i] += sc_exp(x[i] - t->max[i]);
    }
}

/* Some vectors at a time, so that none waits for another. */
#define SC_TILE_VECTORS 4
#define SC_TILE_STEP    (SC_TILE_VECTORS * SC_VECTOR)

#define SC_EACH_VECTOR(v) for (int v = 0; v < SC_TILE_VECTORS; v++)

/* The maxima of positions from `x` on, kept in t->max too. */
static inline void sc_tile_step_max(struct sc_tile *t, const struct sc_call *c, int i,
                                    sc_vec max[SC_TILE_VECTORS])
{
    const double *x = t->value + i;

    SC_EACH_VECTOR(v) max[v] = sc_vec_load(x + v * SC_VECTOR);
    for (int64_t k = 1; k < c->classes; k++) {
        x += t->width;
        SC_EACH_VECTOR(v) max[v] = sc_vec_max(max[v], sc_vec_load(x + v * SC_VECTOR));
    }
    SC_EACH_VECTOR(v) sc_vec_store(t->max + i + v * SC_VECTOR, max[v]);
}

static inline void sc_tile_expsum_step(struct sc_tile *t, const struct sc_call *c, int i)
{
    const double *x = t->value + i;
    sc_vec max[SC_TILE_VECTORS], sum[SC_TILE_VECTORS];

    sc_tile_step_max(t, c, i, max);
    SC_EACH_VECTOR(v) sum[v] = sc_vec_all(0.0);
    for (int64_t k = 0; k < c->classes; k++, x += t->width) {
        sc_tile_ask(t, k, i, SC_TILE_STEP);
        SC_EACH_VECTOR(v)
        sum[v] += sc_vec_exp_below(sc_vec_load(x + v * SC_VECTOR) - max[v]);
    }
    SC_EACH_VECTOR(v) sc_vec_store(t->sum + i + v * SC_VECTOR, sum[v]);
}

/* sum over the classes of exp(x - max), added class by class; log(sum) needs no more accuracy.
 */
static inline void sc_tile_expsum(struct sc_tile *t, const struct sc_call *c)
{
    int i = 0;

#ifndef SC_VECTOR_PLAIN
    for (; i + SC_TILE_STEP <= t->size; i += SC_TILE_STEP) sc_tile_expsum_step(t, c, i);
#endif
    sc_tile_expsum_plain(t, c, i);
}

/* ---- softmax ---- */

/* exp(x - max) with what x - max rounds away: of a difference of -700 that is 1e-13 of the
 * result. */
static inline double sc_exp_below(double x, double max)
{
    const double d = x - max, v = x - d;
    const double lost = (x - (d + v)) + (v - max); /* exactly, where all is finite */

    return sc_exp_sum(d, fabs(d) <= 1e300 ? lost : 0);
}

/* The tile becomes its softmax: the sum keeps a second word, and so does the quotient. */
static inline void sc_tile_softmax_plain(struct sc_tile *t, const struct sc_call *c, int from)
{
    double *rest = t->rest;

    sc_tile_max_plain(t, c, from);
    for (int i = from; i < t->size; i++) t->sum[i] = rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        sc_tile_ask(t, k, from, t->size - from);
        for (int i = from; i < t->size; i++) {
            const double e = sc_exp_below(x[i], t->max[i]), sum = t->sum[i] + e;
            const double added = sum - t->sum[i];

            rest[i] += (t->sum[i] - (sum - added)) + (e - added);
            t->sum[i] = sum;
            x[i] = e;
        }
    }
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        for (int i = from; i < t->size; i++) {
            const double q = x[i] / t->sum[i];
            const double left = fma(-q, t->sum[i], x[i]) - q * rest[i];

            x[i] = q + left / t->sum[i];
        }
    }
}

/* exp(x - max) of one class, whose values become that, and are added to sum + rest. */
static inline void sc_tile_step_exp(double *x, const sc_vec max[SC_TILE_VECTORS],
                                    sc_vec sum[SC_TILE_VECTORS], sc_vec rest[SC_TILE_VECTORS])
{
    SC_EACH_VECTOR(v)
    {
        const sc_vec e = sc_vec_exp_difference(sc_vec_load(x + v * SC_VECTOR), max[v]);
        const sc_vec more = sc_vec_max(sum[v], e), less = sc_vec_min(sum[v], e);

        sum[v] += e;
        rest[v] += less - (sum[v] - more); /* what the addition has lost */
        sc_vec_store(x + v * SC_VECTOR, e);
    }
}

/* ... which is divided by the sum. */
static inline void sc_tile_step_divide(double *x,
                                       const struct sc_vec_divisor by[SC_TILE_VECTORS])
{
    sc_vec y[SC_TILE_VECTORS];
    sc_vec_mask doubt = {0};

    SC_EACH_VECTOR(v) doubt |= sc_vec_share(sc_vec_load(x + v * SC_VECTOR), &by[v], &y[v]);
    if (sc_vec_any(doubt))
        SC_EACH_VECTOR(v) y[v] = sc_vec_divide(sc_vec_load(x + v * SC_VECTOR), &by[v]);
    SC_EACH_VECTOR(v) sc_vec_store(x + v * SC_VECTOR, y[v]);
}

static inline void sc_tile_softmax_step(struct sc_tile *t, const struct sc_call *c, int i)
{
    double *x = t->value + i;
    sc_vec max[SC_TILE_VECTORS], sum[SC_TILE_VECTORS], rest[SC_TILE_VECTORS];
    struct sc_vec_divisor by[SC_TILE_VECTORS];

    sc_tile_step_max(t, c, i, max);
    SC_EACH_VECTOR(v) sum[v] = rest[v] = sc_vec_all(0.0);
    for (int64_t k = 0; k < c->classes; k++) {
        sc_tile_ask(t, k, i, SC_TILE_STEP);
        sc_tile_step_exp(x + k * t->width, max, sum, rest);
    }
    SC_EACH_VECTOR(v)
    {
        sc_vec_store(t->sum + i + v * SC_VECTOR, sum[v]);
        sc_vec_store(t->rest + i + v * SC_VECTOR, rest[v]);
        by[v] = sc_vec_divisor(sum[v], rest[v]);
    }
    for (int64_t k = 0; k < c->classes; k++) sc_tile_step_divide(x + k * t->width, by);
}

static inline void sc_tile_softmax(struct sc_tile *t, const struct sc_call *c)
{
    int i = 0;

#ifndef SC_VECTOR_PLAIN
    for (; i + SC_TILE_STEP <= t->size; i += SC_TILE_STEP) sc_tile_softmax_step(t, c, i);
#endif
    sc_tile_softmax_plain(t, c, i);
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
