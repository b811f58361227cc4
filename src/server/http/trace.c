/* trace.c - reading and continuing a traceparent. */
#include "trace.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Where its fields begin: version, trace, parent, flags; each but the last is followed by '-'.
 */
enum { TRACE_AT = 3, PARENT_AT = 36, FLAGS_AT = 53, ALL = 55 };

static bool is_hex(const char *text, size_t size)
{
    return strspn(text, "0123456789abcdef") >= size;
}

static bool is_zero(const char *text, size_t size)
{
    return strspn(text, "0") >= size;
}

static bool is_id(const char *text, size_t size)
{
    return is_hex(text, size) && !is_zero(text, size);
}

bool trace_is_valid(const char *t)
{
    if (strnlen(t, ALL) < ALL || !is_hex(t, 2) || strncmp(t, "ff", 2) == 0) return false;
    if (t[TRACE_AT - 1] != '-' || t[PARENT_AT - 1] != '-' || t[FLAGS_AT - 1] != '-')
        return false;
    if (!is_id(t + TRACE_AT, 32) || !is_id(t + PARENT_AT, 16) || !is_hex(t + FLAGS_AT, 2))
        return false;
    return t[ALL] == '\0' || (t[ALL] == '-' && strncmp(t, "00", 2) != 0);
}

/* Of the flags, "sampled" and "random" are known; others are to be sent as zero. */
void trace_continue(const char *traceparent, char out[TRACE_SIZE])
{
    const char low = traceparent[FLAGS_AT + 1];
    const int flags = (low <= '9' ? low - '0' : low - 'a' + 10) & 3;
    uint64_t span = 0;

    if (getrandom(&span, sizeof span, GRND_NONBLOCK) < 0 || span == 0)
        span = (uint64_t)(uintptr_t)out;
    snprintf(out, TRACE_SIZE, "00-%.32s-%016llx-%02x", traceparent + TRACE_AT,
             (unsigned long long)span, (unsigned)flags);
}
