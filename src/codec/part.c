/* part.c - one of several bodies with names: a part of a form, or a file. */
#include "formats.h"
#include "json.h"

/* How many of that name were there before. */
static int64_t count_named(const struct codec_payload *out, const char *name)
{
    int64_t count = 0;

    for (size_t i = 0; i < out->tensors.count; i++)
        count += strcmp(out->tensors.item[i].name, name) == 0;
    return count;
}

void codec_point_at(struct sc_note *note, const char *name, const struct codec_payload *out)
{
    const int64_t before = count_named(out, name);

    if (note == NULL || note->pointer[0] != '\0') return;
    sc_pointer(note->pointer, "#", name);
    if (before > 0) sc_pointer_add(note->pointer, before);
}

enum sc_status codec_decode_part(const struct codec_source *source, struct codec_payload *out,
                                 struct sc_note *note)
{
    const enum sc_status status = strcmp(source->name, "params") == 0
                                      ? json_read_args(source->body, source, &out->args, note)
                                      : codec_decode(source, out, note);

    if (status != SC_OK) codec_point_at(note, source->name, out);
    return status;
}
