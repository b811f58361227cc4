/* crc.c - CRC-32, a byte at a time. */
#include "crc.h"

/* What a byte becomes by eight steps of the polynomial: the exclusive or of what its bits
 * become.
 */
#define BYTE(i)                                                                                \
    (((i)&1 ? 0x77073096u : 0) ^ ((i)&2 ? 0xee0e612cu : 0) ^ ((i)&4 ? 0x076dc419u : 0) ^       \
     ((i)&8 ? 0x0edb8832u : 0) ^ ((i)&16 ? 0x1db71064u : 0) ^ ((i)&32 ? 0x3b6e20c8u : 0) ^     \
     ((i)&64 ? 0x76dc4190u : 0) ^ ((i)&128 ? 0xedb88320u : 0))
#define BYTES_4(i)   BYTE(i), BYTE((i) + 1), BYTE((i) + 2), BYTE((i) + 3)
#define BYTES_16(i)  BYTES_4(i), BYTES_4((i) + 4), BYTES_4((i) + 8), BYTES_4((i) + 12)
#define BYTES_64(i)  BYTES_16(i), BYTES_16((i) + 16), BYTES_16((i) + 32), BYTES_16((i) + 48)
#define BYTES_256(i) BYTES_64(i), BYTES_64((i) + 64), BYTES_64((i) + 128), BYTES_64((i) + 192)

uint32_t sc_crc32(const uint8_t *data, size_t size)
{
    static const uint32_t table[256] = {BYTES_256(0)};
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < size; i++) crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    return ~crc;
}
