/* multipart_split.h - a body of multipart/form-data between its delimiters (RFC 2046).
 *
 *   struct multipart_split s = {.source = source, .note = note};
 *   SC_TRY(multipart_begin(&s));
 *   while (!multipart_at_end(&s)) SC_TRY(multipart_next(&s, &text));
 *   return multipart_end(&s); */
#pragma once

#include "codec.h"

#define MULTIPART_BOUNDARY_MAX 70 /* RFC 2046 */

struct multipart_split {
    const struct codec_source *source;
    struct sc_note *note;
    struct sc_bytes rest;                       /* not looked at yet */
    char delimiter[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF -- boundary */
    size_t size;
    int64_t parts; /* taken so far, as whoever takes them counts; for messages */
};

static inline bool multipart_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* SC_MALFORMED: what is wrong with the part under way. */
enum sc_status multipart_broken(const struct multipart_split *s, const char *what);

/* To behind the first delimiter. */
enum sc_status multipart_begin(struct multipart_split *s);

/* Behind a delimiter: is it the last one? Else its line is taken. */
bool multipart_at_end(struct multipart_split *s);

/* What stands before the next delimiter: headers and body of a part. */
enum sc_status multipart_next(struct multipart_split *s, struct sc_bytes *out);

/* Behind the last delimiter there is white space alone. */
enum sc_status multipart_end(const struct multipart_split *s);
