/* fuzz_npy.c - any bytes as an NPY file. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decode_only(data, size, "application/x-npy");
}
