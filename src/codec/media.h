/* media.h - header values with parameters: `type/subtype; name=value; name="quoted"`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Is the value before the parameters `expected`, without case? `type` may be NULL. */
bool media_is(const char *type, const char *expected);

/* Does it start with `prefix`, without case? `type` may be NULL. */
bool media_starts(const char *type, const char *prefix);

enum media_param {
    MEDIA_ABSENT,
    MEDIA_FOUND,
    MEDIA_BROKEN /* an open quote, or longer than `size` - 1 bytes */
};

/* Copies the parameter of that name (without case) to `out`, unquoted and NUL-terminated. In
 * quotes a backslash escapes only a quote or a backslash: clients also send paths there. */
enum media_param media_param(const char *type, const char *name, char *out, size_t size);
