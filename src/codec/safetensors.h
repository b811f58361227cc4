/* safetensors.h - the header of a safetensors file: which bytes of its data are which tensor.
 *
 *   u64, little-endian: bytes of the header | the header, JSON | the data
 *   {"pred": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {...}}
 *
 * Strict: the rules of the reference reader, and what its specification forbids besides. Each
 * byte of the data is of exactly one tensor. */
#pragma once

#include "codec.h"

#define SAFETENSORS_METADATA "__metadata__"

struct safetensors_entry {
    const char *name;
    const char *dtype; /* as it stands in the file */
    int64_t rank;      /* any */
    int64_t dim[SC_RANK_MAX];
    struct sc_bytes data;
    uint64_t begin, end; /* of it, in the data of the file */
};

struct safetensors {
    struct safetensors_entry *entry; /* in the order of their data */
    size_t count;
};

/* SC_MALFORMED, SC_TOO_LARGE (limit safetensors_header_bytes), SC_NO_MEMORY. Dtypes that are
 * not ours are no failure. */
enum sc_status safetensors_read(const struct codec_source *source, struct safetensors *out,
                                struct sc_note *note);

/* The dtype of that name; false: it is none of ours. */
bool safetensors_dtype_find(const char *name, enum sc_dtype *out);

const char *safetensors_dtype(enum sc_dtype dtype); /* "F32" */

/* Bits of an element of any dtype of the format; 0: a dtype of later versions. */
uint64_t safetensors_dtype_bits(const char *name);
