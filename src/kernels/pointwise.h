/* pointwise.h - everything that a pointwise loss needs; see losses/pointwise.inc. */
#pragma once

#include "loss.h"
#include "terms.h"
#include "vmath.h"
