/* fuzz_raw.c - a line that holds parameters of application/octet-stream, then the elements: a
 * tensor has exactly these bytes. */
#include <stdio.h>

#include "decoding.h"
#include "media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of bools only, whether they are 0. */
static void compare(const struct sc_tensor *t, const uint8_t *body, size_t size)
{
    if (sc_tensor_bytes(t) != size) abort();
    if (t->dtype != SC_BOOL && size > 0 && memcmp(t->data, body, size) != 0) abort();
    for (size_t i = 0; t->dtype == SC_BOOL && i < size; i++)
        if (((const uint8_t *)t->data)[i] != (body[i] != 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t line = lf != NULL ? (size_t)(lf - data) : 0, rest = size - line - 1;
    struct codec_payload payload;
    struct sc_arena arena;
    uint8_t *body;
    char *type, dtype[16];

    if (lf == NULL || asprintf(&type, "application/octet-stream;%.*s", (int)line, data) < 0)
        return 0;
    body = guarded_body(lf + 1, rest);
    if (decode(body, rest, type, &arena, &payload) == SC_OK &&
        media_param(type, "dtype", dtype, sizeof dtype) == MEDIA_FOUND)
        compare(&payload.tensors.item[0].tensor, body, rest);
    sc_arena_done(&arena);
    unguard_body(body, rest);
    free(type);
    return 0;
}
