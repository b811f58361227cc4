/* fuzz_multipart.c - a line that is the Content-Type, then the body. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = size > 0 ? memchr(data, '\n', size) : NULL;
    char *type;

    if (lf == NULL) return 0;
    type = strndup((const char *)data, (size_t)(lf - data));
    decode_only(lf + 1, size - (size_t)(lf + 1 - data), type);
    free(type);
    return 0;
}
