/* pointwise.h - everything that a pointwise loss needs; see losses/pointwise.inc. */
#pragma once

#include "loss.h"
#include "terms.h"
#include "values.h"
#include "vmath.h"

/* The inputs at one element: pred, target, and the third and fourth of the profile, which are 1
 * where they are absent. */
struct sc_values {
    double p, t, a, b;
};

/* Elements at a time: a part of a block that stays in L1, in whole lanes. */
#define SC_PIECE 1024
_Static_assert(SC_BLOCK % SC_PIECE == 0 && SC_PIECE % SC_LANES == 0, "lanes go on");

/* A piece of them, and what comes of each. */
struct sc_pointwise {
    double v[SC_INPUTS_MAX][SC_PIECE], y[SC_PIECE];
};

/* A lane that has met a NaN or an infinity stays one of them. */
static inline bool sc_lanes_are_finite(const double lane[SC_LANES])
{
    return sc_count_nonfinite(lane, SC_LANES) == 0;
}

static inline struct sc_values sc_values_at(const struct sc_pointwise *s, int i)
{
    return (struct sc_values){s->v[0][i], s->v[1][i], s->v[2][i], s->v[3][i]};
}

/* s->y[i] = scale * function(values, k) for all i < n: one loop for each function. `k` is a
 * copy, which no store can change. */
#define SC_EACH(c, s, n, function, scale)                                                      \
    do {                                                                                       \
        const double by = (scale);                                                             \
        double k[SC_PARAMS_MAX];                                                               \
                                                                                               \
        memcpy(k, (c)->k, sizeof k);                                                           \
        (void)k;                                                                               \
        for (int i = 0; i < (n); i++) {                                                        \
            const struct sc_values v = sc_values_at(s, i);                                     \
                                                                                               \
            (void)v;                                                                           \
            (s)->y[i] = by * function(v, k);                                                   \
        }                                                                                      \
    } while (0)

/* pred - target, exactly; where that is not finite, lo is 0. */
static inline struct vm_pair sc_difference(struct sc_values v)
{
    const struct vm_pair d = vm_sum(v.p, -v.t);

    return (struct vm_pair){.hi = d.hi, .lo = fabs(d.hi) < HUGE_VAL ? d.lo : 0};
}

/* a x + b y; where that is not finite, lo is 0. */
static inline struct vm_pair sc_blend(struct vm_pair a, double x, struct vm_pair b, double y)
{
    const struct vm_pair ax = vm_product(a.hi, x), by = vm_product(b.hi, y);
    const struct vm_pair sum = vm_sum(ax.hi, by.hi);
    const double lo = sum.lo + (fma(a.lo, x, ax.lo) + fma(b.lo, y, by.lo));

    return (struct vm_pair){.hi = sum.hi, .lo = fabs(sum.hi) < HUGE_VAL ? lo : 0};
}

/* w l, where a weight of 0 leaves out what is infinite, but no NaN. */
static inline double sc_weigh(double w, struct vm_pair l)
{
    return w == 0 && l.hi == l.hi ? 0 : fma(w, l.hi, w * l.lo);
}
