/* kinks.h - derivatives of functions made of straight lines. */
#pragma once

#include "elementwise.h"

/* `yes` where the condition on x holds, else `no`; NaN for NaN, which fulfils none. */
static inline double chosen(bool condition, double x, double yes, double no)
{
    return x != x ? x : condition ? yes : no;
}

/* a x, for x <= 0; its limit at -inf is 0 where a is. */
static inline double leaked(double x, double a, bool pytorch)
{
    return !pytorch && a == 0 && x == -HUGE_VAL ? -0.0 : a * x;
}
