/* v2_read.h - values of a checked JSON text that must be of one kind; the pointer says where.
 */
#pragma once

#include "codec.h"
#include "json_cursor.h"

/* Goes into an object or a list; `pointer` NULL: it is the whole body. */
enum sc_status v2_open(struct sc_bytes value, char bracket, const char *pointer,
                       struct json_cursor *out, struct sc_note *note);

enum sc_status v2_read_bool(struct sc_bytes value, const char *pointer, bool *out,
                            struct sc_note *note);
enum sc_status v2_read_text(struct sc_bytes value, const char *pointer,
                            const struct codec_source *source, const char **out,
                            struct sc_note *note);

/* Plain digits up to 2^62; false: it is something else. */
bool v2_read_size(struct sc_bytes text, int64_t *out);

/* SC_BAD_INPUT: there is no such member; says which would be right. */
enum sc_status v2_unknown(struct sc_bytes key, const char *pointer, const char *known,
                          struct sc_note *note);
