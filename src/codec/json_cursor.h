/* json_cursor.h - walking over a text that json_check has accepted; nothing is checked twice.
 *
 *   struct json_cursor c;
 *   if (!json_enter(text, '{', &c)) return ...;
 *   while (json_next(&c, '}')) {
 *       struct sc_bytes key = json_key(&c), value = json_value(&c);
 */
#pragma once

#include "bytes.h"
#include "status.h"

struct json_marks;

struct json_cursor {
    const uint8_t *at, *end;
    const struct json_marks *marks; /* arrays that it need not walk through; NULL: none */
};

static inline struct json_cursor json_cursor(struct sc_bytes text)
{
    return (struct json_cursor){text.data, text.data + text.size, NULL};
}

static inline bool json_is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* The next byte that is not white space, not taken; 0 at the end. */
static inline uint8_t json_peek(struct json_cursor *c)
{
    while (c->at < c->end && json_is_space(*c->at)) c->at++;
    return c->at < c->end ? *c->at : 0;
}

/* Inside a container: is there another element? Takes the comma, or the closing bracket. */
bool json_next(struct json_cursor *c, uint8_t close);

/* Take the next value, whole; a string without its quotes, escapes as they are; a key with its
 * colon. */
struct sc_bytes json_value(struct json_cursor *c);
struct sc_bytes json_string(struct json_cursor *c);
struct sc_bytes json_key(struct json_cursor *c);

/* Goes into a list or an object that is a whole value; false: it begins with another bracket.
 */
bool json_enter(struct sc_bytes value, uint8_t bracket, struct json_cursor *out);

/* What stands between the quotes of a whole value; false: it is no string. */
bool json_quoted(struct sc_bytes value, struct sc_bytes *out);

/* The text of a string; a copy only where there are escapes to resolve. */
enum sc_status json_resolve(struct sc_bytes string, struct sc_arena *arena,
                            struct sc_bytes *out, struct sc_note *note);

/* The text of a string, its escapes resolved: a copy in the arena, followed by a NUL. */
enum sc_status json_unescape(struct sc_bytes string, struct sc_arena *arena,
                             struct sc_bytes *out, struct sc_note *note);

/* The same as a C string; SC_MALFORMED when it holds a NUL. */
enum sc_status json_unescape_text(struct sc_bytes string, struct sc_arena *arena,
                                  const char **out, struct sc_note *note);
