/* json_extent.h - the shape of nested arrays in a text that json_check has accepted. */
#pragma once

#include "bytes.h"
#include "limit.h"
#include "tensor.h"

struct json_extent {
    int rank;
    int64_t dim[SC_RANK_MAX];
    int64_t count;
    bool integers, reals, bools; /* which kinds of token there are */
};

/* A large array that json_check has measured on its way: nobody need look for its end again,
 * nor count. */
struct json_mark {
    const uint8_t *begin, *end;
    struct json_extent extent;
};

/* In the order of the text. */
struct json_marks {
    struct json_mark *item;
    size_t count, capacity;
};

/* The mark of the array that begins there; NULL: none. `marks` may be NULL. */
const struct json_mark *json_mark_at(const struct json_marks *marks, const uint8_t *begin);

/* Adds one behind the others; when there is no memory, it is left out. */
void json_mark_add(struct json_marks *marks, const struct json_mark *mark,
                   struct sc_arena *arena);

/* Measures the arrays, or the bare value, in `text`, or takes a mark. Refuses ragged arrays,
 * everything in them that is neither a number nor true or false, and bools mixed with numbers.
 * `pointer` is where the text stands in the body. */
enum sc_status json_extent_read(struct sc_bytes text, const struct sc_limits *limits,
                                const struct json_marks *marks, const char *pointer,
                                struct json_extent *out, struct sc_note *note);

/* Writes the pointer of the element at a row-major index. */
void json_extent_pointer(const struct json_extent *extent, const char *pointer, int64_t index,
                         char out[SC_POINTER_SIZE]);
