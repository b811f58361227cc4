/* v2_read.c - one value, one kind. */
#include "v2_read.h"

#define SIZE_MAX_TAKEN (INT64_C(1) << 62)

enum sc_status v2_open(struct sc_bytes value, char bracket, const char *pointer,
                       struct json_cursor *out, struct sc_note *note)
{
    *out = json_cursor(value);
    if (json_peek(out) != (uint8_t)bracket)
        return sc_fail(note, SC_MALFORMED, pointer, "%s is not %s", pointer ? pointer : "JSON",
                       bracket == '{' ? "an object" : "a list");
    out->at++;
    return SC_OK;
}

enum sc_status v2_read_bool(struct sc_bytes value, const char *pointer, bool *out,
                            struct sc_note *note)
{
    *out = value.data[0] == 't';
    if (*out || value.data[0] == 'f') return SC_OK;
    return sc_fail(note, SC_MALFORMED, pointer, "expected true or false");
}

enum sc_status v2_read_text(struct sc_bytes value, const char *pointer,
                            const struct codec_source *source, const char **out,
                            struct sc_note *note)
{
    if (value.data[0] == '"')
        return json_unescape_text(sc_bytes_slice(value, 1, value.size - 2), source->arena, out,
                                  note);
    return sc_fail(note, SC_MALFORMED, pointer, "expected a text");
}

bool v2_read_size(struct sc_bytes text, int64_t *out)
{
    int64_t value = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text.data[i] - '0', &value))
            return false;
    }
    *out = value;
    return text.size > 0 && value <= SIZE_MAX_TAKEN;
}

enum sc_status v2_unknown(struct sc_bytes key, const char *pointer, const char *known,
                          struct sc_note *note)
{
    return sc_fail(note, SC_BAD_INPUT, pointer, "unknown member '%.*s'; expected %s",
                   (int)(key.size < 40 ? key.size : 40), (const char *)key.data, known);
}
