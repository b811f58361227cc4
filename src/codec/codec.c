/* codec.c - which format is it? */
#include "codec.h"

#include <string.h>

#include "formats.h"
#include "media.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are views of the body");

const struct codec codecs[CODEC_COUNT] = {
#define CODEC(name, media_type, probe, decode, parameter, encode, holds)                       \
    {#name, media_type, probe, decode, parameter, encode, HOLDS_##holds},
#include "codecs.def"
#undef CODEC
};

const struct sc_report *codec_sole(const struct codec_results *results)
{
    return results->count == 1 && results->item[0].name == NULL ? results->item[0].report
                                                                : NULL;
}

enum sc_status codec_absent(const struct sc_report *report, const char *name, const char *what,
                            const char *media_type, struct sc_note *note)
{
    for (size_t i = 0; name != NULL && i < report->warnings; i++)
        if (strcmp(report->warning[i].code, "not_printed") == 0 &&
            strncmp(report->warning[i].detail, name, strlen(name)) == 0)
            return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                           "no %s for %s: %s, or for application/x-npz, which has it always",
                           what, media_type, report->warning[i].detail);
    return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                   "this result has no %s for %s; ask for application/json", what, media_type);
}

/* Raw bytes and multipart have no magic; their parameters say what the bytes are, so that a raw
 * tensor which happens to begin like another format is still read as raw. */
static bool is_described(const char *type, const struct codec *codec)
{
    char value[8];

    return codec->parameter != NULL && media_is(type, codec->media_type) &&
           media_param(type, codec->parameter, value, sizeof value) != MEDIA_ABSENT;
}

static const struct codec *by_parameter(const char *type)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (is_described(type, &codecs[i])) return &codecs[i];
    return NULL;
}

static const struct codec *by_bytes(struct sc_bytes body)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].probe != NULL && codecs[i].probe(body)) return &codecs[i];
    return NULL;
}

static const struct codec *by_type(const char *type)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].decode != NULL && media_is(type, codecs[i].media_type)) return &codecs[i];
    return NULL;
}

/* NULL: see `unknown`. */
static const struct codec *choose(const struct codec_source *source)
{
    const struct codec *codec = by_parameter(source->content_type);

    if (codec != NULL) return codec;
    if (source->body.size == 0) return NULL;
    codec = by_bytes(source->body);
    if (codec != NULL || foreign_advice(source->body) != NULL) return codec;
    return by_type(source->content_type);
}

/* What is taken: names of those that bytes show, what to say of the others. */
static const char *list_taken(char *text, size_t size)
{
    *text = '\0';
    for (size_t i = 0; i < CODEC_COUNT; i++) {
        const struct codec *c = &codecs[i];
        const char *name = c->probe ? c->name : c->media_type;

        if (c->decode != NULL && c->parameter != NULL)
            sc_list_add(text, size, "%s with %s=", name, c->parameter);
        else if (c->decode != NULL)
            sc_list_add(text, size, "%s", name);
    }
    return text;
}

static enum sc_status unknown(const struct codec_source *source, struct sc_note *note)
{
    const char *type = source->content_type, *advice = foreign_advice(source->body);
    char taken[192];

    if (source->body.size == 0)
        return sc_fail(note, SC_BAD_INPUT, NULL, "the body is empty; expected tensors");
    if (advice != NULL) return sc_fail(note, SC_UNSUPPORTED, NULL, "%s", advice);
    return sc_fail(note, SC_UNSUPPORTED, NULL,
                   "neither the bytes nor Content-Type '%.64s' name a format that is taken: %s",
                   type ? type : "", list_taken(taken, sizeof taken));
}

enum sc_status codec_decode(const struct codec_source *source, struct codec_payload *out,
                            struct sc_note *note)
{
    static _Alignas(SC_ARENA_ALIGN) const uint8_t nothing[SC_BYTES_PADDING];
    struct codec_source present = *source;
    const struct codec *codec;
    enum sc_status status;

    if (present.body.data == NULL) present.body = sc_bytes(nothing, 0);
    codec = choose(&present);
    if (codec == NULL) return unknown(&present, note);
    status = codec->decode(&present, out, note);
    out->format = codec->name; /* after those of its parts */
    return status;
}
