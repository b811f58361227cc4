/* json_states.c - the list of states in a JSON body. */
#include <string.h>

#include "base64.h"
#include "formats.h"
#include "json.h"
#include "states.h"

#define FORM "{\"states\": [base64, ...]}"

static enum sc_status unknown_member(const char *name, struct sc_note *note)
{
    return sc_fail_input(note, SC_BAD_INPUT, name, "unknown member '%.64s'; expected " FORM,
                         name);
}

static enum sc_status no_states(struct sc_note *note)
{
    return sc_fail(note, SC_BAD_INPUT, "#/states", "there are no states; expected " FORM);
}

static enum sc_status open_list(struct sc_bytes value, struct codec_states *out,
                                struct sc_note *note)
{
    if (!json_enter(value, '[', &out->rest))
        return sc_fail(note, SC_BAD_INPUT, "#/states", "states is not a list; expected " FORM);
    return json_peek(&out->rest) == ']' ? no_states(note) : SC_OK;
}

static enum sc_status read_member(struct sc_bytes key, struct sc_bytes value,
                                  const struct codec_source *source, struct codec_states *out,
                                  struct sc_note *note)
{
    const char *name;

    SC_TRY(json_unescape_text(key, source->arena, &name, note));
    if (strcmp(name, "params") == 0) return json_read_args(value, source, &out->args, note);
    if (strcmp(name, "states") == 0) return open_list(value, out, note);
    return unknown_member(name, note);
}

static enum sc_status check(const struct codec_source *source, bool nonfinite,
                            struct sc_note *note)
{
    const struct json_rules rules = {.depth = source->limits->json_depth,
                                     .nonfinite = nonfinite};

    if (source->body.size == 0)
        return sc_fail(note, SC_BAD_INPUT, NULL, "the body is empty; expected " FORM);
    if ((uint64_t)source->body.size > (uint64_t)source->limits->json_bytes)
        return sc_fail(note, SC_TOO_LARGE, NULL,
                       "JSON of %zu bytes; at most %lld (limit json_bytes); merge some states "
                       "with state=true, then the results",
                       source->body.size, (long long)source->limits->json_bytes);
    if (!json_probe(source->body))
        return sc_fail(note, SC_UNSUPPORTED, NULL, "the body is not JSON; expected " FORM);
    return json_check(source->body, &rules, source->arena, note);
}

/* Of a text that was checked. */
static enum sc_status open_checked(const struct codec_source *source, struct codec_states *out,
                                   struct sc_note *note)
{
    struct json_cursor c;

    *out = (struct codec_states){.count = 0};
    if (!json_enter(source->body, '{', &c))
        return sc_fail(note, SC_BAD_INPUT, NULL, "the body is a list; expected " FORM);
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);

        SC_TRY(read_member(key, value, source, out, note));
    }
    return out->rest.at ? SC_OK : no_states(note);
}

enum sc_status codec_states_open(const struct codec_source *source, struct codec_states *out,
                                 struct sc_note *note)
{
    SC_TRY(check(source, false, note));
    return open_checked(source, out, note);
}

/* The value of a member of an object; no data: there is none, or no object. */
static enum sc_status find_member(struct sc_bytes object, const char *name,
                                  struct sc_arena *arena, struct sc_bytes *out,
                                  struct sc_note *note)
{
    struct json_cursor c;

    *out = (struct sc_bytes){0};
    if (object.data == NULL || !json_enter(object, '{', &c)) return SC_OK;
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);
        const char *text;

        SC_TRY(json_unescape_text(key, arena, &text, note));
        if (strcmp(text, name) == 0) *out = value;
    }
    return SC_OK;
}

enum sc_status codec_states_open_reply(const struct codec_source *source, const char *op,
                                       struct codec_states *out, struct sc_note *note)
{
    struct sc_bytes found, results, report;

    SC_TRY(check(source, true, note));
    SC_TRY(find_member(source->body, "states", source->arena, &found, note));
    if (found.data != NULL) return open_checked(source, out, note);
    SC_TRY(find_member(source->body, "results", source->arena, &results, note));
    SC_TRY(find_member(results, op, source->arena, &report, note));
    SC_TRY(find_member(results.data ? report : source->body, "state", source->arena, &found,
                       note));
    if (found.data == NULL)
        return sc_fail(note, SC_BAD_INPUT, "#/state",
                       "there is no state of %.100s; expected a reply that was asked with "
                       "state=true, or " FORM,
                       op);
    *out = (struct codec_states){.rest = json_cursor(found)};
    return SC_OK;
}

enum sc_status codec_states_next(struct codec_states *states, struct sc_arena *arena,
                                 struct sc_bytes *out, struct sc_note *note)
{
    struct sc_bytes text;

    *out = (struct sc_bytes){0};
    if (!json_next(&states->rest, ']')) return SC_OK;
    states->count++;
    if (json_peek(&states->rest) != '"')
        return sc_fail(note, SC_MALFORMED, NULL, "a state is not a text; expected base64");
    text = json_string(&states->rest);
    SC_TRY(json_resolve(text, arena, &text, note)); /* some writers escape slashes */
    return base64_decode(text, arena, out, note);
}
