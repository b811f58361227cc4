/* main.c - proves that a result is a property of the data.
 *
 *   bits [small]
 *
 * Knows no operation by name: it loops over sc_ops, makes inputs and parameters from each row,
 * and leaves out the combinations that the row refuses. For each that is taken, all bytes of
 * the result must be the same with 1, 2 and 7 threads and at every instruction set level of
 * this machine; for accumulators, all bytes of the saved state must be the same however the
 * samples are cut into batches, shuffled, and merged. Prints a line with a hash for each
 * combination: lines of other compilers and machines must be equal (tests/determinism). NaNs
 * hash alike, since their bits are not part of any reply. The last line counts. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"

struct shape {
    int rank;
    int64_t dim[5];
};

static const struct shape shapes[] = {
    {3, {3, 4, 7}},       {2, {5, 4}},          {1, {4}},           {1, {0}},
    {2, {0, 4}},          {4, {2, 5, 3, 11}},   {3, {2, 4, 4099}},  {1, {9001}},
    {5, {2, 6, 1, 7, 5}}, {2, {4500, 4}},       {3, {2, 19, 4200}}, {2, {3, 40009}},
    {1, {120011}},        {4, {3, 4, 90, 131}},
};
#define SMALL_SHAPES 9

static bool small;
static int passed, failed;

/* ---- the same bits for any threads and level ---- */

static const char *label(const struct sample *s)
{
    static char text[600];
    size_t n = (size_t)snprintf(text, sizeof text, "%s/%s", sc_family_name(s->op->family),
                                s->op->name);

    for (int i = 0; i < s->op->inputs && i < 2; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c%s", i ? ',' : ' ',
                              sc_dtype_name(dtype_of(s, i)));
    for (int d = 0; d < s->rank; d++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c%lld", d ? 'x' : ' ',
                              (long long)s->dim[d]);
    n += (size_t)snprintf(text + n, sizeof text - n, " %s-%s%s",
                          (const char *[]){"unit", "wide", "odd"}[s->values],
                          s->style == SAME ? "same" : "index", s->optional ? "-all" : "");
    for (int i = 0; i < s->sets; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " %s=%s", s->set[i].name,
                              s->set[i].text);
    return text;
}

void check(bool good, const struct sample *s, const char *what)
{
    passed += good;
    failed += !good;
    if (!good) fprintf(stderr, "bits: %s: %s\n", label(s), what);
}

struct prepared {
    const struct sample *sample;
    struct sc_tensors in;
    struct sc_args args;
};

/* False: the row refuses the combination. */
static bool run(const struct prepared *p, int threads, uint64_t *hash)
{
    struct sc_arena arena;
    struct sc_report report;
    struct sc_note note = {0};
    const struct sc_exec exec = {.threads = threads, .arena = &arena};
    enum sc_status status;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    status = sc_run(p->sample->op, &p->in, &p->args, &exec, &report, &note);
    if (status == SC_OK) *hash = hash_report(&report);
    if (status == SC_INTERNAL || status == SC_NO_MEMORY) check(false, p->sample, note.detail);
    sc_arena_done(&arena);
    return status == SC_OK;
}

static bool same_hashes(const struct prepared *p)
{
    static const char *const levels[] = {"v4", "v3", "v1", "arm64"};
    static const int threads[] = {1, 7, 2};
    uint64_t first = 0, other = 0;
    bool any = false;

    for (size_t l = 0; l < 4; l++) {
        if (!sc_isa_choose(levels[l])) continue;
        for (int t = 0; t < (small ? 2 : 3); t++) {
            const bool taken = run(p, threads[t], any ? &other : &first);

            if (!taken && !any) return false;
            if (any) check(taken && other == first, p->sample, levels[l]);
            any = true;
        }
    }
    if (any) printf("%s %016llx\n", label(p->sample), (unsigned long long)first);
    return any;
}

static bool same_everywhere(const struct sample *s)
{
    struct prepared p = {.sample = s};
    struct sc_arena arena;
    bool taken;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    make_inputs(s, &arena, &p.in);
    make_args(s, &arena, &p.args);
    taken = same_hashes(&p);
    sc_arena_done(&arena);
    return taken;
}

/* Is the first dimension one of samples that can be cut apart? Images of rank 2 are not. */
static bool can_cut(const struct sample *s)
{
    return s->op->mergeable && s->dim[0] > 1 &&
           (s->rank >= 3 || strcmp(s->op->input[0].shape, "any") == 0);
}

/* ---- all combinations ---- */

/* One combination; true when the row takes it. */
static bool try_one(const struct sample *s)
{
    if (!same_everywhere(s)) return false;
    if (can_cut(s)) same_in_batches(s);
    return true;
}

