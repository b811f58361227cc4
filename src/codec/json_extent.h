/* json_extent.h - the shape of nested arrays in a text that json_check has accepted. */
#pragma once

#include "bytes.h"
#include "limits.h"
#include "tensor.h"

struct json_extent {
    int rank;
    int64_t dim[SC_RANK_MAX];
    int64_t count;
    bool integers, reals, bools; /* which kinds of token there are */
};

/* Room for "#/name/data" and one index a dimension. */
#define JSON_POINTER_SIZE 128

/* Measures the arrays, or the bare value, in `text`. Refuses ragged arrays, everything in them
 * that is neither a number nor true or false, and bools mixed with numbers. `pointer` is where
 * the text stands in the body. */
enum sc_status json_extent_read(struct sc_bytes text, const struct sc_limits *limits,
                                const char *pointer, struct json_extent *out,
                                struct sc_note *note);

/* Writes the pointer of the element at a row-major index. */
void json_extent_pointer(const struct json_extent *extent, const char *pointer, int64_t index,
                         char out[JSON_POINTER_SIZE]);
