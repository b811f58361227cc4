/* json_tensor.c - the forms of a tensor in JSON. */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "elements.h"
#include "json.h"
#include "json_cursor.h"
#include "json_extent.h"
#include "json_fill.h"
#include "rle.h"

/* The members of a tensor written as an object; `data` NULL: absent. */
struct members {
    struct sc_bytes dtype, shape, data, base64, size, counts;
};

/* What all readers here need. */
struct place {
    const char *pointer;
    const struct codec_source *source;
    struct sc_note *note;
};

static enum sc_status refuse(const struct place *p, const char *member, enum sc_status status,
                             const char *what)
{
    char pointer[SC_POINTER_SIZE];

    snprintf(pointer, sizeof pointer, "%s%s", p->pointer, member);
    return sc_fail(p->note, status, pointer, "%s", what);
}

/* A list of integers; `out` gets them where there are at most `room`, else nothing. */
static enum sc_status read_integers(const struct place *p, const char *member,
                                    struct sc_bytes text, int64_t room, int64_t *out,
                                    int64_t *count)
{
    char pointer[SC_POINTER_SIZE];
    struct json_extent extent;
    struct sc_tensor list = {.dtype = SC_INT64};

    snprintf(pointer, sizeof pointer, "%s%s", p->pointer, member);
    SC_TRY(
        json_extent_read(text, p->source->limits, p->source->marks, pointer, &extent, p->note));
    if (extent.rank != 1) return refuse(p, member, SC_MALFORMED, "expected a list of integers");
    *count = extent.count;
    list.data = out;
    return extent.count > room ? SC_OK : json_fill(text, &extent, pointer, &list, p->note);
}

static enum sc_status too_many_dimensions(const struct place *p, int64_t count, int64_t most)
{
    char pointer[SC_POINTER_SIZE];

    snprintf(pointer, sizeof pointer, "%s/shape", p->pointer);
    return sc_fail(p->note, SC_TOO_LARGE, pointer, "%lld dimensions; at most %lld (limit rank)",
                   (long long)count, (long long)most);
}

static enum sc_status read_shape(const struct place *p, struct sc_bytes text, int *rank,
                                 int64_t dim[SC_RANK_MAX])
{
    const int64_t limit = p->source->limits->rank;
    const int64_t most = limit < SC_RANK_MAX ? limit : SC_RANK_MAX;
    int64_t count = 0;

    SC_TRY(read_integers(p, "/shape", text, most, dim, &count));
    if (count > most) return too_many_dimensions(p, count, most);
    for (int64_t i = 0; i < count; i++)
        if (dim[i] < 0) return refuse(p, "/shape", SC_MALFORMED, "a dimension is negative");
    *rank = (int)count;
    return SC_OK;
}

static enum sc_status read_dtype(const struct place *p, struct sc_bytes text,
                                 enum sc_dtype *out)
{
    char pointer[SC_POINTER_SIZE];
    struct sc_bytes name;

    if (!json_quoted(text, &name)) return refuse(p, "/dtype", SC_MALFORMED, "expected a text");
    if (sc_dtype_find((const char *)name.data, name.size, out)) return SC_OK;
    snprintf(pointer, sizeof pointer, "%s/dtype", p->pointer);
    return sc_fail(p->note, SC_UNSUPPORTED, pointer,
                   "dtype '%.*s' is not taken; expected " SC_DTYPES,
                   (int)(name.size < 40 ? name.size : 40), (const char *)name.data);
}

static enum sc_dtype dtype_of(const struct json_extent *extent)
{
    if (extent->bools) return SC_BOOL;
    return extent->integers && !extent->reals ? SC_INT64 : SC_FLOAT64;
}

/* Does the data have this shape, or is it a flat list of as many values? */
static bool fits(const struct json_extent *data, const struct sc_tensor *t)
{
    return (data->rank == 1 && data->count == t->count) ||
           (data->rank == t->rank &&
            memcmp(data->dim, t->dim, (size_t)t->rank * sizeof t->dim[0]) == 0);
}

static enum sc_status check_fit(const struct place *p, const struct json_extent *data,
                                enum sc_dtype dtype, int rank, const int64_t *dim)
{
    struct sc_tensor t, found = {.rank = data->rank};
    size_t bytes;
    char wanted[80], there[80];

