/* clock.h - microseconds of a clock that never goes back, CLOCK_MONOTONIC. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t sc_clock_of(const struct timespec *at)
{
    return (int64_t)at->tv_sec * 1000000 + at->tv_nsec / 1000;
}

static inline int64_t sc_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return sc_clock_of(&now);
}

/* Microseconds since `*mark`, which moves to now. */
static inline int64_t sc_clock_lap(int64_t *mark)
{
    const int64_t now = sc_clock_us(), lap = now - *mark;

    *mark = now;
    return lap;
}
