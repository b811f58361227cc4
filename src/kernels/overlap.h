/* overlap.h - losses of one class, as functions of I, P and T, that several operations use, and
 * their derivatives by I and P. Each is written as what is missed over the whole, which keeps
 * its digits where 1 - (a quotient near 1) would lose them. */
#pragma once

#include "region.h"

/* What is in one of the two alone. */
static inline double sc_overlap_missed(const struct sc_overlap *o)
{
    return (o->p - o->i) + (o->t - o->i);
}

static inline double sc_overlap_smooth(const struct sc_params *params)
{
    return sc_param(params, "smooth")->real;
}

/* ---- Dice: 1 - (2 I + s) / (P + T + s) ---- */

static inline double sc_dice(const struct sc_overlap *o, const struct sc_params *params)
{
    return sc_overlap_missed(o) / (o->p + o->t + sc_overlap_smooth(params));
}

/* ---- Tversky: 1 - (I + s) / (I + alpha (P - I) + beta (T - I) + s) ---- */

struct sc_tversky {
    double hit, missed, whole, alpha, beta;
};

static inline struct sc_tversky sc_tversky_parts(const struct sc_overlap *o,
                                                 const struct sc_params *params)
{
    const double alpha = sc_param(params, "alpha")->real, beta = sc_param(params, "beta")->real;
    const double hit = o->i + sc_overlap_smooth(params);
    const double missed = fma(alpha, o->p - o->i, beta * (o->t - o->i));

    return (struct sc_tversky){hit, missed, hit + missed, alpha, beta};
}

static inline double sc_tversky(const struct sc_overlap *o, const struct sc_params *params)
{
    const struct sc_tversky v = sc_tversky_parts(o, params);

    return v.missed / v.whole;
}

static inline double sc_tversky_by_i(const struct sc_overlap *o, const struct sc_params *params)
{
    const struct sc_tversky v = sc_tversky_parts(o, params);

    return -fma(v.alpha + v.beta, v.hit, v.missed) / (v.whole * v.whole);
}

static inline double sc_tversky_by_p(const struct sc_overlap *o, const struct sc_params *params)
{
    const struct sc_tversky v = sc_tversky_parts(o, params);

    return v.alpha * v.hit / (v.whole * v.whole);
}
