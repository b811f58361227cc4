/* logit.h - the cross entropy of a binary target and a logit, of one element:
 * w ((1 - t) softplus(x) + pos t softplus(-x)). Without a difference: PyTorch's (1 - t) x + ...
 * is the same, but cancels, and is NaN for infinite x. */
#pragma once

#include "pointwise.h"

/* softplus(a) and softplus(-a) for a >= 0; 0.8 ulp each */
struct sc_sides {
    double near, far;
};

/* sc_softplus with the rounding error of e^-a. */
static inline struct sc_sides sc_sides(double a)
{
    const struct vm_exp e = vm_exp(-vm_at_most(a, 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent), z_lo = vm_scale(e.lo, e.exponent);
    const double s = z / (2.0 + z), rest = vm_log1p_rest(s * s);
    const double lo = z_lo * fma(-0.5, z, 1.0); /* z_lo / (1 + z), near enough */
    const struct vm_pair whole = {vm_at_most(a, 0x1p1023), lo}, none = {0.0, lo};
    const double near = vm_log_sum(whole, z, s, rest), far = vm_log_sum(none, z, s, rest);

    return (struct sc_sides){a < 0x1p60 ? near : a, a == a ? far : a};
}

/* The larger of softplus(x) and softplus(-x), and its share, which where it is 0 takes no
 * infinity; and the smaller one. */
static inline double sc_logit_loss(double x, double t, double w, double pos)
{
    const struct sc_sides y = sc_sides(fabs(x));
    const struct vm_pair no = vm_sum(1, -t), yes = vm_product(pos, t);
    const struct vm_pair near = {x < 0 ? yes.hi : no.hi, x < 0 ? yes.lo : no.lo};
    const struct vm_pair far = {x < 0 ? no.hi : yes.hi, x < 0 ? no.lo : yes.lo};
    const double size = near.hi == 0 && y.near == HUGE_VAL ? 0 : y.near;

    return sc_weigh(w, sc_blend(near, size, far, y.far));
}

/* Its derivative by x. */
static inline double sc_logit_slope(double x, double t, double w, double pos)
{
    return w * fma(1 - t, sc_sigmoid(x), -(pos * t) * sc_sigmoid(-x));
}
