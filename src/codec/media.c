/* media.c - splitting a header value into its parts. */
#include "media.h"

#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

bool media_starts(const char *type, const char *prefix)
{
    return type != NULL && strncasecmp(skip_blanks(type), prefix, strlen(prefix)) == 0;
}

bool media_is(const char *type, const char *expected)
{
    const char *end;

    if (!media_starts(type, expected)) return false;
    end = skip_blanks(skip_blanks(type) + strlen(expected));
    return *end == '\0' || *end == ';';
}

/* The `;` that ends the parameter at `at`, or the NUL; a `;` in quotes ends nothing. */
static const char *end_of_param(const char *at)
{
    bool quoted = false;

    for (; *at != '\0' && (quoted || *at != ';'); at++) {
        if (quoted && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        else if (*at == '"')
            quoted = !quoted;
    }
    return at;
}

static enum media_param copy_quoted(const char *at, const char *end, char *out, size_t size)
{
    size_t used = 0;

    for (; at < end && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\')) at++;
        if (used + 1 >= size) return MEDIA_BROKEN;
        out[used++] = *at;
    }
    out[used] = '\0';
    return at < end ? MEDIA_FOUND : MEDIA_BROKEN;
}

static enum media_param copy_value(const char *at, const char *end, char *out, size_t size)
{
    at = skip_blanks(at);
    if (*at == '"') return copy_quoted(at + 1, end, out, size);
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) end--;
    if (end < at) end = at;
    if ((size_t)(end - at) >= size) return MEDIA_BROKEN;
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return MEDIA_FOUND;
}

enum media_param media_param(const char *type, const char *name, char *out, size_t size)
{
    const size_t length = strlen(name);

    for (type = end_of_param(type); *type == ';'; type = end_of_param(type)) {
        const char *value;

        type = skip_blanks(type + 1);
        if (strncasecmp(type, name, length) != 0) continue;
        value = skip_blanks(type + length);
        if (*value == '=') return copy_value(value + 1, end_of_param(type), out, size);
    }
    return MEDIA_ABSENT;
}
