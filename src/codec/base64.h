/* base64.h - RFC 4648, section 4: padded, no white space, no stray bits. */
#pragma once

#include "bytes.h"
#include "status.h"

/* Decodes into the arena. SC_MALFORMED says where it is not base64. */
enum sc_status base64_decode(struct sc_bytes text, struct sc_arena *arena, struct sc_bytes *out,
                             struct sc_note *note);

/* Appends the data, encoded. */
void base64_write(struct sc_writer *out, struct sc_bytes data);
