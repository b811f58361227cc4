/* clock.h - microseconds of a clock that never goes back. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t clock_of(const struct timespec *at)
{
    return (int64_t)at->tv_sec * 1000000 + at->tv_nsec / 1000;
}

static inline int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return clock_of(&now);
}

/* Microseconds since `*mark`, which moves to now. */
static inline int64_t clock_lap(int64_t *mark)
{
    const int64_t now = clock_us(), lap = now - *mark;

    *mark = now;
    return lap;
}
