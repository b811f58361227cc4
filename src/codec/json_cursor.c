/* json_cursor.c - values as slices, and strings without their escapes. */
#include "json_cursor.h"

#include <string.h>

#include "isa.h"
#include "utf8.h"

bool json_next(struct json_cursor *c, uint8_t close)
{
    const uint8_t byte = json_peek(c);

    if (byte == ',') c->at++;
    if (byte == close || byte == 0) {
        c->at += byte == close;
        return false;
    }
    json_peek(c);
    return true;
}

bool json_enter(struct sc_bytes value, uint8_t bracket, struct json_cursor *out)
{
    *out = json_cursor(value);
    if (json_peek(out) != bracket) return false;
    out->at++;
    return true;
}

bool json_quoted(struct sc_bytes value, struct sc_bytes *out)
{
    if (value.data[0] != '"') return false;
    *out = sc_bytes_slice(value, 1, value.size - 2);
    return true;
}

struct sc_bytes json_string(struct json_cursor *c)
{
    const uint8_t *begin;

    json_peek(c);
    begin = ++c->at;
    while (c->at = codec_isa()->plain(c->at, c->end), *c->at != '"')
        c->at += *c->at == '\\' ? 2 : 1;
    c->at++;
    return sc_bytes(begin, (size_t)(c->at - 1 - begin));
}

struct sc_bytes json_key(struct json_cursor *c)
{
    const struct sc_bytes key = json_string(c);

    json_peek(c);
    c->at++;
    return key;
}

static void skip_scalar(struct json_cursor *c)
{
    for (; c->at < c->end; c->at++)
        if (*c->at <= ' ' || *c->at == ',' || *c->at == ']' || *c->at == '}') return;
}

/* Over the array that begins here, if it has a mark. */
static bool skip_marked(struct json_cursor *c)
{
    const struct json_mark *mark = c->marks ? json_mark_at(c->marks, c->at) : NULL;

    if (mark != NULL) c->at = mark->end;
    return mark != NULL;
}

static void skip_container(struct json_cursor *c)
{
    size_t depth = 0;

    do {
        const uint8_t byte = *c->at;

        if (byte == '[' && skip_marked(c)) continue;

        if (byte == '"') {
            json_string(c);
            continue;
        }
        if (byte == '[' || byte == '{') depth++;
        if (byte == ']' || byte == '}') depth--;
        c->at++;
    } while (depth > 0);
}

struct sc_bytes json_value(struct json_cursor *c)
{
    const uint8_t first = json_peek(c), *begin = c->at;

    if (first == '"')
        json_string(c);
    else if (first == '[' || first == '{')
        skip_container(c);
    else
        skip_scalar(c);
    return sc_bytes(begin, (size_t)(c->at - begin));
}

static uint32_t hex4(const uint8_t *at)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        const int digit = at[i] <= '9' ? at[i] - '0' : (at[i] | 32) - 'a' + 10;

        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* The escape behind a backslash at `at`: writes its text, gives where it ends. */
static const uint8_t *resolve(const uint8_t *at, uint8_t *out, size_t *written)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    uint32_t point;

    if (*at != 'u') {
        *out = (uint8_t)values[strchr(names, *at) - names];
        *written = 1;
        return at + 1;
    }
    point = hex4(at + 1);
    at += 5;
    if (point >= 0xd800 && point < 0xdc00) { /* a pair of surrogates */
        point = 0x10000 + ((point - 0xd800) << 10 | (hex4(at + 2) - 0xdc00));
        at += 6;
    }
    *written = utf8_put(out, point);
    return at;
}

enum sc_status json_unescape(struct sc_bytes string, struct sc_arena *arena,
                             struct sc_bytes *out, struct sc_note *note)
{
    uint8_t *text = sc_arena_alloc(arena, string.size + 1);
    const uint8_t *at = string.data, *end = at + string.size;
    size_t size = 0;

    if (text == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a string");
    while (at < end) {
        size_t written;

        if (*at != '\\') {
            text[size++] = *at++;
        } else {
            at = resolve(at + 1, text + size, &written);
            size += written;
        }
    }
    text[size] = '\0';
    *out = sc_bytes(text, size);
    return SC_OK;
}

enum sc_status json_resolve(struct sc_bytes string, struct sc_arena *arena,
                            struct sc_bytes *out, struct sc_note *note)
{
    *out = string;
    if (memchr(string.data, '\\', string.size) == NULL) return SC_OK;
    return json_unescape(string, arena, out, note);
}

enum sc_status json_unescape_text(struct sc_bytes string, struct sc_arena *arena,
                                  const char **out, struct sc_note *note)
{
    struct sc_bytes text = sc_bytes("", 0);

    SC_TRY(json_unescape(string, arena, &text, note));
    if (memchr(text.data, '\0', text.size) != NULL)
        return sc_fail(note, SC_MALFORMED, NULL, "JSON: a name or text holds \\u0000");
    *out = (const char *)text.data;
    return SC_OK;
}
