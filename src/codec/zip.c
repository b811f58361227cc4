/* zip.c - central directory, local headers, members. */
#include "zip.h"

#include <zlib.h>

#include "coding.h"
#include "sort.h"
#include "zip_entry.h"

#define END_SIZE     22
#define LOCATOR_SIZE 20
#define END64_SIZE   56

struct directory {
    uint64_t offset, size, count;
    size_t end; /* where what follows it begins */
};

/* ---- the end of the archive ---- */

/* Takes the fields of the zip64 record, which stands right before its locator. */
static enum sc_status read_end64(struct sc_bytes b, size_t locator, struct directory *d,
                                 struct sc_note *note)
{
    const size_t at = locator < END64_SIZE ? 0 : locator - END64_SIZE;
    const uint8_t *p = b.data + at;

    if (at + END64_SIZE != locator || sc_le64(b.data + locator + 8) != at ||
        !zip_is_at(b, at, "PK\6\6") || sc_le64(p + 4) != END64_SIZE - 12)
        return zip_broken(note, "its zip64 record is not where its locator says");
    if (sc_le32(p + 16) != 0 || sc_le32(p + 20) != 0 || sc_le64(p + 24) != sc_le64(p + 32))
        return sc_fail(note, SC_UNSUPPORTED, NULL, "ZIP: it is spread over several disks");
    *d = (struct directory){sc_le64(p + 48), sc_le64(p + 40), sc_le64(p + 32), at};
    return SC_OK;
}

static enum sc_status read_end(struct sc_bytes b, struct directory *d, struct sc_note *note)
{
    const size_t at = b.size < END_SIZE ? 0 : b.size - END_SIZE;
    const uint8_t *p = b.data + at;

    if (!zip_has(b, at, END_SIZE) || !zip_is_at(b, at, "PK\5\6") || sc_le16(p + 20) != 0)
        return zip_broken(note, "the archive is cut off, or something is behind its directory");
    if (at >= LOCATOR_SIZE && zip_is_at(b, at - LOCATOR_SIZE, "PK\6\7"))
        return read_end64(b, at - LOCATOR_SIZE, d, note);
    if (sc_le16(p + 4) != 0 || sc_le16(p + 6) != 0 || sc_le16(p + 8) != sc_le16(p + 10))
        return sc_fail(note, SC_UNSUPPORTED, NULL, "ZIP: it is spread over several disks");
    *d = (struct directory){sc_le32(p + 16), sc_le32(p + 12), sc_le16(p + 10), at};
    return SC_OK;
}

/* ---- members ---- */

/* Where the bytes of a member are: behind its local header, which must say the same. */
static enum sc_status find_data(struct sc_bytes b, const struct directory *d,
                                const struct zip_entry *e, struct zip_member *m,
                                struct sc_note *note)
{
    const struct sc_bytes before = sc_bytes_slice(b, 0, (size_t)d->offset);
    const uint8_t *p;
    uint64_t data;

    if (!zip_has(before, e->local, ZIP_LOCAL_SIZE) || !zip_is_at(b, e->local, "PK\3\4"))
        return sc_fail(note, SC_MALFORMED, NULL,
                       "ZIP: member '%.64s' is not where it should be", m->name);
    p = b.data + e->local;
    data = e->local + ZIP_LOCAL_SIZE + sc_le16(p + 26) + sc_le16(p + 28);
    if (!zip_has(before, data, e->packed))
        return sc_fail(note, SC_MALFORMED, NULL, "ZIP: member '%.64s' is cut off", m->name);
    if (sc_le16(p + 6) != e->flags || sc_le16(p + 8) != e->method ||
        sc_le16(p + 26) != e->name.size ||
        memcmp(p + ZIP_LOCAL_SIZE, e->name.data, e->name.size) != 0)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "ZIP: member '%.64s' has another name or method in its own header",
                       m->name);
    m->begin = (size_t)e->local;
    m->packed = sc_bytes(b.data + data, (size_t)e->packed);
    return zip_entry_check(p, e, m->name, note);
}

static enum sc_status read_member(struct sc_bytes b, const struct directory *d, size_t *at,
                                  struct sc_arena *arena, struct zip_member *m,
                                  struct sc_note *note)
{
    struct zip_entry e = {0};

