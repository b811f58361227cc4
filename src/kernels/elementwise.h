/* elementwise.h - everything that an activation of one value needs; see
 * activations/elementwise.inc. */
#pragma once

#include "lanes.h"
#include "load.h"
#include "near.h"
#include "vmath.h"
