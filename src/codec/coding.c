/* coding.c - gzip and deflate, by zlib. */
#include "coding.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

#include "media.h"

#define FIRST_ROOM ((size_t)64 << 10)
#define FAST       1 /* level of zlib */
#define WINDOW     15
#define GZIP       16 /* added to the window: gzip's header and checksum */

static const char *const names[] = {[CODING_IDENTITY] = "identity",
                                    [CODING_GZIP] = "gzip",
                                    [CODING_DEFLATE] = "deflate",
                                    [CODING_RAW] = "deflated"};

const char *coding_name(enum coding coding)
{
    return names[coding];
}

/* ---- headers ---- */

enum sc_status coding_read(const char *content_encoding, enum coding *out, struct sc_note *note)
{
    *out = CODING_IDENTITY;
    if (content_encoding == NULL || *content_encoding == '\0') return SC_OK;
    for (int i = 0; i <= CODING_DEFLATE; i++)
        if (strcasecmp(content_encoding, names[i]) == 0) {
            *out = (enum coding)i;
            return SC_OK;
        }
    return sc_fail(note, SC_UNSUPPORTED, NULL,
                   "Content-Encoding '%.64s' is not taken; it may be gzip, deflate or identity",
                   content_encoding);
}

/* q of the coding in the header; 0 where it is not named. */
static double quality(const char *header, const char *name)
{
    while (*header != '\0') {
        const size_t size = strcspn(header, ",");
        char range[64], q[16];

        snprintf(range, sizeof range, "%.*s", (int)(size < 63 ? size : 63), header);
        if (media_is(range, name))
            return media_param(range, "q", q, sizeof q) == MEDIA_FOUND ? strtod(q, NULL) : 1;
        header += size + (header[size] == ',');
    }
    return 0;
}

enum coding coding_wanted(const char *accept_encoding)
{
    const char *header = accept_encoding != NULL ? accept_encoding : "";
    const double gzip = quality(header, "gzip"), deflate = quality(header, "deflate");

    if (gzip > 0 && gzip >= deflate) return CODING_GZIP;
    return deflate > 0 ? CODING_DEFLATE : CODING_IDENTITY;
}

/* ---- memory of zlib, from the arena ---- */

static void *zlib_alloc(void *arena, unsigned count, unsigned size)
{
    return sc_arena_calloc(arena, count, size);
}