    SC_TRY(zip_entry_read(b, at, d->end, &e, note));
    m->name = sc_arena_strndup(arena, (const char *)e.name.data, e.name.size);
    if (m->name == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an archive");
    if (e.size > SIZE_MAX / 2)
        return zip_broken(note, "a member claims to be larger than memory");
    m->size = (size_t)e.size;
    m->crc = e.crc;
    m->deflated = e.method == ZIP_DEFLATED;
    return find_data(b, d, &e, m, note);
}

/* ---- the whole ---- */

static int by_begin(const void *a, const void *b)
{
    const size_t x = ((const struct zip_member *)a)->begin;
    const size_t y = ((const struct zip_member *)b)->begin;

    return x < y ? -1 : x > y;
}

/* Checksum and sizes behind a member: with a signature or without, of 4 or 8 bytes a size. */
static bool is_descriptor(struct sc_bytes b, const struct zip_member *m)
{
    const bool is_wide = b.size == 20 || b.size == 24, is_signed = b.size == 16 || b.size == 24;
    const uint8_t *p = b.data + (is_signed ? 4 : 0);

    if (b.size != 12 && !is_signed && !is_wide) return false;
    if ((is_signed && !zip_is_at(b, 0, "PK\7\10")) || sc_le32(p) != m->crc) return false;
    if (is_wide) return sc_le64(p + 4) == m->packed.size && sc_le64(p + 12) == m->size;
    return sc_le32(p + 4) == m->packed.size && sc_le32(p + 8) == m->size;
}

/* What lies between a member and the next, or the directory: its descriptor, or nothing. */
static enum sc_status check_gap(struct sc_bytes b, const struct zip_member *m, size_t begin,
                                size_t end, struct sc_note *note)
{
    const bool described = m != NULL && (sc_le16(b.data + m->begin + 6) & ZIP_DESCRIPTOR) != 0;
    const struct sc_bytes gap = sc_bytes_slice(b, begin, end - begin);

    if (described && !is_descriptor(gap, m))
        return sc_fail(note, SC_MALFORMED, NULL,
                       "ZIP: behind member '%.64s' is not its data descriptor", m->name);
    if (!described && gap.size > 0)
        return zip_broken(note, "there are bytes that are of no member");
    return SC_OK;
}

/* From the first byte to the directory each byte is of one member, but for data descriptors. */
static enum sc_status check_places(struct sc_bytes b, const struct zip *zip, size_t directory,
                                   struct sc_note *note)
{
    size_t end = 0;

    for (size_t i = 0; i <= zip->count; i++) {
        const struct zip_member *last = i > 0 ? &zip->member[i - 1] : NULL;
        const size_t begin = i < zip->count ? zip->member[i].begin : directory;

        if (begin < end) return zip_broken(note, "its members overlap");
        SC_TRY(check_gap(b, last, end, begin, note));
        if (i < zip->count)
            end = (size_t)(zip->member[i].packed.data - b.data) + zip->member[i].packed.size;
    }
    return SC_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Equal names are neighbours once they are sorted. */
static enum sc_status check_names(const struct zip *zip, struct sc_arena *arena,
                                  struct sc_note *note)
{
    const char **name = sc_arena_calloc(arena, zip->count, sizeof *name);

    if (name == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an archive");
    for (size_t i = 0; i < zip->count; i++) name[i] = zip->member[i].name;
    sc_sort(name, zip->count, sizeof *name, by_text);
    for (size_t i = 1; i < zip->count; i++)
        if (strcmp(name[i - 1], name[i]) == 0)
            return sc_fail(note, SC_MALFORMED, NULL, "ZIP: two members are named '%.64s'",
                           name[i]);
    return SC_OK;
}

enum sc_status zip_read(struct sc_bytes archive, int64_t most, struct sc_arena *arena,
                        struct zip *out, struct sc_note *note)
{
    struct directory d = {0};
    size_t at;

    SC_TRY(read_end(archive, &d, note));
    if (d.count > (uint64_t)most)
        return sc_fail(note, SC_TOO_LARGE, NULL,
                       "ZIP: %llu members; at most %lld (limit npz_members)",
                       (unsigned long long)d.count, (long long)most);
    if (d.offset > d.end || d.size != d.end - d.offset)
        return zip_broken(note, "its directory is not where it says");
    out->count = (size_t)d.count;
    out->member = sc_arena_calloc(arena, out->count, sizeof *out->member);
    if (out->member == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an archive");
    at = (size_t)d.offset;
    for (size_t i = 0; i < out->count; i++)
        SC_TRY(read_member(archive, &d, &at, arena, &out->member[i], note));
    if (at != d.end) return zip_broken(note, "its directory has more than its members");
    sc_sort(out->member, out->count, sizeof *out->member, by_begin);
    SC_TRY(check_places(archive, out, (size_t)d.offset, note));
    return check_names(out, arena, note);
}

static uint32_t crc_of(struct sc_bytes b)
{
    return (uint32_t)crc32_z(0, b.data, b.size);
}

enum sc_status zip_take(const struct zip_member *m, struct sc_arena *arena,
                        struct sc_bytes *out, struct sc_note *note)
{
    enum sc_status status = SC_OK;

    *out = m->packed;
    if (m->deflated)
        status = coding_inflate(CODING_RAW, m->packed, 0, m->size, arena, out, note);
    if (status == SC_NO_MEMORY) return status;
    if (status != SC_OK || out->size != m->size)
        return sc_fail(note, SC_MALFORMED, NULL,
                       "ZIP: member '%.64s' does not inflate to the %zu bytes that it claims",
                       m->name, m->size);
    if (crc_of(*out) != m->crc)
        return sc_fail(note, SC_MALFORMED, NULL, "ZIP: member '%.64s' has a wrong checksum",
                       m->name);
    return SC_OK;
}
