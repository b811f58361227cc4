/* multipart_split.c - delimiters, and what may stand around them. */
#include "multipart_split.h"

#include <stdio.h>
#include <string.h>

#include "media.h"

enum sc_status multipart_broken(const struct multipart_split *s, const char *what)
{
    return sc_fail(s->note, SC_MALFORMED, NULL, "multipart: %s (part %lld)", what,
                   (long long)s->parts + 1);
}

static enum sc_status read_boundary(struct multipart_split *s)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];

    if (media_param(s->source->content_type, "boundary", boundary, sizeof boundary) !=
            MEDIA_FOUND ||
        boundary[0] == '\0')
        return sc_fail(
            s->note, SC_MALFORMED, NULL,
            "Content-Type multipart/form-data needs a boundary of 1 to %d characters",
            MULTIPART_BOUNDARY_MAX);
    s->size = (size_t)snprintf(s->delimiter, sizeof s->delimiter, "\r\n--%s", boundary);
    return SC_OK;
}

static void advance(struct multipart_split *s, size_t size)
{
    s->rest = sc_bytes_slice(s->rest, size, s->rest.size);
}

/* Is this what may stand behind a delimiter: blanks and CR LF, or the "--" of the last one? */
static bool ends_line(struct sc_bytes after)
{
    size_t i = 0;

    if (sc_bytes_starts(after, "--", 2)) return true;
    while (i < after.size && (after.data[i] == ' ' || after.data[i] == '\t')) i++;
    return i + 1 < after.size && after.data[i] == '\r' && after.data[i + 1] == '\n';
}

/* Takes everything up to the next delimiter and the delimiter; `out` is what stood before it.
 * False when there is none. */
static bool take_until_delimiter(struct multipart_split *s, struct sc_bytes *out)
{
    const uint8_t *from = s->rest.data, *end = from + s->rest.size, *at = from;

    while ((at = memmem(at, (size_t)(end - at), s->delimiter, s->size)) != NULL) {
        const uint8_t *after = at + s->size;

        if (ends_line(sc_bytes(after, (size_t)(end - after)))) {
            *out = sc_bytes(from, (size_t)(at - from));
            advance(s, (size_t)(after - from));
            return true;
        }
        at++;
    }
    return false;
}

/* The first delimiter; its CR LF is missing when nothing comes before it. */
static enum sc_status skip_preamble(struct multipart_split *s)
{
    struct sc_bytes preamble;
    const struct sc_bytes after = sc_bytes_slice(s->rest, s->size - 2, s->rest.size);

    if (sc_bytes_starts(s->rest, s->delimiter + 2, s->size - 2) && ends_line(after)) {
        s->rest = after;
        return SC_OK;
    }
    if (take_until_delimiter(s, &preamble)) return SC_OK;
    return multipart_broken(s, "the boundary of Content-Type is nowhere in the body");
}

enum sc_status multipart_begin(struct multipart_split *s)
{
    s->rest = s->source->body;
    SC_TRY(read_boundary(s));
    return skip_preamble(s);
}

bool multipart_at_end(struct multipart_split *s)
{
    const uint8_t *line;

    if (sc_bytes_starts(s->rest, "--", 2)) return true;
    line = memchr(s->rest.data, '\n', s->rest.size);
    advance(s, (size_t)(line - s->rest.data) + 1);
    return false;
}

enum sc_status multipart_next(struct multipart_split *s, struct sc_bytes *out)
{
    if (take_until_delimiter(s, out)) return SC_OK;
    return multipart_broken(s, "the body ends before the last boundary");
}

enum sc_status multipart_end(const struct multipart_split *s)
{
    for (size_t i = 2; i < s->rest.size; i++)
        if (!multipart_is_space(s->rest.data[i]))
            return multipart_broken(s, "bytes after the last boundary");
    return SC_OK;
}
