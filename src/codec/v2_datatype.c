/* v2_datatype.c - names of datatypes. */
#include "v2.h"

static const char *const names[SC_DTYPE_COUNT] = {
    [SC_BOOL] = "BOOL",     [SC_UINT8] = "UINT8",   [SC_UINT16] = "UINT16",
    [SC_UINT32] = "UINT32", [SC_UINT64] = "UINT64", [SC_INT8] = "INT8",
    [SC_INT16] = "INT16",   [SC_INT32] = "INT32",   [SC_INT64] = "INT64",
    [SC_FLOAT16] = "FP16",  [SC_BFLOAT16] = "BF16", [SC_FLOAT32] = "FP32",
    [SC_FLOAT64] = "FP64",
};

const char *v2_datatype(enum sc_dtype dtype)
{
    return names[dtype];
}

bool v2_datatype_find(struct sc_bytes name, enum sc_dtype *out)
{
    for (int d = 0; d < SC_DTYPE_COUNT; d++) {
        if (!sc_bytes_is(name, names[d])) continue;
        *out = (enum sc_dtype)d;
        return true;
    }
    return false;
}
