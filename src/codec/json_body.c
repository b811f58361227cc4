/* json_body.c - a JSON body: one object, each member a tensor, but "params". */
#include <string.h>

#include "formats.h"
#include "json.h"
#include "json_cursor.h"
#include "json_extent.h"

bool json_probe(struct sc_bytes body)
{
    struct json_cursor c = json_cursor(body);
    const uint8_t first = json_peek(&c);

    return first == '{' || first == '[';
}

bool json_scalar_probe(struct sc_bytes body)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity"};
    struct json_cursor c = json_cursor(body);
    const uint8_t first = json_peek(&c);
    const struct sc_bytes text = sc_bytes(c.at, (size_t)(c.end - c.at));

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (sc_bytes_starts(text, words[i], strlen(words[i]))) return true;
    return first == '-' || (first >= '0' && first <= '9');
}

static enum sc_status add_tensor(struct sc_bytes value, const char *name,
                                 const struct codec_source *source, struct codec_payload *out,
                                 struct sc_note *note)
{
    char pointer[SC_POINTER_SIZE];
    struct sc_tensor t;

    sc_pointer(pointer, "#", name);
    if ((int64_t)out->tensors.count >= source->limits->parts)
        return sc_fail(note, SC_TOO_LARGE, pointer, "more than %lld inputs (limit parts)",
                       (long long)source->limits->parts);
    SC_TRY(codec_go_on(source, note));
    SC_TRY(json_read_tensor(value, pointer, source, &t, note));
    return sc_tensors_add(&out->tensors, name, &t, source->arena, note);
}

/* Which inputs there are, a format cannot know. */
static enum sc_status no_object(bool is_list, struct sc_note *note)
{
    return sc_fail(
        note, SC_BAD_INPUT, NULL,
        "the JSON body is a %s; expected an object with the inputs by name: "
        "{\"x\": ...} for an activation, {\"pred\": ..., \"target\": ...} for losses "
        "and metrics",
        is_list ? "list" : "bare value");
}

static enum sc_status member(struct sc_bytes key, struct sc_bytes value,
                             const struct codec_source *source, struct codec_payload *out,
                             struct sc_note *note)
{
    const char *name;

    SC_TRY(json_unescape_text(key, source->arena, &name, note));
    SC_TRY(codec_check_name(name, note));
    if (strcmp(name, "params") == 0) return json_read_args(value, source, &out->args, note);
    return add_tensor(value, name, source, out, note);
}

enum sc_status json_decode(const struct codec_source *source, struct codec_payload *out,
                           struct sc_note *note)
{
    const struct json_rules rules = {.depth = source->limits->json_depth, .nonfinite = true};
    struct json_cursor c = json_cursor(source->body);
    struct json_marks marks = {0};
    struct codec_source marked = *source;

    if ((uint64_t)source->body.size > (uint64_t)source->limits->json_bytes)
        return sc_fail(note, SC_TOO_LARGE, NULL,
                       "JSON of %zu bytes; at most %lld (limit json_bytes); NPY in "
                       "multipart/form-data may be larger",
                       source->body.size, (long long)source->limits->json_bytes);
    SC_TRY(json_check_marking(source->body, &rules, &marks, source->arena, note));
    marked.marks = c.marks = &marks;
    if (source->name[0] != '\0')
        return add_tensor(json_value(&c), source->name, &marked, out, note);
    if (json_peek(&c) != '{') return no_object(json_peek(&c) == '[', note);
    c.at++;
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);

        SC_TRY(member(key, value, &marked, out, note));
    }
    return SC_OK;
}
