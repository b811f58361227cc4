/* npz_write.c - a report as NumPy's archive: numbers as arrays, texts as arrays of text. */
#include "archive.h"
#include "formats.h"
#include "npy_write.h"
#include "utf8.h"
#include "zip_write.h"

#define UNKNOWN 0xfffd /* what a byte that is no UTF-8 becomes */

static enum sc_status no_memory(struct sc_note *note)
{
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the reply");
}

/* The next code point, and where the one after it begins. */
static uint32_t next_point(const uint8_t **at, const uint8_t *end)
{
    const size_t length = utf8_length(*at, end);
    uint32_t point = length > 1 ? **at & (0x7f >> length) : **at;

    for (size_t i = 1; i < length; i++) point = point << 6 | ((*at)[i] & 63);
    *at += length ? length : 1;
    return length ? point : UNKNOWN;
}

/* The code points of a text (NULL: none), to `out` unless it is NULL; gives their number. */
static size_t points_of(const char *text, uint32_t *out)
{
    const uint8_t *at = (const uint8_t *)text, *end = at ? at + strlen(text) : at;
    size_t count = 0;

    for (; at != end; count++) {
        const uint32_t point = next_point(&at, end);

        if (out != NULL) out[count] = point;
    }
    return count;
}

/* NumPy has texts of one width; 1 at least. */
static size_t width_of(const struct archive_text *t)
{
    size_t width = 1;

    for (int64_t i = 0; i < t->count; i++) {
        const size_t own = points_of(t->text[i], NULL);

        if (own > width) width = own;
    }
    return width;
}

static void add_member(struct zip_writer *z, const char *name, const struct sc_writer *head,
                       struct sc_bytes body)
{
    const char *file = sc_arena_printf(z->out->arena, "%s.npy", name);
    const struct sc_bytes start = sc_bytes(head->data, head->size);

    if (file == NULL || head->failed)
        z->out->failed = true;
    else
        zip_add(z, file, zip_crc(start, body), start, body);
}

static enum sc_status add_array(struct zip_writer *z, const struct archive_array *a,
                                struct sc_note *note)
{
    struct sc_writer head;
    struct sc_tensor t;

    sc_writer_init(&head, z->out->arena);
    SC_TRY(npy_presentable(&a->tensor, z->out->arena, &t, note));
    npy_write_header(&head, &t);
    add_member(z, a->name, &head, sc_bytes(t.data, sc_tensor_bytes(&t)));
    return SC_OK;
}

static enum sc_status add_text(struct zip_writer *z, const struct archive_text *t,
                               struct sc_note *note)
{
    const size_t width = width_of(t), count = (size_t)t->count;
    struct sc_writer head;
    uint32_t *points;
    size_t size;

    if (__builtin_mul_overflow(count, width, &size)) return no_memory(note);
    points = sc_arena_calloc(z->out->arena, size, sizeof *points);
    if (points == NULL) return no_memory(note);
    for (size_t i = 0; i < count; i++) points_of(t->text[i], points + i * width);
    sc_writer_init(&head, z->out->arena);
    npy_write_text_header(&head, width, t->is_list, t->count);
    add_member(z, t->name, &head, sc_bytes(points, size * sizeof *points));
    return SC_OK;
}

enum sc_status npz_encode(const struct codec_results *results, const struct codec_style *style,
                          struct sc_writer *out, struct sc_note *note)
{
    struct archive archive;
    struct zip_writer z;

    (void)style;
    SC_TRY(archive_of(results, out->arena, &archive, note));
    zip_begin(&z, out);
    for (size_t i = 0; i < archive.arrays; i++) SC_TRY(add_array(&z, &archive.array[i], note));
    for (size_t i = 0; i < archive.texts; i++) SC_TRY(add_text(&z, &archive.text[i], note));
    zip_end(&z);
    return out->failed ? no_memory(note) : SC_OK;
}
