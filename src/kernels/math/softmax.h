/* softmax.h - softmax of float32 to 46 bits and more, in vectors, with a bound (near.h says why
 * that is enough): of a tile (tile.h), or of a row whose classes are neighbours.
 *
 * The error of y = e^(x - max) / sum: twice that of sc_near_power, 2^-49.3, and a rounding for
 * each addition. x - max of float32 is rounded by 2^-47 at most where float32 has more than 0
 * for e^(x - max), and that is what 2^-46 has room for. */
#pragma once

#include "near.h"
#include "planes.h"

/* off / y where the sum took so many additions, one after the other */
static inline double sc_softmax_bound(double additions)
{
    return 0x1p-46 + (additions + 4) * 0x1p-52;
}

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2, to 2^-49.3 of e^r - 1; z = r r */
SC_NEAR_POLYNOMIAL(sc_near_power_rest, SC_NEAR_POWER_REST)

/* e^d for d <= 0, from -150 on, where float32 has 0; NaN stays. ln 2 in two pieces. */
static inline sc_vec sc_near_power(sc_vec d)
{
    const sc_vec x = sc_vec_max(sc_vec_all(-SC_NEAR_FAR), d);
    const struct sc_near_split s = sc_near_split(x);
    const sc_vec head = sc_vec_mul_add(s.k, sc_vec_all(-VM_LN2_HEAD), x);
    const sc_vec r = sc_vec_mul_add(s.k, sc_vec_all(-VM_LN2_TAIL), head), z = r * r;
    const sc_vec rise = sc_vec_mul_add(z, sc_near_power_rest(r, z), r);

    return sc_vec_mul_add(s.power, rise, s.power);
}

/* Do y and all that is within the bound round to one float32? */
static inline bool sc_is_sure(sc_vec y, double bound)
{
    const sc_vec off = y * bound;

    return sc_vec_alike(sc_vec_round(y - off), sc_vec_round(y + off));
}

/* ---- a tile ---- */

/* e^(x - max) of one class, added to the sums. */
static inline void sc_tile_powers(const struct sc_tile *t, double *restrict x, int n)
{
    for (int i = 0; i < n; i += SC_VECTOR) {
        const sc_vec e = sc_near_power(sc_vec_load(x + i) - sc_vec_load(t->max + i));

        sc_vec_store(x + i, e);
        sc_vec_store(t->sum + i, sc_vec_load(t->sum + i) + e);
    }
}

/* The tile becomes its softmax, whole vectors of positions; doubt[i] is set where one of the
 * classes of the i-th vector is not sure, of SC_TILE / SC_VECTOR. */
static inline void sc_tile_near_softmax(struct sc_tile *t, const struct sc_call *c, bool *doubt)
{
    const double bound = sc_softmax_bound((double)c->classes);
    const int n = t->size - t->size % SC_VECTOR;

    sc_tile_max(t, c);
    for (int i = 0; i < SC_TILE / SC_VECTOR; i++) doubt[i] = false;
    for (int i = 0; i < n; i++) t->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) sc_tile_powers(t, t->value + k * t->width, n);
    for (int i = 0; i < n; i++) t->rest[i] = 1 / t->sum[i];
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        for (int i = 0; i < n; i += SC_VECTOR) {
            const sc_vec y = sc_vec_load(x + i) * sc_vec_load(t->rest + i);

            sc_vec_store(x + i, y);
            doubt[i / SC_VECTOR] |= !sc_is_sure(y, bound);
        }
    }
}

/* ---- a row ---- */

#define SC_ROW_SUMS 4 /* vectors of the sum, so that additions need not wait for each other */

/* The last vector of a row: behind its end is -inf. */
static inline sc_vec sc_row_end(const float *x, int64_t left)
{
    float end[SC_VECTOR];

    for (int i = 0; i < SC_VECTOR; i++) end[i] = i < left ? x[i] : -HUGE_VALF;
    return sc_vec_load_float(end);
}

static inline sc_vec sc_row_at(const float *x, int64_t i, int64_t classes)
{
    return i + SC_VECTOR <= classes ? sc_vec_load_float(x + i) : sc_row_end(x + i, classes - i);
}

/* The largest of a row; it may pass over a NaN. */
static inline double sc_row_max(const float *x, int64_t classes)
{
    sc_vec most[SC_ROW_SUMS];
    double max = -HUGE_VAL;

    for (int j = 0; j < SC_ROW_SUMS; j++) most[j] = sc_vec_all(-HUGE_VAL);
    for (int64_t i = 0; i < classes; i += SC_VECTOR) {
        sc_vec *m = &most[i / SC_VECTOR % SC_ROW_SUMS];

        *m = sc_vec_max(*m, sc_row_at(x, i, classes));
    }
    for (int j = 0; j < SC_ROW_SUMS; j++)
        for (int i = 0; i < SC_VECTOR; i++) max = most[j][i] > max ? most[j][i] : max;
    return max;
}

/* e^(x - max) of a row, and their sum. */
static inline double sc_row_powers(const float *x, int64_t classes, double max, double *e)
{
    sc_vec sum[SC_ROW_SUMS] = {{0}};
    double all = 0;

    for (int64_t i = 0; i < classes; i += SC_VECTOR) {
        const sc_vec power = sc_near_power(sc_row_at(x, i, classes) - max);

        sc_vec_store(e + i, power);
        sum[i / SC_VECTOR % SC_ROW_SUMS] += power;
    }
    for (int j = 0; j < SC_ROW_SUMS; j++)
        for (int i = 0; i < SC_VECTOR; i++) all += sum[j][i];
    return all;
}

/* Writes the softmax of a row; false: not all of it is sure. `e` has room for the row and a
 * vector. */
static inline bool sc_row_near_softmax(const float *x, int64_t classes, double *e, float *y)
{
    const double lanes = SC_ROW_SUMS * SC_VECTOR;
    const double bound = sc_softmax_bound((double)classes / lanes + lanes);
    const double sum = sc_row_powers(x, classes, sc_row_max(x, classes), e);
    const sc_vec inverse = sc_vec_all(1 / sum);
    bool sure = true;

    for (int64_t i = 0; i < classes; i += SC_VECTOR) {
        const sc_vec v = sc_vec_load(e + i) * inverse;
        const sc_vec_float rounded = sc_vec_round(v);
        const int64_t left = classes - i;

        sure &= sc_is_sure(v, bound);
        if (left >= SC_VECTOR)
            sc_vec_store_float(y + i, rounded);
        else
            memcpy(y + i, &rounded, (size_t)left * sizeof *y);
    }
    return sure;
}
