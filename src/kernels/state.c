/* state.c - counts and exact sums: made, added, saved and loaded, without knowing any
 * operation.
 *
 * Saved bytes, little-endian: "SCST", format 1, SC_NUMERICS, the operation's "family/name", the
 * parameters (saved.c), classes, the counts, the sums (exact.h), CRC-32 of all before. */
#include <inttypes.h>
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "eval.h"
#include "reader.h"

#define MAGIC     "SCST"
#define FORMAT    1
/* Of all counts of a state together: they and small multiples of their sums are exact in int64
 * and float64; products are taken in 128 bits (agreement.c, classification_report.c). */
#define COUNT_MAX ((int64_t)1 << 53)

enum sc_status sc_state_new(const struct sc_params *params, int64_t classes,
                            struct sc_arena *arena, struct sc_state *out, struct sc_note *note)
{
    struct sc_state s = {.classes = classes};

    sc_kernel(params->op)->layout(params, classes, &s.counts, &s.sums);
    s.count = sc_arena_calloc(arena, s.counts, sizeof *s.count);
    s.sum = sc_arena_calloc(arena, s.sums, sizeof *s.sum);
    if (s.count == NULL || s.sum == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL,
                       "no memory for a state of %zu counts and %zu sums", s.counts, s.sums);
    /* all bytes 0 is an exact sum of 0 */
    *out = s;
    return SC_OK;
}

/* Adds the counts to *total; false when they pass what any data set can count. */
static bool add_counts(const struct sc_state *s, int64_t *total)
{
    for (size_t i = 0; i < s->counts; i++)
        if (s->count[i] < 0 || __builtin_add_overflow(*total, s->count[i], total)) return false;
    return *total <= COUNT_MAX;
}

bool sc_state_fits(const struct sc_state *a, const struct sc_state *b)
{
    int64_t total = 0;

    return add_counts(a, &total) && add_counts(b, &total);
}

void sc_state_add(struct sc_state *into, const struct sc_state *from)
{
    for (size_t i = 0; i < into->counts; i++) into->count[i] += from->count[i];
    for (size_t i = 0; i < into->sums; i++) sc_exact_merge(&into->sum[i], &from->sum[i]);
}

void sc_state_clear(struct sc_state *state)
{
    memset(state->count, 0, state->counts * sizeof *state->count);
    memset(state->sum, 0, state->sums * sizeof *state->sum); /* an exact sum of 0 */
}

static void write_op(struct sc_writer *w, const struct sc_op *op)
{
    const char *family = sc_family_name(op->family);

    sc_write_le32(w, (uint32_t)(strlen(family) + 1 + strlen(op->name)));
    sc_writef(w, "%s/%s", family, op->name);
}

enum sc_status sc_eval_save(const struct sc_eval *eval, struct sc_arena *arena, uint8_t **data,
                            size_t *size, struct sc_note *note)
{
    const struct sc_state *s = &eval->state;
    uint8_t sum[SC_EXACT_BYTES_MAX];
    struct sc_writer w;

    sc_writer_init(&w, arena);
    sc_write(&w, MAGIC, 4);
    sc_write_le32(&w, FORMAT);
    sc_write_le32(&w, SC_NUMERICS);
    write_op(&w, eval->params.op);
    sc_write_sized(&w, eval->params_saved.data, eval->params_saved.size);
    sc_write_le64(&w, (uint64_t)s->classes);
    for (size_t i = 0; i < s->counts; i++) sc_write_le64(&w, (uint64_t)s->count[i]);
    for (size_t i = 0; i < s->sums; i++) sc_write(&w, sum, sc_exact_save(&s->sum[i], sum));
    if (!w.failed) sc_write_le32(&w, sc_crc32(w.data, w.size));
    if (w.failed) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory to save the state");
    *data = w.data;
    *size = w.size;
    return SC_OK;
}

static enum sc_status damaged(struct sc_note *note)
{
    return sc_fail(note, SC_BAD_STATE, NULL, "the state is truncated or damaged");
}

static enum sc_status check_head(struct sc_reader *r, struct sc_note *note)
{
    uint32_t format, numerics;

