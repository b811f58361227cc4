/* safetensors_write.c - a report as a safetensors file: numbers as tensors, texts as metadata.
 * Tensors of wide elements go first, so that each is aligned, as readers wish. */
#include "archive.h"
#include "formats.h"
#include "json.h"
#include "safetensors.h"

#define ALIGN 8 /* of the data, in the file */

static enum sc_status no_memory(struct sc_note *note)
{
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply");
}

/* Sorts by the size of elements, largest first; equal ones keep their order. */
static bool sort(struct archive *a, struct sc_arena *arena)
{
    struct archive_array *sorted = sc_arena_calloc(arena, a->arrays, sizeof *sorted);
    size_t count = 0;

    if (sorted == NULL) return false;
    for (size_t size = 8; size > 0; size /= 2)
        for (size_t i = 0; i < a->arrays; i++)
            if (sc_dtype_size(a->array[i].tensor.dtype) == size) sorted[count++] = a->array[i];
    a->array = sorted;
    return true;
}

static void write_tensor(struct json_writer *j, const struct archive_array *a, uint64_t begin)
{
    json_open(j, a->name, '{');
    json_text(j, "dtype", safetensors_dtype(a->tensor.dtype));
    json_open(j, "shape", '[');
    for (int i = 0; i < a->tensor.rank; i++) json_int(j, NULL, a->tensor.dim[i]);
    json_close(j, ']');
    json_open(j, "data_offsets", '[');
    json_uint(j, NULL, begin);
    json_uint(j, NULL, begin + sc_tensor_bytes(&a->tensor));
    json_close(j, ']');
    json_close(j, '}');
}

/* Metadata are texts: a list is one of JSON. */
static void write_list(struct json_writer *j, const struct archive_text *t)
{
    struct sc_writer list;
    struct json_writer inner = {.out = &list, .style = j->style};

    sc_writer_init(&list, j->out->arena);
    json_open(&inner, NULL, '[');
    for (int64_t i = 0; i < t->count; i++) json_text(&inner, NULL, t->text[i]);
    json_close(&inner, ']');
    sc_write_byte(&list, '\0');
    if (list.failed)
        j->out->failed = true;
    else
        json_text(j, t->name, (const char *)list.data);
}

static void write_metadata(struct json_writer *j, const struct archive *a)
{
    json_open(j, SAFETENSORS_METADATA, '{');
    for (size_t i = 0; i < a->texts; i++)
        if (a->text[i].is_list)
            write_list(j, &a->text[i]);
        else
            json_text(j, a->text[i].name, a->text[i].text[0]);
    json_close(j, '}');
}

static void write_header(struct sc_writer *out, const struct archive *a,
                         const struct codec_style *style)
{
    struct json_writer j = {.out = out, .style = style};
    uint64_t begin = 0;

    json_open(&j, NULL, '{');
    write_metadata(&j, a);
    for (size_t i = 0; i < a->arrays; i++) {
        write_tensor(&j, &a->array[i], begin);
        begin += sc_tensor_bytes(&a->array[i].tensor);
    }
    json_close(&j, '}');
    while (!out->failed && out->size % ALIGN != 0) sc_write_byte(out, ' ');
}

enum sc_status safetensors_encode(const struct codec_results *results,
                                  const struct codec_style *style, struct sc_writer *out,
                                  struct sc_note *note)
{
    struct sc_writer header;
    struct archive archive;

    SC_TRY(archive_of(results, out->arena, &archive, note));
    if (!sort(&archive, out->arena)) return no_memory(note);
    sc_writer_init(&header, out->arena);
    write_header(&header, &archive, style);
    if (header.failed) return no_memory(note);
    sc_write_le64(out, header.size);
    sc_write_view(out, header.data, header.size);
    for (size_t i = 0; i < archive.arrays; i++)
        sc_write_view(out, archive.array[i].tensor.data,
                      sc_tensor_bytes(&archive.array[i].tensor));
    return out->failed ? no_memory(note) : SC_OK;
}
