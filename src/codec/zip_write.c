/* zip_write.c - local headers, the directory, and zip64 where 32 bits are too few. */
#include "zip_write.h"

#include <zlib.h>

#define NARROW      UINT32_MAX /* says in a field of 32 bits: see the zip64 field */
#define FEW         UINT16_MAX
#define DATE        0x0021 /* 1980-01-01 */
#define VERSION     20
#define VERSION64   45
#define EXTRA64     1
#define END64_BYTES 44 /* of the zip64 record, behind its size */

struct zip_written {
    const char *name;
    uint64_t size, local; /* local: where its header begins */
    uint32_t crc;
};

static void write16(struct sc_writer *out, size_t value)
{
    sc_write_byte(out, (char)(value & 255));
    sc_write_byte(out, (char)(value >> 8 & 255));
}

static uint32_t narrow(uint64_t value)
{
    return value < NARROW ? (uint32_t)value : NARROW;
}

static uint64_t here(const struct zip_writer *z)
{
    return sc_writer_total(z->out) - z->begin;
}

void zip_begin(struct zip_writer *z, struct sc_writer *out)
{
    *z = (struct zip_writer){.out = out, .begin = sc_writer_total(out)};
}

static struct zip_written *add_member(struct zip_writer *z)
{
    struct zip_written *member =
        sc_arena_grow(z->out->arena, z->member, z->count, &z->capacity, sizeof *member);

    if (member == NULL) {
        z->out->failed = true;
        return NULL;
    }
    z->member = member;
    return &z->member[z->count++];
}

/* What both headers of a member have in common. */
static void write_common(struct sc_writer *out, const struct zip_written *m, bool wide,
                         size_t extra)
{
    write16(out, wide ? VERSION64 : VERSION);
    write16(out, 0); /* flags: names are ASCII, sizes are here */
    write16(out, 0); /* stored */
    write16(out, 0); /* midnight */
    write16(out, DATE);
    sc_write_le32(out, m->crc);
    sc_write_le32(out, narrow(m->size));
    sc_write_le32(out, narrow(m->size));
    write16(out, strlen(m->name));
    write16(out, extra);
}

static void write_sizes(struct sc_writer *out, const struct zip_written *m)
{
    sc_write_le64(out, m->size);
    sc_write_le64(out, m->size);
}

static void write_local(struct sc_writer *out, const struct zip_written *m)
{
    const bool wide = m->size >= NARROW;

    sc_write(out, "PK\3\4", 4);
    write_common(out, m, wide, wide ? 20 : 0);
    sc_write_text(out, m->name);
    if (!wide) return;
    write16(out, EXTRA64);
    write16(out, 16);
    write_sizes(out, m);
}

static void write_entry(struct sc_writer *out, const struct zip_written *m)
{
    const bool large = m->size >= NARROW, far = m->local >= NARROW;
    const size_t wide = (large ? 16u : 0u) + (far ? 8u : 0u);

    sc_write(out, "PK\1\2", 4);
    write16(out, wide > 0 ? VERSION64 : VERSION);
    write_common(out, m, wide > 0, wide > 0 ? 4 + wide : 0);
    write16(out, 0);       /* no comment */
    write16(out, 0);       /* one disk */
    write16(out, 0);       /* not text */
    sc_write_le32(out, 0); /* attributes */
    sc_write_le32(out, narrow(m->local));
    sc_write_text(out, m->name);
    if (wide == 0) return;
    write16(out, EXTRA64);
    write16(out, wide);
    if (large) write_sizes(out, m);
    if (far) sc_write_le64(out, m->local);
}

void zip_add(struct zip_writer *z, const char *name, uint32_t crc, struct sc_bytes head,
             struct sc_bytes body)
{
    struct zip_written *m = add_member(z);

    if (m == NULL) return;
    *m = (struct zip_written){name, (uint64_t)head.size + body.size, here(z), crc};
    write_local(z->out, m);
    sc_write(z->out, head.data, head.size);
    sc_write_view(z->out, body.data, body.size);
}

static void write_end64(struct zip_writer *z, uint64_t begin, uint64_t end)
{
    struct sc_writer *out = z->out;

    sc_write(out, "PK\6\6", 4);
    sc_write_le64(out, END64_BYTES);
    write16(out, VERSION64);
    write16(out, VERSION64);
    sc_write_le64(out, 0); /* one disk */
    sc_write_le64(out, z->count);
    sc_write_le64(out, z->count);
    sc_write_le64(out, end - begin);
    sc_write_le64(out, begin);
    sc_write(out, "PK\6\7", 4); /* the locator */
    sc_write_le32(out, 0);
    sc_write_le64(out, end);
    sc_write_le32(out, 1);
}

void zip_end(struct zip_writer *z)
{
    const uint64_t begin = here(z);
    const size_t count = z->count < FEW ? z->count : FEW;
    struct sc_writer *out = z->out;
    uint64_t end;

    for (size_t i = 0; i < z->count; i++) write_entry(out, &z->member[i]);
    end = here(z);
    if (count == FEW || end - begin >= NARROW || begin >= NARROW) write_end64(z, begin, end);
    sc_write(out, "PK\5\6", 4);
    sc_write_le32(out, 0); /* one disk */
    write16(out, count);
    write16(out, count);
    sc_write_le32(out, narrow(end - begin));
    sc_write_le32(out, narrow(begin));
    write16(out, 0); /* no comment */
}

uint32_t zip_crc(struct sc_bytes head, struct sc_bytes body)
{
    return (uint32_t)crc32_z(crc32_z(0, head.data, head.size), body.data, body.size);
}
