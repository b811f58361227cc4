/* region_loss.h - everything that a region loss needs; see losses/region.inc. */
#pragma once

#include "overlap.h"
#include "region_sums.h"
