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

static void decode_npz(const struct codec_source *source)
{
    struct codec_payload payload = {0};
    struct sc_note note = {0};
    const enum sc_status status = npz_decode(source, &payload, &note);

    if (source->arena->held > source->arena->limit) abort();
    if (status != SC_OK && (note.detail[0] == '\0' || status == SC_INTERNAL)) abort();
    if (status == SC_OK) check_payload(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sc_limits limits = sc_limits_preset();
    struct sc_arena arena;
    struct codec_source source = {.limits = &limits, .arena = &arena};
    uint8_t *body;

    if (size < 1) return 0;
    body = guarded_body(data + 1, size - 1);
    mend(body, size - 1);
    source.body = sc_bytes(body, size - 1);
    source.name = data[0] % 2 == 0 ? "" : "x";
    sc_arena_init(&arena, size % 4 == 3 ? size * 8 : FUZZ_MEMORY, NULL);
    decode_npz(&source);
    sc_arena_done(&arena);
    unguard_body(body, size - 1);
    return 0;
}
