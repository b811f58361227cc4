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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return decode_part(data, size, safetensors_decode, mend, check_places);
}