/* Writes the `k`-th value to try of a parameter; false: there are no more. */
static bool setting(const struct sc_param *p, int k, struct setting *out)
{
    const char *word = p->values;
    const double reals[] = {0.5, 2};

    *out = (struct setting){.name = p->name};
    switch (p->type) {
    case SC_PARAM_ENUM:
        for (int i = 0; word != NULL && i < k; i++)
            word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL;
        if (word == NULL) return false;
        snprintf(out->text, sizeof out->text, "%.*s", (int)strcspn(word, "|"), word);
        return true;
    case SC_PARAM_BOOL:
        snprintf(out->text, sizeof out->text, k ? "true" : "false");
        return k < 2;
    case SC_PARAM_INT:
        snprintf(out->text, sizeof out->text, k ? "1" : "%d", LABELS);
        return k < 2;
    case SC_PARAM_REAL:
        snprintf(out->text, sizeof out->text, "%g", reals[k & 1]);
        return k < 2;
    case SC_PARAM_INT_LIST:
        snprintf(out->text, sizeof out->text, k ? "1,3" : "1");
        return k < 2;
    case SC_PARAM_TEXT_LIST:
        snprintf(out->text, sizeof out->text, "a,b,c,d");
        return k < 1;
    }
    return false;
}

/* Each optional parameter by itself, and each pair of two. */
static void try_parameters(struct sample *s, int from, int depth)
{
    for (int i = from; i < s->op->params; i++) {
        const struct sc_param *p = &s->op->param[i];

        if (p->required) continue;
        for (int k = 0; setting(p, k, &s->set[s->sets]); k++) {
            if (p->preset != NULL && strcmp(p->preset, s->set[s->sets].text) == 0) continue;
            s->sets++;
            try_one(s);
            if (depth > 1) try_parameters(s, i + 1, depth - 1);
            s->sets--;
        }
    }
}

/* The required parameters from row position `from` on, in all their values; then `then`. */
static bool with_required(struct sample *s, int from, int depth)
{
    bool taken = false;

    while (from < s->op->params && !s->op->param[from].required) from++;
    if (from == s->op->params) {
        taken = try_one(s);
        if (depth > 0) try_parameters(s, 0, depth);
        return taken;
    }
    for (int k = 0; setting(&s->op->param[from], k, &s->set[s->sets]); k++) {
        s->sets++;
        taken |= with_required(s, from + 1, depth);
        s->sets--;
    }
    return taken;
}

/* dtypes: on the first shape every pair; on others a few. */
static bool try_dtypes(struct sample *s, bool every)
{
    static const enum sc_dtype few[] = {SC_FLOAT32, SC_UINT8, SC_INT64};
    const uint32_t second = s->op->inputs > 1 ? s->op->input[1].dtypes : 1;
    bool taken = false;

    for (int a = 0; a < SC_DTYPE_COUNT; a++)
        for (int b = 0; b < SC_DTYPE_COUNT; b++) {
            const bool chosen = (a == (int)few[0] || a == (int)few[1]) &&
                                (b == (int)few[0] || b == (int)few[1] || b == (int)few[2]);

            if (!(s->op->input[0].dtypes >> a & 1) || !(second >> b & 1)) continue;
            if (s->op->inputs > 1 ? !every && !chosen : b > 0) continue;
            s->dtype[0] = (enum sc_dtype)a;
            s->dtype[1] = (enum sc_dtype)b;
            taken |= with_required(s, 0, every && chosen ? 2 : chosen && s->rank == 3 ? 1 : 0);
        }
    return taken;
}

static void try_op(const struct sc_op *op)
{
    const size_t count = small ? SMALL_SHAPES : sizeof shapes / sizeof *shapes;
    struct sample s = {.op = op};
    bool taken = false;

    for (size_t i = 0; i < count; i++)
        for (int style = 0; style < (op->inputs > 1 ? STYLES : 1); style++)
            for (int values = 0; values < (i < SMALL_SHAPES ? VALUES : ODD); values++)
                for (int optional = 0; optional < 2; optional++) {
                    s.rank = shapes[i].rank;
                    s.dim = shapes[i].dim;
                    s.style = (enum style)style;
                    s.values = (enum values)values;
                    s.optional = optional;
                    taken |= try_dtypes(&s, i == 0 && values == WIDE);
                }
    check(taken, &s, "no combination is taken");
}

int main(int argc, char **argv)
{
    small = argc > 1 && strcmp(argv[1], "small") == 0;
    /* Keep freed memory: thousands of short runs would ask the kernel for it each time. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    sc_init();
    for (int i = 0; i < sc_op_count; i++) try_op(&sc_ops[i]);
    printf("bits: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