static void zlib_free(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

static z_stream stream_of(struct sc_arena *arena)
{
    return (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free, .opaque = arena};
}

static int window(enum coding coding)
{
    return coding == CODING_GZIP ? WINDOW + GZIP : coding == CODING_RAW ? -WINDOW : WINDOW;
}

/* ---- inflating ---- */

struct inflation {
    z_stream z;
    const char *name;
    struct sc_bytes in;
    size_t taken; /* bytes of `in` */
    uint8_t *data;
    size_t shift, size, room, limit;
    struct sc_arena *arena;
    struct sc_note *note;
};

static enum sc_status no_memory(const struct inflation *f)
{
    return sc_fail(f->note, SC_NO_MEMORY, NULL, "no memory for a body of more than %zu bytes",
                   f->size);
}

/* Twice the room, up to one byte past the limit: that byte tells what is too large. */
static enum sc_status grow(struct inflation *f)
{
    const size_t most = f->limit + 1, around = f->shift + SC_BYTES_PADDING;
    const size_t room = f->room == 0         ? FIRST_ROOM < most ? FIRST_ROOM : most
                        : f->room < most / 2 ? f->room * 2
                                             : most;
    uint8_t *data = f->data == NULL
                        ? sc_arena_alloc(f->arena, room + around)
                        : sc_arena_resize(f->arena, f->data, f->room + around, room + around);

    if (data == NULL) return no_memory(f);
    f->data = data;
    f->room = room;
    return SC_OK;
}

static unsigned piece(size_t size)
{
    return size < UINT32_MAX ? (unsigned)size : UINT32_MAX;
}

/* One call of zlib; gives what it said. */
static int step(struct inflation *f)
{
    const unsigned in = piece(f->in.size - f->taken), room = piece(f->room - f->size);
    int said;

    f->z.next_in = (uint8_t *)(uintptr_t)f->in.data + f->taken;
    f->z.avail_in = in;
    f->z.next_out = f->data + f->shift + f->size;
    f->z.avail_out = room;
    said = inflate(&f->z, Z_NO_FLUSH);
    f->taken += in - f->z.avail_in;
    f->size += room - f->z.avail_out;
    return said;
}

static enum sc_status broken(const struct inflation *f, int said)
{
    if (said == Z_MEM_ERROR) return no_memory(f);
    if (said == Z_BUF_ERROR)
        return sc_fail(f->note, SC_MALFORMED, NULL, "the %s body ends early", f->name);
    return sc_fail(f->note, SC_MALFORMED, NULL, "the %s body is broken at byte %zu: %s",
                   f->name, f->taken, f->z.msg != NULL ? f->z.msg : "no such data");
}

/* One member of gzip, or the one stream of deflate. */
static enum sc_status inflate_member(struct inflation *f)
{
    int said = Z_OK;

    while (said != Z_STREAM_END) {
        if (f->size == f->room) SC_TRY(grow(f));
        said = step(f);
        if (f->size > f->limit)
            return sc_fail(f->note, SC_TOO_LARGE, NULL,
                           "the body inflates to more than %zu bytes (limit body_bytes)",
                           f->limit);
        if (said != Z_OK && said != Z_STREAM_END && (said != Z_BUF_ERROR || f->size < f->room))
            return broken(f, said);
    }
    return SC_OK;
}

static enum sc_status inflate_all(struct inflation *f, bool members)
{
    SC_TRY(inflate_member(f));
    while (members && f->taken < f->in.size) {
        if (f->in.data[f->taken] != 0x1f || inflateReset(&f->z) != Z_OK) break;
        SC_TRY(inflate_member(f));
    }
    if (f->taken == f->in.size) return SC_OK;
    return sc_fail(f->note, SC_MALFORMED, NULL, "%zu bytes follow the end of the %s body",
                   f->in.size - f->taken, f->name);
}

enum sc_status coding_inflate(enum coding coding, struct sc_bytes in, size_t shift,
                              size_t limit, struct sc_arena *arena, struct sc_bytes *out,
                              struct sc_note *note)
{
    const bool gzip = coding == CODING_GZIP;
    struct inflation f = {.z = stream_of(arena),
                          .name = names[coding],
                          .in = in,
                          .shift = shift,
                          .limit = limit,
                          .arena = arena,
                          .note = note};

    *out = in;
    if (coding == CODING_IDENTITY) return SC_OK;
    if (inflateInit2(&f.z, window(coding)) != Z_OK) return no_memory(&f);
    SC_TRY(inflate_all(&f, gzip));
    memset(f.data + shift + f.size, 0, SC_BYTES_PADDING);
    *out = sc_bytes(f.data + shift, f.size);
    return SC_OK;
}

/* ---- deflating ---- */

bool coding_deflate(enum coding coding, struct sc_bytes in, struct sc_arena *arena,
                    struct sc_bytes *out)
{
    const size_t room = in.size - in.size / 10;
    z_stream z = stream_of(arena);
    uint8_t *data;

    if (in.size > UINT32_MAX ||
        deflateInit2(&z, FAST, Z_DEFLATED, window(coding), 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    data = sc_arena_alloc(arena, room);
    if (data == NULL) return false;
    z.next_in = (uint8_t *)(uintptr_t)in.data;
    z.avail_in = (unsigned)in.size;
    z.next_out = data;
    z.avail_out = (unsigned)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) return false;
    *out = sc_bytes(data, room - z.avail_out);
    return true;
}
