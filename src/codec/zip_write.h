/* zip_write.h - a ZIP archive of stored members. The same members give the same bytes: times
 * are 1980-01-01, the first that the format knows. */
#pragma once

#include "bytes.h"

struct zip_written; /* what the directory says of a member */

/* Members are appended to a writer, then the directory. Failures are those of the writer. */
struct zip_writer {
    struct sc_writer *out;
    size_t begin; /* of the archive in what the writer has */
    struct zip_written *member;
    size_t count, capacity;
};

void zip_begin(struct zip_writer *z, struct sc_writer *out);

/* A member whose bytes are `head`, copied, and `body`, by sc_write_view. `name` must outlive
 * the writer. The checksum is that of all its bytes. */
void zip_add(struct zip_writer *z, const char *name, uint32_t crc, struct sc_bytes head,
             struct sc_bytes body);

void zip_end(struct zip_writer *z);

uint32_t zip_crc(struct sc_bytes head, struct sc_bytes body);
