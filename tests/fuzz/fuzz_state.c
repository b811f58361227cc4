/* fuzz_state.c - any bytes as a saved state of every mergeable operation, as they are and with
 * the checksum set right; what loads is saved again, added to itself, and reported. The
 * operation is one that the bytes name, or the one of the first byte. */
#include <zlib.h>

#include "decoding.h"
#include "score.h"

int LLVMFuzzerInitialize(const int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    sc_init();
    return 0;
}

/* No failure without a reason, and none that is a defect. */
static bool check(enum sc_status status, const struct sc_note *note)
{
    if (status != SC_OK && (note->detail[0] == '\0' || status == SC_INTERNAL)) abort();
    return status == SC_OK;
}

/* Saved bytes load again and give themselves; a second evaluation like the first. */
static struct sc_eval *again(const struct sc_op *op, const struct sc_eval *eval,
                             struct sc_arena *arena)
{
    struct sc_note note = {0};
    struct sc_eval *copy = NULL;
    uint8_t *first, *second;
    size_t first_size, second_size;

    if (!check(sc_eval_save(eval, arena, &first, &first_size, &note), &note)) return NULL;
    if (!check(sc_eval_load(op, first, first_size, NULL, arena, &copy, &note), &note)) {
        if (!arena->over_limit) abort();
        return NULL;
    }
    if (!check(sc_eval_save(copy, arena, &second, &second_size, &note), &note)) return NULL;
    if (first_size != second_size || memcmp(first, second, first_size) != 0) abort();
    return copy;
}

static void print(const struct sc_report *report, struct sc_arena *arena)
{
    const struct codec_result result = {.report = report};
    const struct codec_results results = {.item = &result, .count = 1};
    const struct codec_style style = {0};
    struct codec_forms forms;
    const struct codec *used;
    struct sc_writer out;
    struct sc_note note = {0};

    sc_writer_init(&out, arena);
    if (codec_accept(NULL, &forms, &note) != SC_OK) abort();
    check(codec_encode(&forms, &results, &style, &out, &used, &note), &note);
}

static void try_op(const struct sc_op *op, const uint8_t *data, size_t size)
{
    struct sc_arena arena;
    struct sc_report report;
    struct sc_note note = {0};
    struct sc_eval *eval = NULL, *twin;

    sc_arena_init(&arena, FUZZ_MEMORY, NULL);
    if (check(sc_eval_load(op, data, size, NULL, &arena, &eval, &note), &note)) {
        twin = again(op, eval, &arena);
        if (twin != NULL) check(sc_eval_merge(eval, twin, &note), &note);
        if (check(sc_eval_finish(eval, &report, &note), &note)) print(&report, &arena);
    }
    sc_arena_done(&arena);
}

static bool names(const uint8_t *data, size_t size, const struct sc_op *op)
{
    return memmem(data, size, op->name, strlen(op->name)) != NULL;
}

static void try_all(const uint8_t *data, size_t size)
{
    for (int i = 0; i < sc_op_count; i++)
        if (sc_ops[i].mergeable &&
            (names(data, size, &sc_ops[i]) || (size > 0 && data[0] % sc_op_count == i)))
            try_op(&sc_ops[i], data, size);
}

static void seal(uint8_t *data, size_t size)
{
    const uint32_t crc = (uint32_t)crc32(0, data, (uInt)(size - 4));

    for (int i = 0; i < 4; i++) data[size - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = guarded(data, size, 0);

    try_all(copy, size);
    if (size >= 4) {
        seal(copy, size);
        try_all(copy, size);
    }
    unguard(copy, size, 0);
    return 0;
}
