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
