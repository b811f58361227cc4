/* zip_entry.c - an entry of the directory: its fields, and whether it is one that is taken. */
#include "zip_entry.h"

#define ENTRY_SIZE 46

/* Flags besides ZIP_DESCRIPTOR. */
enum { FLAG_ENCRYPTED = 1, FLAG_STRONG = 1 << 6, FLAG_MASKED = 1 << 13 };

/* The 64-bit values of those fields that say so, in their order: size, packed, and in the
 * directory the place. */
static enum sc_status widen(struct zip_entry *e, struct sc_note *note)
{
    uint64_t *const field[] = {&e->size, &e->packed, &e->local};
    struct sc_bytes rest = e->extra;
    size_t used = 4;

    while (rest.size >= 4 && sc_le16(rest.data) != 1)
        rest = sc_bytes_slice(rest, 4 + (size_t)sc_le16(rest.data + 2), rest.size);
    if (rest.size >= 4) rest = sc_bytes_slice(rest, 0, 4 + (size_t)sc_le16(rest.data + 2));
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        if (*field[i] != UINT32_MAX) continue;
        if (rest.size < used + 8) return zip_broken(note, "an entry lacks its 64-bit sizes");
        *field[i] = sc_le64(rest.data + used);
        used += 8;
    }
    return SC_OK;
}

static enum sc_status read_fields(struct sc_bytes b, size_t *at, size_t end,
                                  struct zip_entry *e, struct sc_note *note)
{
    const uint8_t *p = b.data + *at;
    size_t name, extra, comment;

    if (end - *at < ENTRY_SIZE || !zip_is_at(b, *at, "PK\1\2"))
        return zip_broken(note, "its directory is broken");
    name = sc_le16(p + 28);
    extra = sc_le16(p + 30);
    comment = sc_le16(p + 32);
    if (end - *at - ENTRY_SIZE < name + extra + comment)
        return zip_broken(note, "its directory is broken");
    *e = (struct zip_entry){.name = sc_bytes(p + ENTRY_SIZE, name),
                            .extra = sc_bytes(p + ENTRY_SIZE + name, extra),
                            .flags = sc_le16(p + 8),
                            .method = sc_le16(p + 10),
                            .crc = sc_le32(p + 16),
                            .packed = sc_le32(p + 20),
                            .size = sc_le32(p + 24),
                            .local = sc_le32(p + 42)};
    *at += ENTRY_SIZE + name + extra + comment;
    if (sc_le16(p + 34) != 0)
        return sc_fail(note, SC_UNSUPPORTED, NULL, "ZIP: it is spread over several disks");
    return widen(e, note);
}

static enum sc_status check_entry(const struct zip_entry *e, struct sc_note *note)
{
    const int size = (int)(e->name.size < 64 ? e->name.size : 64);
    const char *name = (const char *)e->name.data;

    for (size_t i = 0; i < e->name.size; i++)
        if (e->name.data[i] < ' ' || e->name.data[i] == 0x7f)
            return zip_broken(note, "the name of a member has a control character");
    if ((e->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) != 0)
        return sc_fail(note, SC_UNSUPPORTED, NULL, "ZIP: member '%.*s' is encrypted", size,
                       name);
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED)
        return sc_fail(note, SC_UNSUPPORTED, NULL,
                       "ZIP: member '%.*s' is compressed by method %u; it may be stored or "
                       "deflated",
                       size, name, e->method);
    if (e->method == ZIP_STORED && e->size != e->packed)
        return sc_fail(note, SC_MALFORMED, NULL, "ZIP: member '%.*s' is stored with two sizes",
                       size, name);
    return SC_OK;
}

enum sc_status zip_entry_read(struct sc_bytes b, size_t *at, size_t end, struct zip_entry *e,
                              struct sc_note *note)
{
    SC_TRY(read_fields(b, at, end, e, note));
    return check_entry(e, note);
}

enum sc_status zip_entry_check(const uint8_t *p, const struct zip_entry *e, const char *name,
                               struct sc_note *note)
{
    struct zip_entry here = {
        .extra = sc_bytes(p + ZIP_LOCAL_SIZE + e->name.size, sc_le16(p + 28)),
        .packed = sc_le32(p + 18),
        .size = sc_le32(p + 22)};

    if ((e->flags & ZIP_DESCRIPTOR) != 0) return SC_OK;
    SC_TRY(widen(&here, note));
    if (sc_le32(p + 14) == e->crc && here.packed == e->packed && here.size == e->size)
        return SC_OK;
    return sc_fail(note, SC_MALFORMED, NULL,
                   "ZIP: member '%.64s' has another checksum or size in its own header", name);
}
