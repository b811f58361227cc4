/* png.c - label masks: the raw samples of grey and palette PNGs, never colour-converted; labels
 * of RGB PNGs where an encoding says how colours stand for them. */
#include <png.h>
#include <string.h>

#include "colours.h"
#include "formats.h"

/* The limit on the area is configured; this one is that of libpng, for each row costs time,
 * however short it is. */
#define SIDE_MAX 1000000

/* One reading. libpng leaves by longjmp, so all that changes lives here, not in locals. */
struct reading {
    const struct codec_source *source;
    struct sc_note *note;
    struct sc_bytes rest;
    png_structp png;
    png_infop info;
    png_uint_32 width, height;
    int depth, colour;
    enum codec_encoding encoding; /* of RGB; else none */
    struct sc_tensor mask;
    uint8_t *rows;  /* of samples: the data of the mask, or RGB at their end */
    bool no_memory; /* the arena had no more */
    enum sc_status status;
};

bool png_probe(struct sc_bytes body)
{
    return sc_bytes_starts(body, "\x89PNG\r\n\x1a\n", 8);
}

static void on_error(png_structp png, png_const_charp text)
{
    struct reading *r = png_get_error_ptr(png);

    if (r->no_memory)
        r->status = sc_fail(r->note, SC_NO_MEMORY, NULL, "no memory for a PNG");
    else
        r->status = sc_fail(r->note, SC_MALFORMED, NULL, "PNG: %.200s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size)
{
    struct reading *r = png_get_mem_ptr(png);
    void *pointer = sc_arena_alloc(r->source->arena, size);

    r->no_memory = r->no_memory || pointer == NULL;
    return pointer;
}

static void on_free(png_structp png, png_voidp pointer)
{
    (void)png; /* the arena frees it with the request */
    (void)pointer;
}

static void on_read(png_structp png, png_bytep to, size_t size)
{
    struct reading *r = png_get_io_ptr(png);

    if (size > r->rest.size) png_error(png, "the file is cut off");
    memcpy(to, r->rest.data, size);
    r->rest = sc_bytes_slice(r->rest, size, r->rest.size);
}

/* Runs a step that may leave by longjmp; r->status tells. */
static bool run(struct reading *r, void (*step)(struct reading *r))
{
    if (setjmp(png_jmpbuf(r->png))) return false;
    step(r);
    return true;
}

/* Everything before the samples. No buffer depends on width and height yet. */
static void read_header(struct reading *r)
{
    png_set_read_fn(r->png, r, on_read);
    png_set_benign_errors(r->png, 0);           /* too much data, among others */
    png_set_check_for_invalid_index(r->png, 0); /* labels need no colour */
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours is on the area */
    png_set_chunk_malloc_max(r->png, (png_alloc_size_t)1 << 20);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(r->png, r->info);
    png_get_IHDR(r->png, r->info, &r->width, &r->height, &r->depth, &r->colour, NULL, NULL,
                 NULL);
}

/* Makes buffers for rows. */
static void begin_samples(struct reading *r)
{
    png_set_packing(r->png);
    png_set_swap(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

static void read_rows(struct reading *r)
{
    const int passes = png_get_interlace_type(r->png, r->info) == PNG_INTERLACE_ADAM7 ? 7 : 1;
    const size_t row = png_get_rowbytes(r->png, r->info);

    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 y = 0; y < r->height; y++)
            png_read_row(r->png, r->rows + y * row, NULL);
    png_read_end(r->png, NULL);
}

static enum sc_status check_header(const struct reading *r)
{
    const int64_t limit = r->source->limits->png_pixels;

    if (r->colour & PNG_COLOR_MASK_ALPHA)
        return sc_fail(r->note, SC_UNSUPPORTED, NULL,
                       "a PNG with an alpha channel is no label mask; save it as 8-bit grey or "
                       "palette without alpha");
    if (r->colour == PNG_COLOR_TYPE_RGB && r->encoding == ENCODING_NONE)
        return sc_fail(r->note, SC_UNSUPPORTED, NULL,
                       "an RGB PNG holds colours, not labels; save the mask as 8-bit grey or "
                       "palette, one class index a pixel, or say what its colours stand for: "
                       "encoding=coco_panoptic or ade20k_full");
    if (r->colour == PNG_COLOR_TYPE_RGB && r->depth != 8)
        return sc_fail(r->note, SC_UNSUPPORTED, NULL,
                       "an RGB PNG of 16 bits a channel; 'encoding' is of 8 bits");
    if (r->width > SIDE_MAX || r->height > SIDE_MAX)
        return sc_fail(r->note, SC_TOO_LARGE, NULL,
                       "a PNG of %u x %u pixels; at most %d in each direction",
                       (unsigned)r->width, (unsigned)r->height, SIDE_MAX);
    if ((int64_t)r->height > limit / (int64_t)r->width)
        return sc_fail(r->note, SC_TOO_LARGE, NULL,
                       "a PNG of %u x %u pixels; at most %lld pixels (limit png_pixels)",
                       (unsigned)r->width, (unsigned)r->height, (long long)limit);
    return SC_OK;
}

/* Labels and pixels share their memory: see colours_read. */
static enum sc_status make_labels(struct reading *r, const int64_t dim[2])
{
    const int64_t pixels[3] = {dim[0], dim[1], 3};
    struct sc_tensor rgb;
    size_t size, rgb_size, room;

    SC_TRY(sc_tensor_shape(&r->mask, colours_dtype(r->encoding), 2, dim, &size, r->note));
    SC_TRY(sc_tensor_shape(&rgb, SC_UINT8, 3, pixels, &rgb_size, r->note));
    room = size > rgb_size ? size : rgb_size;
    r->mask.data = sc_arena_alloc(r->source->arena, room);
    if (r->mask.data == NULL)
        return sc_fail(r->note, SC_NO_MEMORY, NULL, "no memory for a PNG");
    r->rows = (uint8_t *)r->mask.data + room - rgb_size;
    return SC_OK;
}

static enum sc_status make_mask(struct reading *r)
{
    const int64_t dim[2] = {(int64_t)r->height, (int64_t)r->width};
    const enum sc_dtype dtype = r->depth == 16 ? SC_UINT16 : SC_UINT8;
    const bool rgb = r->colour == PNG_COLOR_TYPE_RGB;
    const size_t pixel = rgb ? 3 : sc_dtype_size(dtype);

    if (png_get_rowbytes(r->png, r->info) != r->width * pixel)
        return sc_fail(r->note, SC_INTERNAL, NULL, "PNG rows of an unexpected size");
    if (rgb) return make_labels(r, dim);
    SC_TRY(sc_tensor_new(&r->mask, dtype, 2, dim, r->source->arena, r->note));
    r->rows = r->mask.data;
    return SC_OK;
}

static enum sc_status read_mask(struct reading *r)
{
    if (!run(r, read_header)) return r->status;
    SC_TRY(check_header(r));
    if (!run(r, begin_samples)) return r->status;
    SC_TRY(make_mask(r));
    if (!run(r, read_rows)) return r->status;
    if (r->colour == PNG_COLOR_TYPE_RGB)
        colours_read(r->encoding, r->rows, r->mask.count, r->mask.data);
    if (r->rest.size > 0)
        return sc_fail(r->note, SC_MALFORMED, NULL, "PNG: %zu bytes after its end",
                       r->rest.size);
    return SC_OK;
}

enum sc_status png_decode(const struct codec_source *source, struct codec_payload *out,
                          struct sc_note *note)
{
    struct reading r = {.source = source, .note = note, .rest = source->body};
    enum sc_status status;

    SC_TRY(colours_find(source, &out->args, &r.encoding, note));
    r.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning, &r,
                                     on_alloc, on_free);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    if (r.info == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a PNG");
    status = read_mask(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    if (status != SC_OK) return status;
    return sc_tensors_add(&out->tensors, source->name, &r.mask, source->arena, note);
}
