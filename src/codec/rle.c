/* rle.c - every run is checked before a pixel is written. */
#include "rle.h"

#include <string.h>

#include "elements.h"

#define GROUPS_MAX 7 /* of 5 bits: all that 2^32 pixels need */
#define RUN_MAX    (INT64_C(1) << 32)

/* One number: signed, in groups of 5 bits, low ones first; 0x20 says that more follow. */
static bool read_number(struct sc_bytes text, size_t *at, int64_t *out)
{
    uint64_t bits = 0;

    for (int i = 0; i < GROUPS_MAX && *at < text.size; i++) {
        const uint8_t c = text.data[(*at)++], group = (uint8_t)(c - 48);

        if (c < 48 || c > 111) return false;
        bits |= (uint64_t)(group & 31) << (5 * i);
        if (group & 32) continue;
        if (group & 16) bits |= ~UINT64_C(0) << (5 * i + 5);
        *out = (int64_t)bits;
        return true;
    }
    return false;
}

enum sc_status rle_runs(struct sc_bytes text, struct sc_arena *arena, int64_t **run,
                        size_t *count, struct sc_note *note)
{
    int64_t *runs = sc_arena_calloc(arena, text.size, sizeof *runs);
    size_t n = 0, at = 0;

    if (runs == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for RLE counts");
    for (; at < text.size; n++) {
        const size_t begin = at;

        if (!read_number(text, &at, &runs[n]))
            return sc_fail(note, SC_MALFORMED, NULL,
                           "RLE counts are broken at character %zu; was a backslash lost?",
                           begin);
        if (n > 2) runs[n] += runs[n - 2];
        if (runs[n] < 0 || runs[n] > RUN_MAX)
            return sc_fail(note, SC_MALFORMED, NULL, "RLE run %zu is %lld; expected 0 to 2^32",
                           n, (long long)runs[n]);
    }
    *run = runs;
    *count = n;
    return SC_OK;
}

static enum sc_status check_runs(const int64_t *run, size_t count, int64_t pixels,
                                 struct sc_note *note)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        if (run[i] < 0 || run[i] > pixels - sum)
            return sc_fail(
                note, SC_MALFORMED, NULL,
                "RLE run %zu is %lld; the mask of %lld pixels has room for 0 to %lld", i,
                (long long)run[i], (long long)pixels, (long long)(pixels - sum));
        sum += run[i];
    }
    if (sum != pixels)
        return sc_fail(note, SC_MALFORMED, NULL, "RLE runs cover %lld of %lld pixels",
                       (long long)sum, (long long)pixels);
    return SC_OK;
}

enum sc_status rle_mask(const int64_t *run, size_t count, int64_t height, int64_t width,
                        struct sc_arena *arena, struct sc_tensor *out, struct sc_note *note)
{
    const int64_t dim[2] = {height, width};
    struct sc_tensor mask;
    uint8_t *columns;
    size_t bytes, at = 0;

    SC_TRY(sc_tensor_shape(&mask, SC_UINT8, 2, dim, &bytes, note));
    SC_TRY(check_runs(run, count, mask.count, note));
    SC_TRY(sc_tensor_new(&mask, SC_UINT8, 2, dim, arena, note));
    columns = sc_arena_alloc(arena, bytes);
    if (columns == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an RLE mask");
    for (size_t i = 0; i < count; i++) {
        memset(columns + at, (int)(i & 1), (size_t)run[i]);
        at += (size_t)run[i];
    }
    elements_from_fortran(&mask, columns);
    *out = mask;
    return SC_OK;
}
