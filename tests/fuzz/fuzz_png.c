/* fuzz_png.c - any bytes as a PNG file, after its checksums have been made right: else nothing
 * would come past the first chunk. */
#include <zlib.h>

#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Chunks from byte 8 on: length, type, data, CRC of type and data. */
static void repair(uint8_t *file, size_t size)
{
    for (size_t at = 8; size >= 12 && at <= size - 12;) {
        const uint32_t length = be32(file + at);
        uint32_t crc;

        if (length > size - at - 12) return;
        crc = __builtin_bswap32((uint32_t)crc32(0, file + at + 4, length + 4));
        memcpy(file + at + 8 + length, &crc, sizeof crc);
        at += (size_t)length + 12;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file = guarded_body(data, size);

    if (size % 8 != 0) repair(file, size);
    decode_only(file, size, "image/png");
    unguard_body(file, size);
    return 0;
}
