/* bytes.c - the growing buffer. */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>

bool sc_read_whole(struct sc_bytes text, uint64_t most, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < text.size; i++) {
        const unsigned digit = text.data[i] - (unsigned)'0';

        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return text.size > 0 && value <= most;
}

bool sc_writer_reserve(struct sc_writer *w, size_t size)
{
    size_t need, capacity;
    uint8_t *data;

    if (w->failed) return false;
    if (w->capacity - w->size >= size) return true;
    if (__builtin_add_overflow(w->size, size, &need)) return !(w->failed = true);
    capacity = w->capacity < 256 ? 256 : w->capacity;
    while (capacity < need) capacity = capacity < SIZE_MAX / 2 ? capacity * 2 : need;
    data = w->data ? sc_arena_resize(w->arena, w->data, w->capacity, capacity)
                   : sc_arena_alloc(w->arena, capacity);
    if (data == NULL) return !(w->failed = true);
    w->data = data;
    w->capacity = capacity;
    return true;
}

void sc_write(struct sc_writer *w, const void *data, size_t size)
{
    if (size == 0 || !sc_writer_reserve(w, size)) return;
    memcpy(w->data + w->size, data, size);
    w->size += size;
}

void sc_write_text(struct sc_writer *w, const char *text)
{
    sc_write(w, text, strlen(text));
}

#define VIEW_MIN 4096 /* less is copied: a piece costs more than its bytes */

/* Bytes of somebody else, before the byte `at` of the buffer. */
struct sc_writer_view {
    size_t at;
    struct sc_bytes bytes;
};

static bool reserve_view(struct sc_writer *w)
{
    struct sc_writer_view *larger;

    if (w->failed) return false;
    larger = sc_arena_grow(w->arena, w->view, w->views, &w->view_capacity, sizeof *larger);
    if (larger == NULL) return !(w->failed = true);
    w->view = larger;
    return true;
}

void sc_write_view(struct sc_writer *w, const void *data, size_t size)
{
    if (size < VIEW_MIN) {
        sc_write(w, data, size);
        return;
    }
    if (!reserve_view(w)) return;
    w->view[w->views++] = (struct sc_writer_view){w->size, sc_bytes(data, size)};
    w->viewed += size;
}

struct sc_pieces sc_writer_pieces(struct sc_writer *w)
{
    struct sc_bytes *item = sc_arena_calloc(w->arena, 2 * w->views + 1, sizeof *item);
    size_t at = 0, count = 0;

    w->failed = w->failed || item == NULL;
    if (w->failed) return (struct sc_pieces){.count = 0};
    for (size_t i = 0; i <= w->views; i++) {
        const size_t end = i < w->views ? w->view[i].at : w->size;

        if (end > at) item[count++] = sc_bytes(w->data + at, end - at);
        if (i < w->views) item[count++] = w->view[i].bytes;
        at = end;
    }
    return (struct sc_pieces){item, count};
}

size_t sc_pieces_size(struct sc_pieces pieces)
{
    size_t size = 0;

    for (size_t i = 0; i < pieces.count; i++) size += pieces.item[i].size;
    return size;
}

void sc_writef(struct sc_writer *w, const char *format, ...)
{
    va_list args, again;
    int size;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size >= 0 && sc_writer_reserve(w, (size_t)size + 1)) {
        vsnprintf((char *)w->data + w->size, (size_t)size + 1, format, again);
        w->size += (size_t)size;
    }
    va_end(again);
    va_end(args);
}

void sc_write_le32(struct sc_writer *w, uint32_t value)
{
    const uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                          (uint8_t)(value >> 24)};

    sc_write(w, b, sizeof b);
}

void sc_write_le64(struct sc_writer *w, uint64_t value)
{
    sc_write_le32(w, (uint32_t)value);
    sc_write_le32(w, (uint32_t)(value >> 32));
}
