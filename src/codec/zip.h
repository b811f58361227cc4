/* zip.h - the members of a ZIP archive, from its central directory (APPNOTE 6.3.10; zip64 too).
 *
 * Strict: whatever two readers could see differently is refused. Nothing may stand before the
 * first member, between members, or behind the directory; local headers must agree with it. */
#pragma once

#include "bytes.h"
#include "status.h"

struct zip_member {
    const char *name;
    struct sc_bytes packed; /* in the archive */
    bool deflated;          /* else stored, as it is */
    size_t size;            /* that it claims to have */
    uint32_t crc;
    size_t begin; /* of its local header */
};

struct zip {
    struct zip_member *member; /* in the order of their data */
    size_t count;
};

/* SC_MALFORMED, SC_UNSUPPORTED (encrypted, other methods, several disks), SC_TOO_LARGE (more
 * than `most` members), SC_NO_MEMORY. */
enum sc_status zip_read(struct sc_bytes archive, int64_t most, struct sc_arena *arena,
                        struct zip *out, struct sc_note *note);

/* The bytes of a member, with its size and checksum checked: a view where it is stored, else
 * inflated into the arena. */
enum sc_status zip_take(const struct zip_member *member, struct sc_arena *arena,
                        struct sc_bytes *out, struct sc_note *note);
