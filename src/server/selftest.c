/* selftest.c - recipes for inputs, tried until the row of an operation takes one. */
#include "selftest.h"

#include <string.h>

#include "json.h"

#define MEMORY  ((size_t)8 << 20)
#define CLASSES 3
#define WIDTH   70 /* a remainder for every vector width; two images */

#if defined(__x86_64__)
#define PLAIN "v1"
#else
#define PLAIN "arm64"
#endif

enum values { SCORES, SHARES, SIGNS, BITS, LABELS, MASK };

/* What every input is in one try: pred (or x, other, var) and target; of LABELS and BITS the
 * shape has no dimension of classes but where both are. */
static const struct recipe {
    enum values first, target;
    bool rows; /* the target has one element for each row */
} recipes[] = {
    {SCORES, SHARES, false}, {SHARES, SHARES, false}, {SCORES, SIGNS, false},
    {SCORES, LABELS, false}, {SHARES, LABELS, false}, {LABELS, LABELS, false},
    {SCORES, BITS, false},   {SHARES, BITS, false},   {SCORES, SIGNS, true},
    {SCORES, MASK, false},
};

/* Given where a row has them: what is required, and what makes a recipe fit. */
static const char *const params[][2] = {
    {"num_classes", "3"}, {"input_kind", "probs"}, {"threshold", "0.25"},
    {"value", "-0.5"},    {"grad", "true"},
};

struct trial {
    const struct sc_op *op;
    const struct recipe *recipe;
    uint64_t random;
    struct sc_arena *arena;
    struct sc_tensors in;
    struct sc_args args;
    struct sc_note note; /* nobody reads it */
};

/* 24 bits. */
static unsigned draw(struct trial *t)
{
    t->random = t->random * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(t->random >> 40);
}

static float draw_value(struct trial *t, enum values values)
{
    const float unit = (float)draw(t) / 16777216.0F;

    switch (values) {
    case SCORES:
        return (unit - 0.5F) * 8;
    case SHARES:
        return 0.01F + unit * 0.3F; /* of CLASSES, less than 1 together */
    case SIGNS:
        return unit < 0.5F ? -1 : 1;
    default:
        return unit < 0.5F ? 0 : 1;
    }
}

static enum sc_status fill(struct trial *t, const char *name, enum values values, int rank)
{
    const int64_t whole[] = {2, CLASSES, WIDTH}, flat[] = {2, WIDTH};
    const int64_t *dim = rank == 3 ? whole : flat;
    const unsigned classes = values == LABELS ? CLASSES : values == MASK ? 2 : 0;
    struct sc_tensor x;

    SC_TRY(
        sc_tensor_new(&x, classes > 0 ? SC_UINT8 : SC_FLOAT32, rank, dim, t->arena, &t->note));
    for (int64_t i = 0; i < x.count; i++)
        if (classes > 0)
            ((uint8_t *)x.data)[i] = (uint8_t)(draw(t) % classes);
        else
            ((float *)x.data)[i] = draw_value(t, values);
    return sc_tensors_add(&t->in, name, &x, t->arena, &t->note);
}

static enum values values_of(const struct recipe *r, const char *name)
{
    if (strcmp(name, "target") == 0) return r->target;
    return strcmp(name, "var") == 0 ? SHARES : r->first;
}

/* What is scored has a dimension of classes where the target is labels and it is not. */
static int rank_of(const struct recipe *r, const char *name)
{
    if (strcmp(name, "target") == 0) return r->rows ? 1 : 2;
    return r->target == LABELS && r->first != LABELS ? 3 : 2;
}

static enum sc_status fill_inputs(struct trial *t)
{
    for (int i = 0; i < t->op->inputs; i++) {
        const struct sc_input *input = &t->op->input[i];

        if (!input->required) continue;
        SC_TRY(fill(t, input->name, values_of(t->recipe, input->name),
                    rank_of(t->recipe, input->name)));
    }
    return SC_OK;
}

static enum sc_status fill_args(struct trial *t)
{
    const bool labels = t->recipe->first == LABELS;

    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        const char *value = params[i][1];

        if (sc_param_find(t->op, params[i][0]) == NULL) continue;
        if (labels && strcmp(params[i][0], "grad") == 0) continue;
        if (strcmp(params[i][0], "input_kind") == 0)
            value = labels ? "labels" : t->recipe->first == SCORES ? "logits" : "probs";
        SC_TRY(sc_args_add_raw(&t->args, params[i][0], value, t->arena, &t->note));
    }
    return SC_OK;
}

static enum sc_status try(struct trial *t, struct sc_report *report)
{
    const struct sc_exec exec = {.threads = 1, .arena = t->arena};

    SC_TRY(fill_inputs(t));
    SC_TRY(fill_args(t));
    return sc_run(t->op, &t->in, &t->args, &exec, report, &t->note);
}

/* Numbers print as their shortest digits, so different bits are different texts. */
static struct sc_bytes text_of(const struct sc_report *report, struct sc_arena *arena)
{
    static const struct codec_style style = {.nonfinite_token = true};
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    sc_writer_init(&out, arena);
    json_open(&j, NULL, '{');
    json_report(&j, report);
    json_close(&j, '}');
    return out.failed ? sc_bytes(NULL, 0) : sc_bytes(out.data, out.size);
}

struct sc_bytes selftest_report(const struct sc_op *op, const char *level, unsigned seed,
                                struct sc_arena *arena)
{
    if (!sc_isa_choose(level)) return sc_bytes(NULL, 0);
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct trial t = {.op = op, .recipe = &recipes[i], .random = seed, .arena = arena};
        struct sc_report report;

        if (try(&t, &report) == SC_OK) return text_of(&report, arena);
    }
    return sc_bytes(NULL, 0);
}

static bool same(const struct sc_op *op, const char *level)
{
    struct sc_bytes plain, chosen;
    struct sc_arena arena;
    bool equal;

    sc_arena_init(&arena, MEMORY, NULL);
    plain = selftest_report(op, PLAIN, 1, &arena);
    chosen = selftest_report(op, level, 1, &arena);
    equal = plain.size == chosen.size &&
            (plain.size == 0 || memcmp(plain.data, chosen.data, plain.size) == 0);
    sc_arena_done(&arena);
    return equal;
}

bool selftest(struct sc_note *note)
{
    const char *level = sc_isa();

    for (int i = 0; i < sc_op_count && strcmp(level, PLAIN) != 0; i++) {
        const struct sc_op *op = &sc_ops[i];

        if (same(op, level)) continue;
        sc_fail(note, SC_INTERNAL, NULL,
                "self-test: %s/%s does not give the same bits with the instructions of %s as "
                "with those of every CPU; run with SC_ISA_MAX=v1, and look at the machine",
                sc_family_name(op->family), op->name, level);
        sc_isa_choose(level);
        return false;
    }
    sc_isa_choose(level);
    return true;
}