    SC_TRY(sc_tensor_shape(&t, dtype, rank, dim, &bytes, p->note));
    if (fits(data, &t)) return SC_OK;
    sc_tensor_shape_text(&t, wanted, sizeof wanted);
    if (data->count != t.count)
        return sc_fail(p->note, SC_MALFORMED, p->pointer,
                       "'data' has %lld values, but shape %s needs %lld",
                       (long long)data->count, wanted, (long long)t.count);
    memcpy(found.dim, data->dim, sizeof found.dim);
    return sc_fail(p->note, SC_MALFORMED, p->pointer,
                   "'data' is nested as %s, but shape is %s; nest it so, or send one flat list",
                   sc_tensor_shape_text(&found, there, sizeof there), wanted);
}

/* {"dtype", "shape", "data"}: without dtype or shape they are as for bare arrays. */
static enum sc_status read_data(const struct place *p, const struct members *m,
                                struct sc_tensor *out)
{
    char pointer[SC_POINTER_SIZE];
    struct json_extent extent;
    enum sc_dtype dtype = SC_UINT8;
    int64_t dim[SC_RANK_MAX];
    int rank = 0;

    snprintf(pointer, sizeof pointer, "%s/data", p->pointer);
    SC_TRY(json_extent_read(m->data, p->source->limits, p->source->marks, pointer, &extent,
                            p->note));
    dtype = dtype_of(&extent);
    rank = extent.rank;
    memcpy(dim, extent.dim, sizeof dim);
    if (m->dtype.data != NULL) SC_TRY(read_dtype(p, m->dtype, &dtype));
    if (m->shape.data != NULL) {
        SC_TRY(read_shape(p, m->shape, &rank, dim));
        SC_TRY(check_fit(p, &extent, dtype, rank, dim));
    }
    SC_TRY(sc_tensor_new(out, dtype, rank, dim, p->source->arena, p->note));
    return json_fill(m->data, &extent, pointer, out, p->note);
}

enum sc_status json_read_shape(struct sc_bytes value, const char *pointer,
                               const struct codec_source *source, int *rank,
                               int64_t dim[SC_RANK_MAX], struct sc_note *note)
{
    const struct place p = {.pointer = pointer, .source = source, .note = note};

    return read_shape(&p, value, rank, dim);
}

enum sc_status json_read_data(struct sc_bytes value, const char *pointer, enum sc_dtype dtype,
                              int rank, const int64_t *dim, const struct codec_source *source,
                              struct sc_tensor *out, struct sc_note *note)
{
    const struct place p = {.pointer = pointer, .source = source, .note = note};
    char data[SC_POINTER_SIZE];
    struct json_extent extent;

    snprintf(data, sizeof data, "%s/data", pointer);
    SC_TRY(json_extent_read(value, source->limits, source->marks, data, &extent, note));
    SC_TRY(check_fit(&p, &extent, dtype, rank, dim));
    SC_TRY(sc_tensor_new(out, dtype, rank, dim, source->arena, note));
    return json_fill(value, &extent, data, out, note);
}

static enum sc_status read_base64(const struct place *p, const struct members *m,
                                  struct sc_tensor *out)
{
    enum sc_dtype dtype = SC_UINT8;
    int64_t dim[SC_RANK_MAX];
    int rank = 0;
    struct sc_bytes text = {0}, bytes = {0};

    if (m->dtype.data == NULL || m->shape.data == NULL)
        return refuse(p, "", SC_MALFORMED, "base64 needs dtype and shape");
    if (!json_quoted(m->base64, &text))
        return refuse(p, "/base64", SC_MALFORMED, "expected a text");
    SC_TRY(read_dtype(p, m->dtype, &dtype));
    SC_TRY(read_shape(p, m->shape, &rank, dim));
    SC_TRY(json_resolve(text, p->source->arena, &text, p->note));
    SC_TRY(base64_decode(text, p->source->arena, &bytes, p->note));
    return elements_take(bytes, dtype, rank, dim, p->source->arena, out, p->note);
}

static enum sc_status read_runs(const struct place *p, struct sc_bytes counts, int64_t **run,
                                int64_t *count)
{
    struct sc_bytes text;
    size_t runs;

    if (!json_quoted(counts, &text)) {
        const int64_t room = (int64_t)counts.size / 2 + 1; /* a digit and a comma each */

        *run = sc_arena_calloc(p->source->arena, (size_t)room, sizeof **run);
        if (*run == NULL)
            return sc_fail(p->note, SC_NO_MEMORY, p->pointer, "no memory for RLE counts");
        return read_integers(p, "/counts", counts, room, *run, count);
    }
    SC_TRY(json_resolve(text, p->source->arena, &text, p->note));
    SC_TRY(rle_runs(text, p->source->arena, run, &runs, p->note));
    *count = (int64_t)runs;
    return SC_OK;
}

