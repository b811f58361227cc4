/* safetensors_header.c - reading the header, and what it says of the data. */
#include <string.h>

#include "json.h"
#include "json_cursor.h"
#include "safetensors.h"
#include "sort.h"

#define SIZE_BYTES 8 /* before the header */

/* ---- one entry ---- */

struct reading {
    const struct codec_source *source;
    const char *name; /* of the entry */
    struct sc_note *note;
};

static enum sc_status broken(const struct reading *r, const char *what)
{
    return sc_fail(r->note, SC_MALFORMED, NULL, "safetensors: tensor '%.64s': %s", r->name,
                   what);
}

static enum sc_status read_dtype(const struct reading *r, struct sc_bytes value,
                                 const char **out)
{
    struct sc_bytes string;

    if (!json_quoted(value, &string)) return broken(r, "dtype is no text");
    return json_unescape_text(string, r->source->arena, out, r->note);
}

static enum sc_status read_offsets(const struct reading *r, struct sc_bytes value,
                                   struct safetensors_entry *e)
{
    uint64_t *const offset[] = {&e->begin, &e->end};
    struct json_cursor c;
    size_t count = 0;

    if (!json_enter(value, '[', &c)) return broken(r, "data_offsets is no list");
    for (; json_next(&c, ']'); count++)
        if (count == 2 || !sc_read_whole(json_value(&c), UINT64_MAX, offset[count]))
            return broken(r, "data_offsets is not two whole numbers");
    if (count < 2) return broken(r, "data_offsets is not two whole numbers");
    return e->begin <= e->end ? SC_OK : broken(r, "it ends before it begins");
}

/* Keeps the dimensions that a tensor of ours can have, and counts all. The product is formed in
 * their order, as in the reference reader. */
static enum sc_status read_shape(const struct reading *r, struct sc_bytes value,
                                 struct safetensors_entry *e, uint64_t *elements)
{
    struct json_cursor c;
    uint64_t dim;

    *elements = 1;
    if (!json_enter(value, '[', &c)) return broken(r, "shape is no list");
    for (e->rank = 0; json_next(&c, ']'); e->rank++) {
        if (!sc_read_whole(json_value(&c), UINT64_MAX, &dim))
            return broken(r, "shape is not a list of whole numbers below 2^64");
        if (__builtin_mul_overflow(*elements, dim, elements))
            return broken(r, "its shape has more than 2^64 elements");
        if (e->rank < SC_RANK_MAX) e->dim[e->rank] = dim < INT64_MAX ? (int64_t)dim : INT64_MAX;
    }
    return SC_OK;
}

static enum sc_status check_size(const struct reading *r, const struct safetensors_entry *e,
                                 uint64_t elements)
{
    const uint64_t each = safetensors_dtype_bits(e->dtype);
    uint64_t bits;

    if (each == 0) return SC_OK;
    if (__builtin_mul_overflow(elements, each, &bits))
        return broken(r, "its shape has more than 2^64 bits");
    if (bits % 8 != 0) return broken(r, "it does not end with a whole byte");
    if (bits / 8 == e->end - e->begin) return SC_OK;
    return sc_fail(r->note, SC_MALFORMED, NULL,
                   "safetensors: tensor '%.64s' of dtype %s and its shape is %llu bytes, but "
                   "data_offsets say %llu",
                   r->name, e->dtype, (unsigned long long)bits / 8,
                   (unsigned long long)(e->end - e->begin));
}

enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4 };

static enum sc_status read_entry(const struct reading *r, struct sc_bytes object,
                                 struct safetensors_entry *e)
{
    uint64_t elements = 0;
    struct json_cursor c;
    int seen = 0;

    if (!json_enter(object, '{', &c)) return broken(r, "it is no object");
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);
        const int which = sc_bytes_is(key, "dtype")          ? DTYPE
                          : sc_bytes_is(key, "shape")        ? SHAPE
                          : sc_bytes_is(key, "data_offsets") ? OFFSETS
                                                             : 0;

        seen |= which;
        if (which == 0) return broken(r, "it has more than dtype, shape and data_offsets");
        if (which == DTYPE) SC_TRY(read_dtype(r, value, &e->dtype));
        if (which == SHAPE) SC_TRY(read_shape(r, value, e, &elements));
        if (which == OFFSETS) SC_TRY(read_offsets(r, value, e));
    }
    if (seen != (DTYPE | SHAPE | OFFSETS))
        return broken(r, "it lacks one of dtype, shape and data_offsets");
    return check_size(r, e, elements);
}

