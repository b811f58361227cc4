/* fuzz_npz.c - any bytes as an archive; first byte even: whole, odd: a part named x. Checksums
 * that are wrong are no obstacle: each is made right first. */
#include <zlib.h>

#include "decoding.h"
#include "formats.h"
#include "zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* Makes the checksum of what looks like an entry of a stored member that of its bytes. */
static void mend(uint8_t *body, size_t size)
{
    for (size_t at = 0; at + 46 <= size; at++) {
        const size_t local = memcmp(body + at, "PK\1\2", 4) == 0 ? sc_le32(body + at + 42)
                                                                 : size;
        size_t begin, packed;

        if (local >= size || size - local < 30) continue;
        begin = local + 30 + sc_le16(body + local + 26) + sc_le16(body + local + 28);
        packed = sc_le32(body + at + 20);
        if (begin > size || packed > size - begin || sc_le16(body + at + 10) != 0) continue;
        write32(body + at + 16, (uint32_t)crc32(0, body + begin, (unsigned)packed));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decode_part(data, size, npz_decode, mend, NULL);
}
