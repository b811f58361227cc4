/* clock.h - microseconds of a clock that never goes back. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds since `*mark`, which moves to now. */
static inline int64_t clock_lap(int64_t *mark)
{
    const int64_t now = clock_us(), lap = now - *mark;

    *mark = now;
    return lap;
}
