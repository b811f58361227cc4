/* fuzz_base64.c - any bytes as base64: what is taken is written back as it came, for each value
 * has one text. And any bytes written, then read. */
#include "base64.h"
#include "guard.h"

#define MEMORY ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(struct sc_bytes a, struct sc_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static struct sc_bytes written(struct sc_bytes bytes, struct sc_arena *arena)
{
    struct sc_writer out;

    sc_writer_init(&out, arena);
    base64_write(&out, bytes);
    if (out.failed) abort();
    return sc_bytes(out.data, out.size);
}

static void check(struct sc_bytes text, struct sc_arena *arena)
{
    struct sc_note note = {0};
    struct sc_bytes bytes;
    const enum sc_status status = base64_decode(text, arena, &bytes, &note);

    if (status == SC_OK ? !same(written(bytes, arena), text) : note.detail[0] == '\0') abort();
    if (base64_decode(written(text, arena), arena, &bytes, &note) != SC_OK ||
        !same(bytes, text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *text = guarded(data, size, 0);
    struct sc_arena arena;

    sc_arena_init(&arena, MEMORY, NULL);
    check(sc_bytes(text, size), &arena);
    sc_arena_done(&arena);
    unguard(text, size, 0);
    return 0;
}