static enum sc_status check_metadata(const struct reading *r, struct sc_bytes object)
{
    struct json_cursor c;

    if (!json_enter(object, '{', &c)) return broken(r, "it is no object of texts");
    while (json_next(&c, '}')) {
        json_key(&c);
        if (json_value(&c).data[0] != '"') return broken(r, "it is no object of texts");
    }
    return SC_OK;
}

/* ---- all entries ---- */

static size_t count_entries(struct sc_bytes header)
{
    struct json_cursor c = json_cursor(header);
    size_t count = 0;

    c.at++;
    for (; json_next(&c, '}'); count++) {
        json_key(&c);
        json_value(&c);
    }
    return count;
}

static enum sc_status read_entries(const struct codec_source *source, struct sc_bytes header,
                                   struct safetensors *out, struct sc_note *note)
{
    struct reading r = {.source = source, .note = note};
    struct json_cursor c = json_cursor(header);

    c.at++; /* the bracket that it begins with */
    out->count = 0;
    out->entry = sc_arena_calloc(source->arena, count_entries(header), sizeof *out->entry);
    if (out->entry == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a safetensors header");
    while (json_next(&c, '}')) {
        const struct sc_bytes key = json_key(&c), value = json_value(&c);
        struct safetensors_entry *e = &out->entry[out->count];

        SC_TRY(json_unescape_text(key, source->arena, &r.name, note));
        if (strcmp(r.name, SAFETENSORS_METADATA) == 0) {
            SC_TRY(check_metadata(&r, value));
            continue;
        }
        e->name = r.name;
        SC_TRY(read_entry(&r, value, e));
        out->count++;
    }
    return SC_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct safetensors_entry *x = a, *y = b;

    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Each byte of the data is of one tensor. */
static enum sc_status place(struct sc_bytes data, struct safetensors *s, struct sc_note *note)
{
    uint64_t end = 0;

    sc_sort(s->entry, s->count, sizeof *s->entry, by_place);
    for (size_t i = 0; i < s->count; i++) {
        struct safetensors_entry *e = &s->entry[i];

        if (e->begin != end)
            return sc_fail(note, SC_MALFORMED, NULL,
                           "safetensors: the data of '%.64s' begin at %llu, where %llu is due: "
                           "%s",
                           e->name, (unsigned long long)e->begin, (unsigned long long)end,
                           e->begin < end ? "tensors overlap"
                                          : "there are bytes that are of no tensor");
        end = e->end;
        e->data = sc_bytes_slice(data, e->begin, e->end - e->begin);
    }
    if (end == data.size) return SC_OK;
    return sc_fail(note, SC_MALFORMED, NULL,
                   "safetensors: the tensors have %llu bytes, but %zu follow the header",
                   (unsigned long long)end, data.size);
}

/* ---- the file ---- */

static enum sc_status locate(const struct codec_source *source, struct sc_bytes *header,
                             struct sc_note *note)
{
    const struct sc_bytes file = source->body;
    const uint64_t limit = (uint64_t)source->limits->safetensors_header_bytes;
    uint64_t size;

    if (file.size < SIZE_BYTES)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "safetensors: %zu bytes; the size of the header alone has 8", file.size);
    size = sc_le64(file.data);
    if (size > file.size - SIZE_BYTES)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "safetensors: the header should have %llu bytes; %zu follow",
                       (unsigned long long)size, file.size - SIZE_BYTES);
    if (size > limit)
        return sc_fail(note, SC_TOO_LARGE, NULL,
                       "safetensors: a header of %llu bytes; at most %llu (limit "
                       "safetensors_header_bytes)",
                       (unsigned long long)size, (unsigned long long)limit);
    *header = sc_bytes_slice(file, SIZE_BYTES, (size_t)size);
    if (size > 0 && header->data[0] == '{') return SC_OK;
    return sc_fail(note, SC_MALFORMED, NULL, "safetensors: the header does not begin with '{'");
}

enum sc_status safetensors_read(const struct codec_source *source, struct safetensors *out,
                                struct sc_note *note)
{
    const struct json_rules rules = {.depth = source->limits->json_depth};
    struct sc_bytes header = {0};

    SC_TRY(locate(source, &header, note));
    SC_TRY(sc_fail_in(note, json_check(header, &rules, source->arena, note),
                      "safetensors header"));
    SC_TRY(read_entries(source, header, out, note));
    return place(sc_bytes_slice(source->body, SIZE_BYTES + header.size, source->body.size), out,
                 note);
}