    if (r->size < 16 || memcmp(sc_read(r, 4), MAGIC, 4) != 0) return damaged(note);
    if (sc_crc32(r->data, r->size - 4) != sc_le32(r->data + r->size - 4)) return damaged(note);
    r->size -= 4;
    format = sc_read_le32(r);
    numerics = sc_read_le32(r);
    if (format == FORMAT && numerics == SC_NUMERICS) return SC_OK;
    return sc_fail(note, SC_BAD_STATE, NULL,
                   "the state has format %" PRIu32 " and numerics %" PRIu32
                   ", this program %d and %d: merge it with a program of its version",
                   format, numerics, FORMAT, SC_NUMERICS);
}

static enum sc_status check_op(struct sc_reader *r, const struct sc_op *op,
                               struct sc_note *note)
{
    const struct sc_bytes name = sc_read_sized(r);
    const char *family = sc_family_name(op->family);
    const size_t size = strlen(family);

    if (name.size == size + 1 + strlen(op->name) && memcmp(name.data, family, size) == 0 &&
        name.data[size] == '/' && memcmp(name.data + size + 1, op->name, strlen(op->name)) == 0)
        return SC_OK;
    return sc_fail(note, SC_BAD_STATE, NULL, "the state is of %.*s, not of %s/%s",
                   (int)(name.size < 80 ? name.size : 80), (const char *)name.data, family,
                   op->name);
}

static enum sc_status read_params(struct sc_reader *r, struct sc_eval *eval,
                                  struct sc_arena *arena, const struct sc_op *op,
                                  struct sc_note *note)
{
    eval->params_saved = sc_read_sized(r);
    if (r->bad) return damaged(note);
    SC_TRY(sc_params_load(op, eval->params_saved, arena, &eval->params, note));
    SC_TRY(sc_check_params(&eval->params, note));
    eval->params_saved = sc_params_save(&eval->params, arena);
    if (eval->params_saved.data != NULL) return SC_OK;
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a state");
}

/* Have so many counts and sums room in the bytes that are left, and do they fill them? (Before
 * allocating: in memory a sum is up to 200 times as large.) */
static bool plausible(const struct sc_eval *eval, const struct sc_reader *r, int64_t classes,
                      const struct sc_limits *limits)
{
    const struct sc_param_value *named = sc_param(&eval->params, "num_classes");
    const bool metric = eval->params.op->family == SC_METRICS;
    size_t counts, sums, left;

    if (r->bad || classes < 0 ||
        classes > (metric ? limits->confusion_classes : limits->classes))
        return false;
    if (named->set && classes != 0 && classes != named->integer) return false;
    sc_kernel(eval->params.op)->layout(&eval->params, classes, &counts, &sums);
    left = r->size - r->at;
    if (counts > left / 8) return false;
    left -= counts * 8;
    return sums <= left / SC_EXACT_BYTES_MIN && left <= sums * SC_EXACT_BYTES_MAX;
}

static enum sc_status read_state(struct sc_reader *r, struct sc_eval *eval,
                                 const struct sc_limits *limits, struct sc_arena *arena,
                                 struct sc_note *note)
{
    const int64_t classes = sc_read_le64(r);
    struct sc_state *s = &eval->state;
    int64_t total = 0;

    if (!plausible(eval, r, classes, limits)) return damaged(note);
    SC_TRY(sc_state_new(&eval->params, classes, arena, s, note));
    for (size_t i = 0; i < s->counts; i++) s->count[i] = sc_read_le64(r);
    if (!add_counts(s, &total)) return damaged(note);
    for (size_t i = 0; i < s->sums && !r->bad; i++) {
        const size_t used = sc_exact_load(&s->sum[i], r->data + r->at, r->size - r->at);

        r->bad = used == 0;
        r->at += used;
    }
    return r->bad || r->at != r->size ? damaged(note) : SC_OK;
}

enum sc_status sc_eval_load(const struct sc_op *op, const uint8_t *data, size_t size,
                            const struct sc_limits *limits, struct sc_arena *arena,
                            struct sc_eval **out, struct sc_note *note)
{
    struct sc_reader r = {.data = data, .size = size};
    const struct sc_limits preset = sc_limits_preset();
    struct sc_eval *eval = sc_arena_calloc(arena, 1, sizeof *eval);

    if (!op->mergeable) return sc_no_state(op, SC_BAD_STATE, NULL, note);
    if (eval == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a state");
    eval->arena = arena;
    SC_TRY(check_head(&r, note));
    SC_TRY(check_op(&r, op, note));
    SC_TRY(read_params(&r, eval, arena, op, note));
    SC_TRY(read_state(&r, eval, limits ? limits : &preset, arena, note));
    *out = eval;
    return SC_OK;
}
