/* zip_entry.h - one entry of the directory of a ZIP archive. */
#pragma once

#include "bytes.h"
#include "status.h"

#define ZIP_LOCAL_SIZE 30       /* of a local header, without name and extra field */
#define ZIP_DESCRIPTOR (1 << 3) /* flag: checksum and sizes come behind the data */

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 }; /* methods */

struct zip_entry {
    struct sc_bytes name, extra;
    uint16_t flags, method;
    uint32_t crc;
    uint64_t size, packed, local;
};

static inline enum sc_status zip_broken(struct sc_note *note, const char *what)
{
    return sc_fail(note, SC_MALFORMED, NULL, "ZIP: %s", what);
}

static inline bool zip_has(struct sc_bytes b, uint64_t at, uint64_t size)
{
    return at <= b.size && size <= b.size - at;
}

static inline bool zip_is_at(struct sc_bytes b, uint64_t at, const char *signature)
{
    return zip_has(b, at, 4) && memcmp(b.data + at, signature, 4) == 0;
}

/* The entry at `*at`, which moves behind it; the directory ends at `end`. SC_MALFORMED;
 * SC_UNSUPPORTED: encrypted, another method, another disk. */
enum sc_status zip_entry_read(struct sc_bytes b, size_t *at, size_t end, struct zip_entry *e,
                              struct sc_note *note);

/* Has the local header at `p` the same checksum and sizes? Where they come behind the data it
 * has none. */
enum sc_status zip_entry_check(const uint8_t *p, const struct zip_entry *e, const char *name,
                               struct sc_note *note);