static enum sc_status read_rle(const struct place *p, const struct members *m,
                               struct sc_tensor *out)
{
    const int64_t limit = p->source->limits->png_pixels;
    int64_t size[2], count = 0, *run;

    if (m->size.data == NULL || m->counts.data == NULL)
        return refuse(p, "", SC_MALFORMED, "a run-length mask needs size and counts");
    SC_TRY(read_integers(p, "/size", m->size, 2, size, &count));
    if (count != 2 || size[0] < 0 || size[1] < 0)
        return refuse(p, "/size", SC_MALFORMED, "expected [height, width]");
    if (size[1] > 0 && size[0] > limit / size[1])
        return sc_fail(p->note, SC_TOO_LARGE, p->pointer,
                       "a mask of %lld x %lld pixels; at most %lld pixels (limit png_pixels)",
                       (long long)size[1], (long long)size[0], (long long)limit);
    SC_TRY(read_runs(p, m->counts, &run, &count));
    return rle_mask(run, (size_t)count, size[0], size[1], p->source->arena, out, p->note);
}

static enum sc_status read_members(const struct place *p, struct sc_bytes object,
                                   struct members *m)
{
    const struct {
        const char *name;
        struct sc_bytes *value;
    } known[] = {{"dtype", &m->dtype},   {"shape", &m->shape}, {"data", &m->data},
                 {"base64", &m->base64}, {"size", &m->size},   {"counts", &m->counts}};
    struct json_cursor c = json_cursor(object);

    c.marks = p->source->marks;
    c.at++;
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);
        size_t i = 0;

        while (i < sizeof known / sizeof known[0] && !sc_bytes_is(key, known[i].name)) i++;
        if (i == sizeof known / sizeof known[0])
            return sc_fail(
                p->note, SC_MALFORMED, p->pointer,
                "unknown member '%.*s' of a tensor; expected dtype, shape and data or "
                "base64, or size and counts",
                (int)(key.size < 40 ? key.size : 40), (const char *)key.data);
        *known[i].value = value;
    }
    return SC_OK;
}

static enum sc_status read_object(const struct place *p, struct sc_bytes object,
                                  struct sc_tensor *out)
{
    struct members m = {0};
    int forms;

    SC_TRY(read_members(p, object, &m));
    forms = (m.data.data != NULL) + (m.base64.data != NULL) +
            (m.size.data != NULL || m.counts.data != NULL);
    if (forms != 1 || (m.size.data != NULL && (m.dtype.data != NULL || m.shape.data != NULL)))
        return refuse(p, "", SC_MALFORMED,
                      "expected one of: data, alone or with dtype and shape; base64 with "
                      "dtype and shape; size and counts");
    if (m.data.data != NULL) return read_data(p, &m, out);
    return m.base64.data != NULL ? read_base64(p, &m, out) : read_rle(p, &m, out);
}

static enum sc_status read_arrays(const struct place *p, struct sc_bytes text,
                                  struct sc_tensor *out)
{
    struct json_extent extent;

    SC_TRY(json_extent_read(text, p->source->limits, p->source->marks, p->pointer, &extent,
                            p->note));
    SC_TRY(sc_tensor_new(out, dtype_of(&extent), extent.rank, extent.dim, p->source->arena,
                         p->note));
    return json_fill(text, &extent, p->pointer, out, p->note);
}

enum sc_status json_read_tensor(struct sc_bytes value, const char *pointer,
                                const struct codec_source *source, struct sc_tensor *out,
                                struct sc_note *note)
{
    const struct place p = {.pointer = pointer, .source = source, .note = note};
    enum sc_status status;

    if (value.data[0] == '"')
        status = refuse(&p, "", SC_MALFORMED,
                        "a text is no tensor; expected a number or arrays of numbers; "
                        "parameters go into \"params\"");
    else
        status = value.data[0] == '{' ? read_object(&p, value, out)
                                      : read_arrays(&p, value, out);
    if (status != SC_OK && note != NULL && note->pointer[0] == '\0')
        snprintf(note->pointer, sizeof note->pointer, "%s", pointer);
    return status;
}
