/* v2_input.c - {"name", "shape", "datatype", "data" or "parameters": {"binary_data_size"}}. */
#include "v2_input.h"

#include <stdio.h>

#include "elements.h"
#include "json.h"
#include "json_extent.h"
#include "v2.h"
#include "v2_read.h"

/* The members of an input; NULL: absent. */
struct input {
    const char *name;
    struct sc_bytes shape, datatype, data;
    int64_t size; /* of its bytes; -1: it is not binary */
};

static enum sc_status read_size(struct sc_bytes value, const char *pointer, int64_t *out,
                                struct sc_note *note)
{
    if (v2_read_size(value, out)) return SC_OK;
    return sc_fail(note, SC_MALFORMED, pointer,
                   "binary_data_size is not a whole number of bytes");
}

static enum sc_status read_params(struct sc_bytes value, const char *pointer, struct input *in,
                                  struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(value, '{', pointer, &c, note));
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), item = json_value(&c);

        if (!sc_bytes_is(key, "binary_data_size"))
            return v2_unknown(key, pointer, "binary_data_size; there is no shared memory",
                              note);
        SC_TRY(read_size(item, pointer, &in->size, note));
    }
    return SC_OK;
}

static enum sc_status read_members(struct sc_bytes object, const char *pointer,
                                   const struct codec_source *source, struct input *in,
                                   struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(object, '{', pointer, &c, note));
    c.marks = source->marks;
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);

        if (sc_bytes_is(key, "name"))
            SC_TRY(v2_read_text(value, pointer, source, &in->name, note));
        else if (sc_bytes_is(key, "shape"))
            in->shape = value;
        else if (sc_bytes_is(key, "datatype"))
            in->datatype = value;
        else if (sc_bytes_is(key, "data"))
            in->data = value;
        else if (sc_bytes_is(key, "parameters"))
            SC_TRY(read_params(value, pointer, in, note));
        else
            return v2_unknown(key, pointer, "name, shape, datatype, data and parameters", note);
    }
    return SC_OK;
}

static enum sc_status check_members(const struct input *in, const char *pointer,
                                    struct sc_note *note)
{
    if (in->name == NULL || in->name[0] == '\0')
        return sc_fail(note, SC_BAD_INPUT, pointer, "an input without a name");
    if (in->shape.data == NULL || in->datatype.data == NULL)
        return sc_fail(note, SC_BAD_INPUT, pointer, "'%.64s' needs shape and datatype",
                       in->name);
    if ((in->data.data != NULL) != (in->size >= 0)) return SC_OK;
    return sc_fail(note, SC_BAD_INPUT, pointer,
                   "'%.64s' needs either data or binary_data_size in its parameters", in->name);
}

static enum sc_status read_datatype(struct sc_bytes value, const char *pointer,
                                    enum sc_dtype *out, struct sc_note *note)
{
    struct sc_bytes name;
    const bool is_text = json_quoted(value, &name);

    if (is_text && v2_datatype_find(name, out)) return SC_OK;
    return sc_fail(note, is_text ? SC_UNSUPPORTED : SC_MALFORMED, pointer,
                   "datatype %.*s is not taken; expected BOOL, UINT8 to UINT64, INT8 to INT64, "
                   "FP16, BF16, FP32 or FP64",
                   (int)(value.size < 40 ? value.size : 40), (const char *)value.data);
}

/* Cuts the bytes of the next binary input off `tail`. */
static enum sc_status take_bytes(struct sc_bytes *tail, const struct input *in,
                                 const char *pointer, struct sc_bytes *out,
                                 struct sc_note *note)
{
    if ((uint64_t)in->size > tail->size)
        return sc_fail(note, SC_MALFORMED, pointer,
                       "binary_data_size of '%.64s' is %lld, but %zu bytes are left behind the "
                       "JSON, whose size Inference-Header-Content-Length gives",
                       in->name, (long long)in->size, tail->size);
    *out = sc_bytes_slice(*tail, 0, (size_t)in->size);
    *tail = sc_bytes_slice(*tail, out->size, tail->size - out->size);
    return SC_OK;
}

static enum sc_status read_tensor(const struct input *in, const char *pointer,
                                  const struct codec_source *source, struct sc_bytes *tail,
                                  struct sc_tensor *out, struct sc_note *note)
{
    enum sc_dtype dtype = SC_BOOL;
    int64_t dim[SC_RANK_MAX];
    struct sc_bytes bytes;
    int rank = 0;

    SC_TRY(read_datatype(in->datatype, pointer, &dtype, note));
    SC_TRY(json_read_shape(in->shape, pointer, source, &rank, dim, note));
    if (in->size < 0)
        return json_read_data(in->data, pointer, dtype, rank, dim, source, out, note);
    SC_TRY(take_bytes(tail, in, pointer, &bytes, note));
    return elements_take(bytes, dtype, rank, dim, source->arena, out, note);
}

static enum sc_status add(const char *name, const struct sc_tensor *t, const char *pointer,
                          const struct codec_source *source, struct sc_tensors *out,
                          struct sc_note *note)
{
    if ((int64_t)out->count >= source->limits->parts)
        return sc_fail(note, SC_TOO_LARGE, "#/inputs", "more than %lld inputs (limit parts)",
                       (long long)source->limits->parts);
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->item[i].name, name) == 0)
            return sc_fail(note, SC_BAD_INPUT, pointer, "input '%.64s' comes twice", name);
    return sc_tensors_add(out, name, t, source->arena, note);
}

static enum sc_status read_input(struct sc_bytes object, const char *pointer,
                                 const struct codec_source *source, struct sc_bytes *tail,
                                 struct sc_tensors *out, struct sc_note *note)
{
    struct input in = {.size = -1};
    struct sc_tensor t;
    enum sc_status status;

    SC_TRY(read_members(object, pointer, source, &in, note));
    SC_TRY(check_members(&in, pointer, note));
    status = read_tensor(&in, pointer, source, tail, &t, note);
    if (status != SC_OK && note != NULL && note->pointer[0] == '\0')
        snprintf(note->pointer, sizeof note->pointer, "%s", pointer);
    return status == SC_OK ? add(in.name, &t, pointer, source, out, note) : status;
}

enum sc_status v2_read_inputs(struct sc_bytes list, struct sc_bytes tail,
                              const struct codec_source *source, struct sc_tensors *out,
                              struct sc_note *note)
{
    struct json_cursor c;

    SC_TRY(v2_open(list, '[', "#/inputs", &c, note));
    c.marks = source->marks;
    for (size_t i = 0; json_next(&c, ']'); i++) {
        char pointer[SC_POINTER_SIZE];

        snprintf(pointer, sizeof pointer, "#/inputs/%zu", i);
        SC_TRY(codec_go_on(source, note));
        SC_TRY(read_input(json_value(&c), pointer, source, &tail, out, note));
    }
    if (tail.size == 0) return SC_OK;
    return sc_fail(note, SC_MALFORMED, NULL,
                   "%zu bytes are left behind the last binary input; the sizes in "
                   "binary_data_size do not add up to the body",
                   tail.size);
}
