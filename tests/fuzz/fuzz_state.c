/* fuzz_state.c - any bytes as a saved state of every mergeable operation, as they are and with
 * the checksum set right; what loads is saved again, added to itself, and reported. The
 * operation is one that the bytes name, or the one of the first byte. */
#include <zlib.h>

#include "decoding.h"
#include "formats.h"
#include "score.h"
#include "zip.h"

int LLVMFuzzerInitialize(const int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    sc_init(NULL);
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

/* Nothing is wrong with it, but that there may be too much. */
static void check_good(enum sc_status status)
{
    if (status != SC_OK && status != SC_NO_MEMORY && status != SC_TOO_LARGE) abort();
}

/* What is written as an archive is read back: each byte is where it should be. */
static void read_back(const struct codec *codec, struct sc_writer *out, struct sc_arena *arena)
{
    const struct sc_pieces pieces = sc_writer_pieces(out);
    const struct sc_limits limits = sc_limits_preset();
    struct codec_source source = {.name = "", .limits = &limits, .arena = arena};
    struct codec_payload payload = {0};
    struct sc_note note = {0};
    struct zip zip;
    uint8_t *whole = sc_arena_alloc(arena, sc_writer_total(out)), *at = whole;

    if (out->failed || whole == NULL) return;
    for (size_t i = 0; i < pieces.count; i++) {
        memcpy(at, pieces.item[i].data, pieces.item[i].size);
        at += pieces.item[i].size;
    }
    source.body = sc_bytes(whole, (size_t)(at - whole));
    if (codec->encode == npz_encode)
        check_good(zip_read(source.body, 65536, arena, &zip, &note));
    if (codec->encode == safetensors_encode)
        check_good(safetensors_decode(&source, &payload, &note));
}

/* In every form. */
static void print(const struct sc_report *report, struct sc_arena *arena)
{
    const struct codec_result result = {.report = report};
    const struct codec_results results = {.item = &result, .count = 1};
    const struct codec_style style = {0};
    struct sc_note note = {0};

    for (size_t i = 0; i < CODEC_COUNT; i++) {
        struct sc_writer out;

        sc_writer_init(&out, arena);
        if (codecs[i].encode != NULL &&
            check(codecs[i].encode(&results, &style, &out, &note), &note))
            read_back(&codecs[i], &out, arena);
    }
}

static void try_op(const struct sc_op *op, const uint8_t *data, size_t size)
{
    struct sc_arena arena;
    struct sc_report report;
    struct sc_note note = {0};
    struct sc_eval *eval = NULL, *twin;

    sc_arena_init(&arena, FUZZ_MEMORY, NULL);
    if (check(sc_eval_load(op, data, size, NULL, &arena, &eval, &note), &note)) {
        if (size % 2 == 0) sc_eval_whole(eval);
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
