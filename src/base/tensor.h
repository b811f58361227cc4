/* tensor.h - the noun that codecs and operations share: a typed, shaped array. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "half.h"
#include "status.h"

#define SC_RANK_MAX 8

/* id, name, bytes per element, kind (b bool, u unsigned, i signed, f floating) */
#define SC_DTYPE_MAP(X)                                                                        \
    X(BOOL, "bool", 1, 'b')                                                                    \
    X(UINT8, "uint8", 1, 'u')                                                                  \
    X(UINT16, "uint16", 2, 'u')                                                                \
    X(UINT32, "uint32", 4, 'u')                                                                \
    X(UINT64, "uint64", 8, 'u')                                                                \
    X(INT8, "int8", 1, 'i')                                                                    \
    X(INT16, "int16", 2, 'i')                                                                  \
    X(INT32, "int32", 4, 'i')                                                                  \
    X(INT64, "int64", 8, 'i')                                                                  \
    X(FLOAT16, "float16", 2, 'f')                                                              \
    X(BFLOAT16, "bfloat16", 2, 'f')                                                            \
    X(FLOAT32, "float32", 4, 'f')                                                              \
    X(FLOAT64, "float64", 8, 'f')

/* All of them, for a sentence. */
#define SC_DTYPES "bool, uint8 to uint64, int8 to int64, float16, bfloat16, float32 or float64"

enum sc_dtype {
#define SC_DTYPE_ENUM(id, name, size, kind) SC_##id,
    SC_DTYPE_MAP(SC_DTYPE_ENUM)
#undef SC_DTYPE_ENUM
        SC_DTYPE_COUNT
};

const char *sc_dtype_name(enum sc_dtype dtype);
size_t sc_dtype_size(enum sc_dtype dtype);
char sc_dtype_kind(enum sc_dtype dtype); /* 'b', 'u', 'i' or 'f' */
bool sc_dtype_find(const char *name, size_t size, enum sc_dtype *out);

static inline bool sc_dtype_is_float(enum sc_dtype dtype)
{
    return dtype >= SC_FLOAT16;
}

/* Elements in C (row-major) order, native endian, aligned to the size of an element. The data
 * belong to an arena or to the body they were decoded from; a tensor owns nothing. Rank 0 is
 * one element. A dimension may be 0: then there are no elements. bool elements are 0 or 1. */
struct sc_tensor {
    enum sc_dtype dtype;
    int rank;
    int64_t dim[SC_RANK_MAX];
    int64_t count; /* product of the dimensions: set by sc_tensor_shape, never by hand */
    void *data;
};

/* Bytes of its data. */
static inline size_t sc_tensor_bytes(const struct sc_tensor *t)
{
    return (size_t)t->count * sc_dtype_size(t->dtype);
}

/* The one checked size function: sets dtype, rank, dim and count (not data), and gives the
 * bytes of the data in `bytes`. SC_TOO_LARGE: rank above SC_RANK_MAX, or count or bytes pass
 * 2^62. Negative dimensions are SC_MALFORMED. Dimensions of a tensor with a zero dimension are
 * checked too. */
enum sc_status sc_tensor_shape(struct sc_tensor *t, enum sc_dtype dtype, int rank,
                               const int64_t *dim, size_t *bytes, struct sc_note *note);

/* sc_tensor_shape, then data in the arena (not zeroed). */
enum sc_status sc_tensor_new(struct sc_tensor *t, enum sc_dtype dtype, int rank,
                             const int64_t *dim, struct sc_arena *arena, struct sc_note *note);

/* How many elements of a floating tensor are NaN or infinite; none of another. */
int64_t sc_tensor_nonfinite(const struct sc_tensor *t);

bool sc_tensor_same_shape(const struct sc_tensor *a, const struct sc_tensor *b);

/* "[2, 3, 5]", cut to `size`; returns `text`. */
char *sc_tensor_shape_text(const struct sc_tensor *t, char *text, size_t size);

/* Tensors by name, in the order in which they came; a name may come several times. The name
 * "" is a lone tensor without a name (a bare NPY body): the one input of an operation. */
struct sc_named_tensor {
    const char *name;
    struct sc_tensor tensor;
};

struct sc_tensors {
    struct sc_named_tensor *item;
    size_t count, capacity;
};

/* Adds `t` under a name; neither its data nor the name are copied. SC_NO_MEMORY. */
enum sc_status sc_tensors_add(struct sc_tensors *set, const char *name,
                              const struct sc_tensor *t, struct sc_arena *arena,
                              struct sc_note *note);
