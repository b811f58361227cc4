/* file.h - whole files in and out. */
#pragma once

#include "bytes.h"
#include "status.h"

/* Reads all of a file, or of standard input ("-"), into the arena: at most `limit` bytes, with
 * SC_BYTES_PADDING readable ones behind. SC_BAD_PARAM: it cannot be read; SC_TOO_LARGE,
 * SC_NO_MEMORY. */
enum sc_status file_read(const char *path, int64_t limit, struct sc_arena *arena,
                         struct sc_bytes *out, struct sc_note *note);

/* Writes a file anew, or to standard output (NULL). SC_BAD_PARAM: it cannot be written. */
enum sc_status file_write(const char *path, struct sc_pieces pieces, struct sc_note *note);
