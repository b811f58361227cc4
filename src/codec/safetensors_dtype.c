/* safetensors_dtype.c - names of dtypes. */
#include <string.h>

#include "safetensors.h"

/* Every dtype of the format; those that are not ours still have a size. */
static const struct dtype {
    const char *name;
    uint64_t bits;
    int ours; /* enum sc_dtype; -1: none */
} dtypes[] = {
    {"BOOL", 8, SC_BOOL},      {"U8", 8, SC_UINT8},
    {"I8", 8, SC_INT8},        {"U16", 16, SC_UINT16},
    {"I16", 16, SC_INT16},     {"F16", 16, SC_FLOAT16},
    {"BF16", 16, SC_BFLOAT16}, {"U32", 32, SC_UINT32},
    {"I32", 32, SC_INT32},     {"F32", 32, SC_FLOAT32},
    {"U64", 64, SC_UINT64},    {"I64", 64, SC_INT64},
    {"F64", 64, SC_FLOAT64},   {"C64", 64, -1},
    {"F8_E5M2", 8, -1},        {"F8_E4M3", 8, -1},
    {"F8_E8M0", 8, -1},        {"F8_E5M2FNUZ", 8, -1},
    {"F8_E4M3FNUZ", 8, -1},    {"F6_E2M3", 6, -1},
    {"F6_E3M2", 6, -1},        {"F4", 4, -1},
};

static const struct dtype *find_dtype(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(dtypes[i].name, name) == 0) return &dtypes[i];
    return NULL;
}

bool safetensors_dtype_find(const char *name, enum sc_dtype *out)
{
    const struct dtype *dtype = find_dtype(name);

    if (dtype == NULL || dtype->ours < 0) return false;
    *out = (enum sc_dtype)dtype->ours;
    return true;
}

const char *safetensors_dtype(enum sc_dtype dtype)
{
    size_t i = 0;

    while (dtypes[i].ours != (int)dtype) i++;
    return dtypes[i].name;
}

uint64_t safetensors_dtype_bits(const char *name)
{
    const struct dtype *dtype = find_dtype(name);

    return dtype ? dtype->bits : 0;
}
