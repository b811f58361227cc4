/* fuzz_rle.c - two bytes are the height and width of a mask, the rest its runs as COCO writes
 * them. A mask that comes out is written as runs again, and read: the same. */
#include "guard.h"
#include "rle.h"

#define MEMORY ((size_t)32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- writing ---- */

static void write_number(struct sc_writer *out, int64_t value)
{
    bool more;

    do {
        const int group = (int)(value & 31);

        value >>= 5; /* keeps the sign */
        more = !((value == 0 && (group & 16) == 0) || (value == -1 && (group & 16) != 0));
        sc_write_byte(out, (char)(48 + (group | (more ? 32 : 0))));
    } while (more);
}

static uint8_t pixel(const struct sc_tensor *mask, int64_t i)
{
    return ((const uint8_t *)mask->data)[i % mask->dim[0] * mask->dim[1] + i / mask->dim[0]];
}

/* The runs of a mask, each at least 1 long but for the first; their number. */
static size_t runs_of(const struct sc_tensor *mask, int64_t *run)
{
    size_t count = 0;
    int64_t begin = 0;

    for (int64_t i = 0; i <= mask->count; i++) {
        if (i < mask->count && pixel(mask, i) == count % 2) continue;
        run[count++] = i - begin;
        begin = i;
    }
    return count;
}

static void write_runs(const int64_t *run, size_t count, struct sc_writer *out)
{
    for (size_t i = 0; i < count; i++) write_number(out, run[i] - (i > 2 ? run[i - 2] : 0));
}

/* ---- checking ---- */

static bool check(enum sc_status status, const struct sc_note *note, const struct sc_arena *a)
{
    if (a->held > a->limit || status == SC_INTERNAL) abort();
    if (status != SC_OK && note->detail[0] == '\0') abort();
    return status == SC_OK;
}

static void check_mask(const struct sc_tensor *mask, const int64_t *run, size_t count)
{
    int64_t ones = 0, there = 0;

    for (size_t i = 1; i < count; i += 2) ones += run[i];
    for (int64_t i = 0; i < mask->count; i++) {
        if (pixel(mask, i) > 1) abort();
        there += pixel(mask, i);
    }
    if (ones != there) abort();
}

static void round_trip(const struct sc_tensor *mask, struct sc_arena *arena)
{
    int64_t *run = sc_arena_calloc(arena, (size_t)mask->count + 2, sizeof *run), *read;
    struct sc_note note = {0};
    struct sc_writer out;
    struct sc_tensor again;
    size_t count = run != NULL ? runs_of(mask, run) : 0, found;

    if (run == NULL) return;
    sc_writer_init(&out, arena);
    write_runs(run, count, &out);
    if (out.failed) return;
    if (!check(rle_runs(sc_bytes(out.data, out.size), arena, &read, &found, &note), &note,
               arena))
        return;
    if (found != count || memcmp(run, read, count * sizeof *run) != 0) abort();
    if (check(rle_mask(read, found, mask->dim[0], mask->dim[1], arena, &again, &note), &note,
              arena) &&
        memcmp(again.data, mask->data, (size_t)mask->count) != 0)
        abort();
}

static void attempt(struct sc_bytes text, int64_t height, int64_t width, struct sc_arena *arena)
{
    struct sc_note note = {0};
    struct sc_tensor mask;
    int64_t *run;
    size_t count;

    if (!check(rle_runs(text, arena, &run, &count, &note), &note, arena)) return;
    if (!check(rle_mask(run, count, height, width, arena, &mask, &note), &note, arena)) return;
    check_mask(&mask, run, count);
    round_trip(&mask, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sc_arena arena;
    uint8_t *text;

    if (size < 2) return 0;
    text = guarded(data + 2, size - 2, 0);
    sc_arena_init(&arena, size % 4 == 3 ? size * 16 : MEMORY, NULL);
    attempt(sc_bytes(text, size - 2), data[0] + 1, data[1] + 1, &arena);
    sc_arena_done(&arena);
    unguard(text, size - 2, 0);
    return 0;
}
