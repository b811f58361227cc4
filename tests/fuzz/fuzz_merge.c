/* fuzz_merge.c - saved states, each after two bytes that are its size: those that load are
 * added in their order and in the other, with the same bytes as a result. Then the states as a
 * JSON body, and the input itself as one, or as a reply with a state. The first byte chooses
 * the operation. */
#include <zlib.h>

#include "base64.h"
#include "guard.h"
#include "json.h"
#include "score.h"
#include "states.h"

#define MEMORY     ((size_t)64 << 20)
#define STATES_MAX 4

int LLVMFuzzerInitialize(const int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    sc_init(NULL);
    return 0;
}

struct states {
    struct sc_bytes item[STATES_MAX];
    size_t count;
};

static void check(enum sc_status status, const struct sc_note *note)
{
    if (status == SC_INTERNAL || (status != SC_OK && note->detail[0] == '\0')) abort();
}

/* ---- adding ---- */

/* The sum as saved; nothing where one cannot be added. */
static struct sc_bytes add(const struct sc_op *op, const struct states *states, bool backwards,
                           struct sc_arena *arena)
{
    struct sc_eval *sum = NULL, *next;
    struct sc_note note = {0};
    uint8_t *saved;
    size_t size;

    for (size_t i = 0; i < states->count; i++) {
        const size_t at = backwards ? states->count - 1 - i : i;
        const struct sc_bytes one = states->item[at];
        enum sc_status status = sc_eval_load(op, one.data, one.size, NULL, arena, &next, &note);

        check(status, &note);
        if (status == SC_OK && sum != NULL) status = sc_eval_merge(sum, next, &note);
        check(status, &note);
        if (status != SC_OK) return sc_bytes(NULL, 0);
        sum = sum != NULL ? sum : next;
    }
    if (sum == NULL || sc_eval_save(sum, arena, &saved, &size, &note) != SC_OK)
        return sc_bytes(NULL, 0);
    return sc_bytes(saved, size);
}

static void report(const struct sc_op *op, struct sc_bytes saved, struct sc_arena *arena)
{
    struct sc_report report;
    struct sc_note note = {0};
    struct sc_eval *eval;
    enum sc_status status = sc_eval_load(op, saved.data, saved.size, NULL, arena, &eval, &note);

    if (status == SC_OK) status = sc_eval_finish(eval, &report, &note);
    check(status, &note);
    if (status != SC_OK && status != SC_NO_MEMORY) abort();
}

static void add_both_ways(const struct sc_op *op, const struct states *states)
{
    struct sc_arena arena;
    struct sc_bytes one, other;

    sc_arena_init(&arena, MEMORY, NULL);
    one = add(op, states, false, &arena);
    other = add(op, states, true, &arena);
    if (!arena.over_limit && one.size != other.size) abort();
    if (one.size == other.size && one.size > 0) {
        if (memcmp(one.data, other.data, one.size) != 0) abort();
        report(op, one, &arena);
    }
    sc_arena_done(&arena);
}

/* ---- as a body ---- */

/* Reads all states of a body, or of a reply; how many, or -1. */
static int64_t read_body(const uint8_t *data, size_t size, bool is_reply)
{
    const struct sc_limits limits = sc_limits_preset();
    uint8_t *body = guarded_body(data, size);
    struct sc_arena arena;
    const struct codec_source source = {
        .body = sc_bytes(body, size), .name = "", .limits = &limits, .arena = &arena};
    struct codec_states states;
    struct sc_note note = {0};
    struct sc_bytes one = {0};
    enum sc_status status;

    sc_arena_init(&arena, MEMORY, NULL);
    status = is_reply ? codec_states_open_reply(&source, "losses/mse", &states, &note)
                      : codec_states_open(&source, &states, &note);
    do {
        if (status == SC_OK) status = codec_states_next(&states, &arena, &one, &note);
        check(status, &note);
    } while (status == SC_OK && one.data != NULL);
    sc_arena_done(&arena);
    unguard_body(body, size);
    return status == SC_OK ? states.count : -1;
}

static void send(const struct states *states)
{
    static const struct codec_style style;
    struct sc_arena arena;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    sc_arena_init(&arena, MEMORY, NULL);
    sc_writer_init(&out, &arena);
    json_open(&j, NULL, '{');
    json_open(&j, "states", '[');
    for (size_t i = 0; i < states->count; i++) json_bytes(&j, NULL, states->item[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    if (out.failed || read_body(out.data, out.size, false) != (int64_t)states->count) abort();
    sc_arena_done(&arena);
}

/* ---- the input ---- */

/* Makes the checksum that of the rest. */
static void seal(uint8_t *data, size_t size)
{
    const uint32_t crc = (uint32_t)crc32(0, data, (uInt)(size - 4));

    for (int i = 0; i < 4; i++) data[size - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

static void split(uint8_t *data, size_t size, struct states *out)
{
    size_t at = 0;

    *out = (struct states){.count = 0};
    while (out->count < STATES_MAX && size - at >= 6) {
        size_t one = sc_le16(data + at);

        at += 2;
        if (one < 4) one = 4;
        if (one > size - at) one = size - at;
        seal(data + at, one);
        out->item[out->count++] = sc_bytes(data + at, one);
        at += one;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct states states;
    uint8_t *copy;
    int64_t count;

    if (size < 1) return 0;
    count = read_body(data, size, false);
    if (read_body(data, size, true) != count && count >= 0) abort();
    copy = guarded(data + 1, size - 1, 0);
    split(copy, size - 1, &states);
    if (states.count > 0) {
        const struct sc_op *op = &sc_ops[data[0] % sc_op_count];

        send(&states);
        if (op->mergeable) add_both_ways(op, &states);
    }
    unguard(copy, size - 1, 0);
    return 0;
}
