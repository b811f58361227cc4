/* npy_header.h - what the first bytes of an NPY file say. */
#pragma once

#include "bytes.h"
#include "tensor.h"

struct npy_header {
    enum sc_dtype dtype;
    bool big_endian, fortran_order;
    int rank;
    int64_t dim[SC_RANK_MAX];
    size_t data; /* offset of the elements */
};

/* Reads magic, version and the dictionary of versions 1 to 3. `rank_limit`: at most
 * SC_RANK_MAX.
 */
enum sc_status npy_header_read(struct sc_bytes file, int64_t rank_limit, struct npy_header *out,
                               struct sc_note *note);
