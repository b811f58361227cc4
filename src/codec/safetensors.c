/* safetensors.c - tensors by name, most of them views of the body. */
#include "safetensors.h"

#include <string.h>

#include "elements.h"
#include "formats.h"

/* A size below 2^56, then an object of JSON: no text has a NUL among its first bytes. */
bool safetensors_probe(struct sc_bytes body)
{
    return body.size > 8 && body.data[7] == 0 && body.data[8] == '{';
}

static enum sc_status make(const struct codec_source *source, const struct safetensors_entry *e,
                           struct sc_tensor *out, struct sc_note *note)
{
    enum sc_dtype dtype = SC_UINT8;

    if (!safetensors_dtype_find(e->dtype, &dtype))
        return sc_fail(note, SC_UNSUPPORTED, NULL,
                       "dtype '%.32s' is not taken; convert it to F32, or to another of BOOL, "
                       "U8 to U64, I8 to I64, F16, BF16, F32, F64",
                       e->dtype);
    if (e->rank > source->limits->rank || e->rank > SC_RANK_MAX)
        return sc_fail(note, SC_TOO_LARGE, NULL, "%lld dimensions; at most %lld (limit rank)",
                       (long long)e->rank, (long long)source->limits->rank);
    return elements_take(e->data, dtype, (int)e->rank, e->dim, source->arena, out, note);
}

static enum sc_status take(const struct codec_source *source, const struct safetensors_entry *e,
                           const char *name, struct codec_payload *out, struct sc_note *note)
{
    struct sc_tensor t = {.data = NULL};

    SC_TRY(codec_go_on(source, note));
    SC_TRY(sc_fail_in(note, make(source, e, &t, note), "tensor '%.64s' of the safetensors",
                      e->name));
    return sc_tensors_add(&out->tensors, name, &t, source->arena, note);
}

/* A part of a form is one tensor: the sole one, or the one that is named as the part. */
static enum sc_status take_part(const struct codec_source *source, const struct safetensors *s,
                                struct codec_payload *out, struct sc_note *note)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->count == 1 || strcmp(s->entry[i].name, source->name) == 0)
            return take(source, &s->entry[i], source->name, out, note);
    return sc_fail(note, SC_BAD_INPUT, NULL,
                   "the safetensors in part '%.64s' has %zu tensors, none of that name",
                   source->name, s->count);
}

enum sc_status safetensors_decode(const struct codec_source *source, struct codec_payload *out,
                                  struct sc_note *note)
{
    struct safetensors s;

    SC_TRY(safetensors_read(source, &s, note));
    if (*source->name != '\0') return take_part(source, &s, out, note);
    for (size_t i = 0; i < s.count; i++) {
        SC_TRY(codec_check_name(s.entry[i].name, note));
        SC_TRY(take(source, &s.entry[i], s.entry[i].name, out, note));
    }
    return SC_OK;
}
