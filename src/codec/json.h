/* json.h - one strict reader, one writer. The only file of the program that sees cJSON is
 * json.c.
 *
 * Reading: RFC 8259 exactly, plus NaN, Infinity and -Infinity in tensor data; duplicate keys,
 * bytes after the value, and depth past the limit are refused with the place. */
#pragma once

#include "codec.h"

struct json_rules {
    int64_t depth;  /* arrays and objects inside each other, at most */
    bool nonfinite; /* take the tokens NaN, Infinity and -Infinity */
    size_t *where;  /* gets the byte at which a text was refused; NULL: nobody asks */
};

struct json_marks;

/* Checks grammar, depth and duplicate keys of a whole text. */
enum sc_status json_check(struct sc_bytes text, const struct json_rules *rules,
                          struct sc_arena *arena, struct sc_note *note);

/* The same; `marks` gets the large arrays of numbers, which are measured on the way. Behind the
 * text SC_BYTES_PADDING bytes must be readable. */
enum sc_status json_check_marking(struct sc_bytes text, const struct json_rules *rules,
                                  struct json_marks *marks, struct sc_arena *arena,
                                  struct sc_note *note);

/* Reads the members of an object of parameters as arguments: numbers, booleans, strings, arrays
 * of one of these, and objects of integers, {"7": 0}. An object whose key has a slash is the
 * parameters of one operation: {"losses/dice": {"smooth": 1}} gives "losses/dice.smooth".
 * `text` is a whole JSON text. */
enum sc_status json_read_args(struct sc_bytes text, const struct codec_source *source,
                              struct sc_args *out, struct sc_note *note);

/* Reads one tensor in any of its forms: nested arrays or a bare value, an object with dtype,
 * shape and data or base64, or a COCO run-length mask. json_check must have accepted `value`;
 * `pointer` is where it stands in the body. */
enum sc_status json_read_tensor(struct sc_bytes value, const char *pointer,
                                const struct codec_source *source, struct sc_tensor *out,
                                struct sc_note *note);

/* The pieces of such a tensor, for formats that name them otherwise. A shape: a list of at most
 * limits->rank sizes. Data: values, flat or nested in this shape, as elements of `dtype`. */
enum sc_status json_read_shape(struct sc_bytes value, const char *pointer,
                               const struct codec_source *source, int *rank,
                               int64_t dim[SC_RANK_MAX], struct sc_note *note);
enum sc_status json_read_data(struct sc_bytes value, const char *pointer, enum sc_dtype dtype,
                              int rank, const int64_t *dim, const struct codec_source *source,
                              struct sc_tensor *out, struct sc_note *note);

/* A JSON writer: commas and nesting by themselves. Keys are NULL inside arrays. */
struct json_writer {
    struct sc_writer *out;
    const struct codec_style *style;
    bool comma; /* the next value needs a comma before it */
};

void json_open(struct json_writer *j, const char *key, char bracket);           /* '{' or '[' */
void json_close(struct json_writer *j, char bracket);                           /* '}' or ']' */
void json_text(struct json_writer *j, const char *key, const char *value);      /* NULL: null */
void json_bytes(struct json_writer *j, const char *key, struct sc_bytes value); /* base64 */
void json_int(struct json_writer *j, const char *key, int64_t value);
void json_uint(struct json_writer *j, const char *key, uint64_t value);
void json_real(struct json_writer *j, const char *key, double value); /* shortest round-trip */
void json_number(struct json_writer *j, const char *key, const char *decimal); /* as it is */
void json_bool(struct json_writer *j, const char *key, bool value);
void json_elements(struct json_writer *j, const char *key,
                   const struct sc_tensor *t); /* flat */

/* `count` elements of a tensor, from `first` on, inside an array that the caller has opened. */
void json_run(struct json_writer *j, const struct sc_tensor *t, int64_t first, int64_t count);

/* The members of a report, inside an object that the caller has opened. */
void json_report(struct json_writer *j, const struct sc_report *report);
