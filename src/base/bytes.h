/* bytes.h - a view of bytes, and a growing buffer to write them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

/* Bytes of somebody else. Body buffers have SC_BYTES_PADDING readable bytes after the end. */
struct sc_bytes {
    const uint8_t *data;
    size_t size;
};

#define SC_BYTES_PADDING 64

static inline struct sc_bytes sc_bytes(const void *data, size_t size)
{
    return (struct sc_bytes){data, size};
}

/* Bytes [from, from + size) of `b`, cut to what is there. */
static inline struct sc_bytes sc_bytes_slice(struct sc_bytes b, size_t from, size_t size)
{
    if (from > b.size) from = b.size;
    if (size > b.size - from) size = b.size - from;
    return sc_bytes(b.data + from, size);
}

static inline bool sc_bytes_starts(struct sc_bytes b, const void *magic, size_t size)
{
    return b.size >= size && memcmp(b.data, magic, size) == 0;
}

/* Are they the bytes of `text`? */
static inline bool sc_bytes_is(struct sc_bytes b, const char *text)
{
    const size_t size = strlen(text);

    return b.size == size && memcmp(b.data, text, size) == 0;
}

/* A whole number in decimal digits alone; false: it is something else, or more than `most`. */
bool sc_read_whole(struct sc_bytes text, uint64_t most, uint64_t *out);

/* Little-endian reads; the caller has checked that the bytes are there. */
static inline uint16_t sc_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t sc_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t sc_le64(const uint8_t *p)
{
    return (uint64_t)sc_le32(p) | (uint64_t)sc_le32(p + 4) << 32;
}

/* Bytes in pieces, one after another. */
struct sc_pieces {
    const struct sc_bytes *item;
    size_t count;
};

size_t sc_pieces_size(struct sc_pieces pieces);

struct sc_writer_view;

/* A buffer in an arena, and views of bytes elsewhere that belong between those of the buffer:
 * with views the whole is sc_writer_pieces, else the buffer is all. Running out of memory sets
 * `failed`, once; later writes do nothing, so that a printer need not look after every call: it
 * looks once, at the end. */
struct sc_writer {
    struct sc_arena *arena;
    uint8_t *data;
    size_t size, capacity;
    struct sc_writer_view *view;
    size_t views, view_capacity;
    size_t viewed; /* bytes of all views */
    bool failed;
};

static inline void sc_writer_init(struct sc_writer *w, struct sc_arena *arena)
{
    *w = (struct sc_writer){.arena = arena};
}

/* Room for `size` more bytes; false (and failed) when there is no memory. */
bool sc_writer_reserve(struct sc_writer *w, size_t size);

void sc_write(struct sc_writer *w, const void *data, size_t size);
void sc_write_text(struct sc_writer *w, const char *text);

/* The same without a copy, where that is worth it: the bytes must outlive what is written. */
void sc_write_view(struct sc_writer *w, const void *data, size_t size);

/* Bytes written so far, views and all. */
static inline size_t sc_writer_total(const struct sc_writer *w)
{
    return w->size + w->viewed;
}

/* How much was written by then; rewinding forgets what came later. */
struct sc_writer_mark {
    size_t size, views, viewed;
};

static inline struct sc_writer_mark sc_writer_mark(const struct sc_writer *w)
{
    return (struct sc_writer_mark){w->size, w->views, w->viewed};
}

static inline void sc_writer_rewind(struct sc_writer *w, struct sc_writer_mark to)
{
    w->size = to.size;
    w->views = to.views;
    w->viewed = to.viewed;
}

/* All that was written; no pieces, and failed, when there is no memory to list them. */
struct sc_pieces sc_writer_pieces(struct sc_writer *w);

__attribute__((format(printf, 2, 3))) void sc_writef(struct sc_writer *w, const char *format,
                                                     ...);

static inline void sc_write_byte(struct sc_writer *w, char byte)
{
    if (w->size == w->capacity && !sc_writer_reserve(w, 1)) return;
    w->data[w->size++] = (uint8_t)byte;
}

/* Little-endian writes. */
void sc_write_le32(struct sc_writer *w, uint32_t value);
void sc_write_le64(struct sc_writer *w, uint64_t value);
