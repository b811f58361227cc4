/* multipart.c - multipart/form-data (RFC 7578): each part a tensor of its name, or "params".
 * Parts are slices of the body. */
#include <string.h>
#include <strings.h>

#include "formats.h"
#include "json.h"
#include "media.h"
#include "multipart_split.h"
#include "utf8.h"

#define NAME_MAX_BYTES   255
#define HEADER_BYTES_MAX 8192
#define FIELD_MAX        1024

struct part {
    const char *name, *type; /* type: NULL when there is none */
    const char *encoding;    /* one that is not taken; NULL when there is none */
    struct sc_bytes body;
};

struct parts {
    struct part *item;
    size_t count, capacity;
};

/* Browsers and curl write a quote in a name as %22. */
static void unescape_quotes(char *name)
{
    char *to = name;

    for (const char *at = name; *at != '\0'; at++) {
        const bool quote = strncmp(at, "%22", 3) == 0;

        *to++ = quote ? '"' : *at;
        if (quote) at += 2;
    }
    *to = '\0';
}

static enum sc_status read_disposition(const struct multipart_split *s, const char *value,
                                       struct part *part)
{
    char name[NAME_MAX_BYTES + 1];

    if (part->name != NULL) return multipart_broken(s, "two Content-Disposition headers");
    if (!media_is(value, "form-data"))
        return multipart_broken(
            s, "Content-Disposition is not form-data; expected form-data; name=\"pred\"");
    if (media_param(value, "name", name, sizeof name) != MEDIA_FOUND || name[0] == '\0')
        return multipart_broken(
            s, "Content-Disposition has no name; expected form-data; name=\"pred\"");
    unescape_quotes(name);
    part->name = sc_arena_strndup(s->source->arena, name, strlen(name));
    if (part->name == NULL) return sc_fail(s->note, SC_NO_MEMORY, NULL, "no memory for a part");
    return SC_OK;
}

static bool is_plain(const char *encoding)
{
    return media_is(encoding, "binary") || media_is(encoding, "8bit") ||
           media_is(encoding, "7bit");
}

/* One header line, NUL-terminated and ours to change. */
static enum sc_status read_header(const struct multipart_split *s, char *line,
                                  struct part *part)
{
    char *colon = strchr(line, ':'), *value;

    if (colon == NULL || colon == line || line[0] == ' ' || line[0] == '\t')
        return multipart_broken(s, "a header line of a part is broken");
    *colon = '\0';
    value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "Content-Disposition") == 0) return read_disposition(s, value, part);
    if (strcasecmp(line, "Content-Type") == 0) part->type = value;
    if (strcasecmp(line, "Content-Transfer-Encoding") == 0 && !is_plain(value))
        part->encoding = value;
    return SC_OK;
}

static enum sc_status read_headers(const struct multipart_split *s, struct sc_bytes text,
                                   struct part *part)
{
    char *line = sc_arena_strndup(s->source->arena, (const char *)text.data, text.size), *end;

    if (line == NULL) return sc_fail(s->note, SC_NO_MEMORY, NULL, "no memory for a part");
    if (strlen(line) != text.size) return multipart_broken(s, "a NUL in a header");
    for (; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n"); /* the text ends with one */
        *end = '\0';
        SC_TRY(read_header(s, line, part));
    }
    return SC_OK;
}

/* Splits what stands between two delimiters into headers and body. */
static enum sc_status read_part(const struct multipart_split *s, struct sc_bytes text,
                                struct part *part)
{
    const uint8_t *blank;
    const size_t room = text.size < HEADER_BYTES_MAX + 4 ? text.size : HEADER_BYTES_MAX + 4;
    size_t size;

    blank = memmem(text.data, room, "\r\n\r\n", 4);
    if (blank == NULL)
        return multipart_broken(s, "the headers do not end within 8192 bytes by an empty line");
    size = (size_t)(blank - text.data) + 2;
    part->body = sc_bytes_slice(text, size + 2, text.size);
    return read_headers(s, sc_bytes_slice(text, 0, size), part);
}

