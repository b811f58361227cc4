/* codec.c - which format is it? */
#include "codec.h"

#include <stdio.h>
#include <string.h>

#include "formats.h"
#include "media.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are views of the body");

const struct codec codecs[] = {
#define CODEC(name, media_type, probe, decode, encode)                                         \
    {#name, media_type, probe, decode, encode},
#include "codecs.def"
#undef CODEC
};
const size_t codec_count = sizeof codecs / sizeof codecs[0];

_Static_assert(sizeof codecs / sizeof codecs[0] <= CODEC_FORMS_MAX, "codec_forms holds all");

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

/* Raw bytes and multipart have no magic; these parameters say what the bytes are, so that a
 * raw tensor which happens to begin like another format is still read as raw. */
static bool is_described(const char *type)
{
    char value[8];

    return (media_is(type, "application/octet-stream") &&
            media_param(type, "dtype", value, sizeof value) != MEDIA_ABSENT) ||
           (media_is(type, "multipart/form-data") &&
            media_param(type, "boundary", value, sizeof value) != MEDIA_ABSENT);
}

static const struct codec *by_bytes(struct sc_bytes body)
{
    for (size_t i = 0; i < codec_count; i++)
        if (codecs[i].probe != NULL && codecs[i].probe(body)) return &codecs[i];
    return NULL;
}

static const struct codec *by_type(const char *type)
{
    for (size_t i = 0; i < codec_count; i++)
        if (codecs[i].decode != NULL && media_is(type, codecs[i].media_type)) return &codecs[i];
    return NULL;
}

/* NULL: see `unknown`. */
static const struct codec *choose(const struct codec_source *source)
{
    const struct codec *codec;

    if (is_described(source->content_type)) return by_type(source->content_type);
    if (source->body.size == 0) return NULL;
    codec = by_bytes(source->body);
    if (codec != NULL || foreign_advice(source->body) != NULL) return codec;
    return by_type(source->content_type);
}

static enum sc_status unknown(const struct codec_source *source, struct sc_note *note)
{
    const char *type = source->content_type, *advice = foreign_advice(source->body);

    if (source->body.size == 0)
        return sc_fail(note, SC_BAD_INPUT, NULL, "the body is empty; expected tensors");
    if (advice != NULL) return sc_fail(note, SC_UNSUPPORTED, NULL, "%s", advice);
    return sc_fail(note, SC_UNSUPPORTED, NULL,
                   "neither the bytes nor Content-Type '%.64s' name a format that is taken: "
                   "JSON, NPY, NPZ, safetensors, PNG, multipart/form-data, or "
                   "application/octet-stream with dtype= and shape=",
                   type ? type : "");
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
