/* fuzz_safetensors.c - any bytes as a safetensors file; first byte even: whole, odd: a part
 * named x. A header whose size is wrong is no obstacle: it ends where its JSON does. */
#include "decoding.h"
#include "formats.h"
#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the first object ends, quotes aside; `size` when it does not. */
static size_t end_of_object(const uint8_t *text, size_t size)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"') quoted = !quoted;
        if (quoted) continue;
        if (text[i] == '{') depth++;
        if (text[i] == '}' && --depth == 0) return i + 1;
        if (depth == 0) return size;
    }
    return size;
}

/* Every other input gets the size that its header has. */
static void mend(uint8_t *body, size_t size)
{
    size_t header;

    if (size < 9 || body[7] != 1) return;
    header = end_of_object(body + 8, size - 8);
    for (int i = 0; i < 8; i++) body[i] = (uint8_t)(header >> 8 * i);
}

/* What was read covers the data, in order and without a gap. */
static void check_places(const struct codec_source *source)
{
    struct safetensors s;
    const uint8_t *end = NULL;

    if (safetensors_read(source, &s, NULL) != SC_OK) return;
    for (size_t i = 0; i < s.count; i++) {
        if (end != NULL && s.entry[i].data.data != end) abort();
        end = s.entry[i].data.data + s.entry[i].data.size;
    }
    if (end != NULL && end != source->body.data + source->body.size) abort();
}

static void decode_file(const struct codec_source *source)
{
    struct codec_payload payload = {0};
    struct sc_note note = {0};
    const enum sc_status status = safetensors_decode(source, &payload, &note);

    if (source->arena->held > source->arena->limit) abort();
    if (status != SC_OK && (note.detail[0] == '\0' || status == SC_INTERNAL)) abort();
    if (status == SC_OK) check_payload(&payload);
    check_places(source);
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
    decode_file(&source);
    sc_arena_done(&arena);
    unguard_body(body, size - 1);
    return 0;
}
