/* v2_read.c - one value, one kind. */
#include "v2_read.h"

#define SIZE_MOST (UINT64_C(1) << 62)

enum sc_status v2_open(struct sc_bytes value, char bracket, const char *pointer,
                       struct json_cursor *out, struct sc_note *note)
{
    if (json_enter(value, (uint8_t)bracket, out)) return SC_OK;
    return sc_fail(note, SC_MALFORMED, pointer, "%s is not %s", pointer ? pointer : "JSON",
                   bracket == '{' ? "an object" : "a list");
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
    struct sc_bytes string;

    if (json_quoted(value, &string))
        return json_unescape_text(string, source->arena, out, note);
    return sc_fail(note, SC_MALFORMED, pointer, "expected a text");
}

bool v2_read_size(struct sc_bytes text, int64_t *out)
{
    uint64_t value;
    const bool whole = sc_read_whole(text, SIZE_MOST, &value);

    *out = whole ? (int64_t)value : 0;
    return whole;
}

enum sc_status v2_unknown(struct sc_bytes key, const char *pointer, const char *known,
                          struct sc_note *note)
{
    return sc_fail(note, SC_BAD_INPUT, pointer, "unknown member '%.*s'; expected %s",
                   (int)(key.size < 40 ? key.size : 40), (const char *)key.data, known);
}
