/* coding.h - content codings of HTTP (RFC 9110, 8.4.1): gzip, and deflate, which is zlib's
 * format. */
#pragma once

#include "bytes.h"
#include "status.h"

enum coding {
    CODING_IDENTITY,
    CODING_GZIP,
    CODING_DEFLATE,
    CODING_RAW /* in ZIP; no header names it */
};

/* As it stands in headers. */
const char *coding_name(enum coding coding);

/* Which a Content-Encoding header names; NULL or "" is none. SC_UNSUPPORTED: any other, or
 * several. */
enum sc_status coding_read(const char *content_encoding, enum coding *out,
                           struct sc_note *note);

/* The coding that an Accept-Encoding header asks for most, gzip before deflate; CODING_IDENTITY
 * where it names neither, or refuses both. `*` does not ask. */
enum coding coding_wanted(const char *accept_encoding);

/* Inflates `in`. The result has SC_BYTES_PADDING readable bytes after it and begins `shift`
 * bytes past an address of SC_ARENA_ALIGN. It never has more than `limit` bytes, and takes
 * memory as bytes come out, not as the input claims. Failures: SC_MALFORMED (broken, cut off,
 * or with bytes behind), SC_TOO_LARGE, SC_NO_MEMORY. */
enum sc_status coding_inflate(enum coding coding, struct sc_bytes in, size_t shift,
                              size_t limit, struct sc_arena *arena, struct sc_bytes *out,
                              struct sc_note *note);

/* Deflates `in`, fast rather than small. False: no memory, or it would not be smaller by a
 * tenth. */
bool coding_deflate(enum coding coding, struct sc_bytes in, struct sc_arena *arena,
                    struct sc_bytes *out);
