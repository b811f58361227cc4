/* focal.h - the focal loss of one position (Lin et al., arXiv 1708.02002), without its weights:
 * (1 - p_t)^gamma (-log p_t).
 *
 * Everything follows from u, the log of the odds p_t / (1 - p_t), so that neither a logarithm
 * nor 1 - p_t cancels. Functions take u + rest, rest a rounding error of u. */
#pragma once

#include "logit.h"

struct sc_focal {
    double gamma;
    double low, high; /* of -log p_t */
};

static inline struct sc_focal sc_focal(const struct sc_call *c)
{
    const double eps = sc_param(c->params, "clamp_eps")->real;

    return (struct sc_focal){.gamma = sc_param(c->params, "gamma")->real,
                             .low = eps > 0 ? -sc_log1p(-eps) : 0,
                             .high = -sc_log(eps)};
}

static inline double sc_focal_clamp(const struct sc_focal *f, double surprise)
{
    const double above = surprise < f->low ? f->low : surprise;

    return above > f->high ? f->high : above;
}

static inline bool sc_focal_is_clamped(const struct sc_focal *f, double surprise)
{
    return surprise < f->low || surprise > f->high;
}

struct sc_odds {
    double hit, miss; /* p_t, 1 - p_t */
    double surprise;  /* -log p_t */
    double power;     /* (1 - p_t)^gamma */
};

/* log = log(1 + e^-|u|); (1 - p_t)^gamma = exp(-gamma (max(u, 0) + log)), with what that rounds
 * away. */
static inline double sc_focal_power(const struct sc_focal *f, double u, double log, double rest)
{
    const struct vm_pair far = vm_product(f->gamma, u > 0 ? u : 0);
    const struct vm_pair sum = vm_sum(-far.hi, -f->gamma * log);
    const double y = sc_exp_sum(sum.hi, (sum.lo - far.lo) - f->gamma * rest);

    return f->gamma == 0 ? 1 : y;
}

/* Always inlined, or loops over what it heads would not become vector code. */
#define FOCAL_INLINE static inline __attribute__((always_inline))

FOCAL_INLINE struct sc_odds sc_odds(const struct sc_focal *f, double u, double rest)
{
    const double z = sc_exp(-fabs(u)), log = sc_log1p(z);
    const double small = z / (1 + z), large = 1 / (1 + z);
    const double hit = u > 0 ? large : small, miss = u > 0 ? small : large;

    return (struct sc_odds){.hit = hit + rest * hit * miss,
                            .miss = miss - rest * miss * hit,
                            .surprise = ((u < 0 ? -u : 0) + log) - rest * miss,
                            .power = sc_focal_power(f, u, log, rest * hit)};
}

static inline double sc_focal_loss(const struct sc_focal *f, const struct sc_odds *o)
{
    return o->power * sc_focal_clamp(f, o->surprise);
}

/* The derivative by -u: (1 - p_t)^gamma (1 - p_t + gamma p_t (-log p_t)). */
static inline double sc_focal_slope(const struct sc_focal *f, const struct sc_odds *o)
{
    const double own = sc_focal_is_clamped(f, o->surprise) ? 0 : o->miss;
    const double lean = o->hit == 0 ? 0 : o->hit * sc_focal_clamp(f, o->surprise);

    return o->power * fma(f->gamma, lean, own);
}

/* ---- a binary target, of any value from 0 to 1 ----
 *
 * p_t is p for 1 and 1 - p for 0; a target t between mixes both: p_t = p t + (1 - p) (1 - t) in
 * the power, and t and 1 - t are the weights of the two logarithms (torchvision). */

static inline bool is_hard(double target)
{
    return target == 0 || target == 1;
}

/* 1 - p_t and (1 - p_t)^gamma of a target between 0 and 1. */
FOCAL_INLINE double soft_miss(double x, double target)
{
    return fma(target, sc_sigmoid(-x), (1 - target) * sc_sigmoid(x));
}

