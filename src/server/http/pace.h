/* pace.h - private to this folder: how slow may a client be? Numbers alone: no socket, no
 * clock.
 *
 * A body has to bring `body_rate` bytes each second, on the average from its start, but for the
 * first `body_rate_after` seconds. What it brings faster counts for later, for `idle_seconds`
 * at most. A reply has to be taken at the same pace. Times are microseconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "limit.h"

#define PACE_SECOND INT64_C(1000000)

struct pace {
    int64_t until; /* more must have come by then */
    int64_t bytes; /* that have come so far */
};

void pace_start(struct pace *pace, const struct sc_limits *limits, int64_t now, int64_t bytes);

/* So many bytes have come by now, of all there ever were. False: too slow. */
bool pace_keeps(struct pace *pace, const struct sc_limits *limits, int64_t now, int64_t bytes);

/* Slower than `body_rate` so far, though perhaps not yet too slow. */
bool pace_lags(const struct pace *pace, const struct sc_limits *limits, int64_t now);
