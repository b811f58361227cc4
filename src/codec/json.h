/* json.h - one strict reader, one writer. The only file of the program that sees cJSON is
 * json.c.
 *
 * Reading: RFC 8259 exactly, plus NaN, Infinity and -Infinity in tensor data; duplicate keys,
 * bytes after the value, and depth past the limit are refused with the place. */
#pragma once

#include "codec.h"

/* Checks grammar, depth and duplicate keys of a whole text. */
enum sc_status json_check(struct sc_bytes text, int64_t max_depth, struct sc_note *note);

/* Reads the members of a flat object of parameters (numbers, booleans, strings, and arrays of
 * one of these) as arguments. `text` is a whole JSON text. */
enum sc_status json_read_args(struct sc_bytes text, const struct codec_source *source,
                              struct sc_args *out, struct sc_note *note);

/* A JSON writer: commas and nesting by themselves. Keys are NULL inside arrays. */
struct json_writer {
    struct sc_writer *out;
    const struct codec_style *style;
    bool comma; /* the next value needs a comma before it */
};

void json_open(struct json_writer *j, const char *key, char bracket);      /* '{' or '[' */
void json_close(struct json_writer *j, char bracket);                      /* '}' or ']' */
void json_text(struct json_writer *j, const char *key, const char *value); /* NULL: null */
void json_int(struct json_writer *j, const char *key, int64_t value);
void json_real(struct json_writer *j, const char *key, double value); /* shortest round-trip */
void json_bool(struct json_writer *j, const char *key, bool value);

/* The members of a report, inside an object that the caller has opened. */
void json_report(struct json_writer *j, const struct sc_report *report);