FOCAL_INLINE double soft_power(const struct sc_focal *f, double miss)
{
    return f->gamma == 0 ? 1 : sc_exp(f->gamma * sc_log(miss));
}

FOCAL_INLINE double soft_surprise(const struct sc_focal *f, double x, double target)
{
    return fma(target, sc_focal_clamp(f, sc_softplus(-x)),
               (1 - target) * sc_focal_clamp(f, sc_softplus(x)));
}

FOCAL_INLINE double soft_loss(const struct sc_focal *f, double x, double target)
{
    return soft_power(f, soft_miss(x, target)) * soft_surprise(f, x, target);
}

/* By x: the power times the slope of the logarithms, and gamma (1 - p_t)^(gamma - 1) times that
 * of 1 - p_t times the logarithms. */
FOCAL_INLINE double soft_slope(const struct sc_focal *f, double x, double target)
{
    const double up = sc_focal_is_clamped(f, sc_softplus(x)) ? 0 : (1 - target) * sc_sigmoid(x);
    const double down = sc_focal_is_clamped(f, sc_softplus(-x)) ? 0 : target * sc_sigmoid(-x);
    const double miss = soft_miss(x, target);
    const double turn = sc_sigmoid_slope(x) * (1 - 2 * target) / miss;
    const double lean = turn == 0 ? 0 : turn * soft_surprise(f, x, target);

    return soft_power(f, miss) * fma(f->gamma, lean, up - down);
}

/* Nothing but the cross entropy is left, and is to have its bits. */
static inline bool sc_focal_is_plain(const struct sc_focal *f)
{
    return f->gamma == 0 && f->low == 0 && f->high == HUGE_VAL;
}

/* How many of n targets are neither 0 nor 1? */
static inline int count_soft(const double *target, int n)
{
    int soft = 0;

    for (int i = 0; i < n; i++) soft += !is_hard(target[i]);
    return soft;
}

/* As if all targets were 0 or 1, which is branch-free. */
static inline void hard_losses(const struct sc_focal *f, const double *x, const double *target,
                               int n, double *loss)
{
    for (int i = 0; i < n; i++) {
        const struct sc_odds o = sc_odds(f, target[i] == 1 ? x[i] : -x[i], 0);

        loss[i] = sc_focal_loss(f, &o);
    }
}

static inline void hard_slopes(const struct sc_focal *f, const double *x, const double *target,
                               int n, double *slope)
{
    for (int i = 0; i < n; i++) {
        const struct sc_odds o = sc_odds(f, target[i] == 1 ? x[i] : -x[i], 0);
        const double y = sc_focal_slope(f, &o);

        slope[i] = target[i] == 1 ? -y : y;
    }
}

/* Of n elements: all as if they were 0 or 1, then those between. */
SC_FLAT static inline void sc_focal_binary(const struct sc_focal *focal, const double *x,
                                           const double *target, int n, double *loss)
{
    const struct sc_focal f = *focal;
    const int soft = count_soft(target, n);

    if (sc_focal_is_plain(&f)) {
        for (int i = 0; i < n; i++) loss[i] = sc_logit_loss(x[i], target[i], 1, 1);
        return;
    }
    if (soft < n) hard_losses(&f, x, target, n, loss);
    if (soft == 0) return;
    for (int i = 0; i < n; i++)
        if (!is_hard(target[i])) loss[i] = soft_loss(&f, x[i], target[i]);
}

/* The derivatives by x. */
SC_FLAT static inline void sc_focal_binary_slopes(const struct sc_focal *focal, const double *x,
                                                  const double *target, int n, double *slope)
{
    const struct sc_focal f = *focal;
    const int soft = count_soft(target, n);

    if (sc_focal_is_plain(&f)) {
        for (int i = 0; i < n; i++) slope[i] = sc_logit_slope(x[i], target[i], 1, 1);
        return;
    }
    if (soft < n) hard_slopes(&f, x, target, n, slope);
    if (soft == 0) return;
    for (int i = 0; i < n; i++)
        if (!is_hard(target[i])) slope[i] = soft_slope(&f, x[i], target[i]);
}
