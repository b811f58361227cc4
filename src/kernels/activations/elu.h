/* elu.h - a (e^v - 1) and a e^v, which elu, selu and celu have in common below 0. */
#pragma once

#include "elementwise.h"

/* a (e^v - 1), v = hi + lo. e^v - 1 keeps what its rounding loses, so that the product is
 * rounded once. */
static inline double scaled_expm1(struct vm_pair a, struct vm_pair v)
{
    const double low = v.hi > -45.0 ? v.hi : -45.0;
    const struct vm_pair e = vm_half_expm1_sum(vm_at_most(low, 710.0), v.lo);
    const bool tiny = fabs(v.hi) <= 0x1p-54;
    const double hi = tiny ? v.hi : 2.0 * e.hi, lo = tiny ? v.lo : 2.0 * e.lo;
    return fma(a.hi, hi, fma(a.hi, lo, 2.0 * (a.lo * e.hi)));
}

/* a e^v, rounded once where it is denormal too. */
static inline double scaled_exp(double a, struct vm_pair v)
{
    const double low = v.hi > -1390.0 ? v.hi : -1390.0;
    const struct vm_exp e = vm_exp(vm_at_most(low, 710.0), v.lo);
    return vm_scale(a * e.hi, e.exponent);
}