/* What a form sends for a field: a line of text, not a file. */
static bool is_field(const struct part *part)
{
    const uint8_t *at = part->body.data, *end = at + part->body.size;

    if (part->type != NULL && !media_is(part->type, "text/plain")) return false;
    if (at == end || end - at > FIELD_MAX || foreign_advice(part->body) != NULL) return false;
    while (at < end) {
        const size_t length = utf8_length(at, end);

        if (length == 0 || (*at < ' ' && !multipart_is_space(*at)) || *at == 0x7f) return false;
        at += length;
    }
    return true;
}

static enum sc_status decode_field(const struct codec_source *source, struct codec_payload *out,
                                   struct sc_note *note)
{
    if (json_probe(source->body) || json_scalar_probe(source->body))
        return json_decode(source, out, note);
    return sc_fail(
        note, SC_BAD_INPUT, NULL,
        "part '%.64s' is text, not a tensor; curl sends a file as -F NAME=@FILE, with "
        "the @; parameters go into the query or the part params",
        source->name);
}

static enum sc_status decode_part(const struct multipart_split *s, const struct part *part,
                                  struct codec_payload *out)
{
    struct codec_source source = *s->source;

    source.body = part->body;
    source.content_type = part->type;
    source.name = part->name;
    if (part->encoding != NULL)
        return sc_fail(
            s->note, SC_UNSUPPORTED, NULL,
            "Content-Transfer-Encoding '%.40s' in a part; send the bytes as they are",
            part->encoding);
    if (media_starts(part->type, "multipart/"))
        return sc_fail(s->note, SC_UNSUPPORTED, NULL, "multipart inside a part is not taken");
    return is_field(part) && strcmp(part->name, "params") != 0
               ? decode_field(&source, out, s->note)
               : codec_decode_part(&source, out, s->note);
}

static enum sc_status add_part(const struct multipart_split *s, const struct part *part,
                               struct parts *parts)
{
    struct part *item = sc_arena_grow(s->source->arena, parts->item, parts->count,
                                      &parts->capacity, sizeof *item);

    if (item == NULL) return sc_fail(s->note, SC_NO_MEMORY, NULL, "no memory for a part");
    parts->item = item;
    parts->item[parts->count++] = *part;
    return SC_OK;
}

/* The next part goes to the end of the list. */
static enum sc_status take_part(struct multipart_split *s, struct parts *parts)
{
    struct sc_bytes text;
    struct part part = {0};

    if (s->parts >= s->source->limits->parts)
        return sc_fail(s->note, SC_TOO_LARGE, NULL, "more than %lld parts (limit parts)",
                       (long long)s->source->limits->parts);
    SC_TRY(multipart_next(s, &text));
    SC_TRY(read_part(s, text, &part));
    if (part.name == NULL)
        return multipart_broken(s, "no Content-Disposition; expected form-data; name=\"pred\"");
    s->parts++;
    return add_part(s, &part, parts);
}

/* Parameters first, wherever they stand: they may say what is in a tensor. */
static enum sc_status decode_parts(const struct multipart_split *s, const struct parts *parts,
                                   bool params, struct codec_payload *out)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->item[i];
        enum sc_status status;

        if ((strcmp(part->name, "params") == 0) != params) continue;
        SC_TRY(codec_go_on(s->source, s->note));
        status = decode_part(s, part, out);
        if (status == SC_OK) continue;
        codec_point_at(s->note, part->name, out);
        return status;
    }
    return SC_OK;
}

enum sc_status multipart_decode(const struct codec_source *source, struct codec_payload *out,
                                struct sc_note *note)
{
    struct multipart_split s = {.source = source, .note = note};
    struct parts parts = {.count = 0};

    SC_TRY(multipart_begin(&s));
    while (!multipart_at_end(&s)) SC_TRY(take_part(&s, &parts));
    SC_TRY(multipart_end(&s));
    SC_TRY(decode_parts(&s, &parts, true, out));
    return decode_parts(&s, &parts, false, out);
}
