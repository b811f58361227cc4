/* fuzz_coding.c - any bytes as a body in gzip (first byte even) or deflate; and back again. */
#include "coding.h"
#include "decoding.h"

#define LIMIT ((size_t)8 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum coding coding, struct sc_bytes in, size_t shift, struct sc_arena *arena)
{
    struct sc_note note = {0};
    struct sc_bytes out, small, again;
    const enum sc_status status = coding_inflate(coding, in, shift, LIMIT, arena, &out, &note);

    if (arena->held > arena->limit) abort();
    if (status != SC_OK && note.detail[0] == '\0') abort();
    if (status != SC_OK) return;
    if (out.size > LIMIT || (uintptr_t)out.data % SC_ARENA_ALIGN != shift) abort();
    if (!coding_deflate(coding, out, arena, &small)) return;
    if (small.size > out.size - out.size / 10) abort();
    if (coding_inflate(coding, small, 0, LIMIT, arena, &again, &note) == SC_OK &&
        (again.size != out.size || memcmp(again.data, out.data, out.size) != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sc_arena arena;
    uint8_t *body;

    if (size < 1) return 0;
    body = guarded_body(data + 1, size - 1);
    sc_arena_init(&arena, size % 4 == 3 ? size * 64 : FUZZ_MEMORY, NULL);
    check(data[0] % 2 == 0 ? CODING_GZIP : CODING_DEFLATE, sc_bytes(body, size - 1),
          data[0] / 4, &arena);
    sc_arena_done(&arena);
    unguard_body(body, size - 1);
    return 0;
}
