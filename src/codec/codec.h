/* codec.h - bytes to tensors, and reports to bytes. Knows no operation and no HTTP server.
 *
 * Formats are rows of codecs.def, one file each. A body is recognised from its first bytes,
 * then from its Content-Type. Decoded tensors are views into the body where they can be
 * (aligned, little-endian, C order), else copies in the arena: the body must outlive them,
 * and must have SC_BYTES_PADDING readable bytes after its end. */
#pragma once

#include "args.h"
#include "bytes.h"
#include "limit.h"
#include "report.h"
#include "tensor.h"

/* What a request carries. */
struct codec_payload {
    struct sc_tensors tensors;
    struct sc_args args; /* "params" of JSON, or of a part of that name */
    const char *format;  /* of the whole, a name of codecs.def; NULL: not recognised */
};

struct json_marks;

/* What the colours of an RGB PNG stand for: words of the parameter `encoding`. */
enum codec_encoding {
    ENCODING_NONE, /* nothing was said; it has no word */
    ENCODING_COCO_PANOPTIC,
    ENCODING_ADE20K_FULL,
    ENCODING_COUNT
};

extern const char *const codec_encoding_words[ENCODING_COUNT];

/* Everything a decoder is given. */
struct codec_source {
    struct sc_bytes body;
    const char *content_type;       /* with its parameters; NULL when there was none */
    const char *name;               /* name for a lone tensor: a part's name, or "" */
    const struct json_marks *marks; /* of the JSON that was checked; NULL: none */
    enum codec_encoding encoding;   /* where the payload has no parameter of that name */
    const struct sc_limits *limits;
    struct sc_arena *arena;
    bool (*stop)(void *context); /* is it in vain? asked between tensors; NULL: never */
    void *context;
};

/* A tensor that comes with a name: "" is that of a lone one without. */
static inline enum sc_status codec_check_name(const char *name, struct sc_note *note)
{
    if (*name != '\0') return SC_OK;
    return sc_fail(note, SC_BAD_INPUT, "#/", "unknown input '': a name is empty");
}

/* SC_STOPPED when there is no use in another tensor. */
static inline enum sc_status codec_go_on(const struct codec_source *source,
                                         struct sc_note *note)
{
    if (source->stop == NULL || !source->stop(source->context)) return SC_OK;
    return sc_fail(note, SC_STOPPED, NULL,
                   "stopped before all was decoded: deadline, or caller gone");
}

/* How a reply is to be written. */
struct codec_style {
    bool nonfinite_token; /* NaN and Infinity as tokens; else null */
};

/* One report of a reply. Several have names each, such as "losses/dice"; one that is the whole
 * reply has none. */
struct codec_result {
    const char *name;
    const struct sc_report *report;
};

struct codec_results {
    const struct codec_result *item;
    size_t count;
};

/* The report that is the whole reply; NULL when there are results with names. */
const struct sc_report *codec_sole(const struct codec_results *results);

/* Do the first bytes say that they are of this format? */
typedef bool codec_probe_fn(struct sc_bytes body);

/* Appends tensors (and args) to the payload. */
typedef enum sc_status codec_decode_fn(const struct codec_source *source,
                                       struct codec_payload *out, struct sc_note *note);

/* Appends the results to the writer; large tensors of the reports as views. */
typedef enum sc_status codec_encode_fn(const struct codec_results *results,
                                       const struct codec_style *style, struct sc_writer *out,
                                       struct sc_note *note);

/* How much of a result a format has. */
enum codec_holds {
    HOLDS_NOTHING, /* it is only read */
    HOLDS_ONE,     /* the main tensor or table, of a result that has one */
    HOLDS_BRIEF,   /* any result, but for what is too long to be read */
    HOLDS_WHOLE    /* any result, all of it */
};

struct codec {
    const char *name;        /* "npy" */
    const char *media_type;  /* "application/x-npy" */
    codec_probe_fn *probe;   /* NULL: recognised by media type only */
    codec_decode_fn *decode; /* NULL: the format is only written */
    const char *parameter;   /* of the media type: says what the bytes are; NULL: they do */
    codec_encode_fn *encode; /* NULL: the format is only read */
    enum codec_holds holds;
};

enum {
#define CODEC(name, ...) CODEC_##name,
#include "codecs.def"
#undef CODEC
    CODEC_COUNT
};

/* All formats, in the order of the table. */
extern const struct codec codecs[CODEC_COUNT];

/* Decodes a whole body. Failures: SC_UNSUPPORTED (bytes not recognised, or of a kind that is
 * not taken; the note says what would be), SC_MALFORMED, SC_TOO_LARGE, SC_NO_MEMORY,
 * SC_BAD_PARAM, SC_BAD_INPUT (nothing, or no tensors by name), SC_STOPPED. */
enum sc_status codec_decode(const struct codec_source *source, struct codec_payload *out,
                            struct sc_note *note);

/* The same for one of several bodies with names, source->name; that of the name "params" is
 * parameters in JSON. A failure points to it: "#/pred", or "#/pred/2" for the third of a name.
 */
enum sc_status codec_decode_part(const struct codec_source *source, struct codec_payload *out,
                                 struct sc_note *note);

/* The forms that a reply may have, best first: whether a result has one, its encoder says. */
struct codec_forms {
    const struct codec *form[CODEC_COUNT];
    size_t count;
};

/* The forms that an Accept header (NULL: none) asks for; SC_NOT_ACCEPTABLE when there is none.
 * Needs no report, so it can be asked before the body is read. */
enum sc_status codec_accept(const char *accept, struct codec_forms *out, struct sc_note *note);

/* Is the reply an archive, if nothing less has the result? It has the classes and the matrix,
 * however many there are. */
bool codec_wants_whole(const struct codec_forms *forms);

/* Appends the results in the first of the forms that they have, and tells which;
 * SC_NOT_ACCEPTABLE when they have none of them. */
enum sc_status codec_encode(const struct codec_forms *forms,
                            const struct codec_results *results,
                            const struct codec_style *style, struct sc_writer *out,
                            const struct codec **used, struct sc_note *note);
