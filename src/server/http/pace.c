/* pace.c - a time that moves on with each byte. */
#include "pace.h"

void pace_start(struct pace *pace, const struct sc_limits *limits, int64_t now, int64_t bytes)
{
    pace->until = now + limits->body_rate_after * PACE_SECOND;
    pace->bytes = bytes;
}

/* Microseconds that so many bytes are worth, `most` at most. */
static int64_t worth(int64_t bytes, int64_t rate, int64_t most)
{
    if (bytes / rate > most / PACE_SECOND) return most;
    return bytes / rate * PACE_SECOND + bytes % rate * PACE_SECOND / rate;
}

bool pace_keeps(struct pace *pace, const struct sc_limits *limits, int64_t now, int64_t bytes)
{
    const int64_t most = limits->idle_seconds > limits->body_rate_after
                             ? limits->idle_seconds
                             : limits->body_rate_after;
    const int64_t ahead = now + most * PACE_SECOND;

    pace->until += worth(bytes - pace->bytes, limits->body_rate, 2 * most * PACE_SECOND);
    if (pace->until > ahead) pace->until = ahead;
    pace->bytes = bytes;
    return now <= pace->until;
}

bool pace_lags(const struct pace *pace, const struct sc_limits *limits, int64_t now)
{
    return pace->until - now < limits->body_rate_after * PACE_SECOND;
}
