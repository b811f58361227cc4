/* main.c - proves that a result is a property of the data.
 *
 *   bits [small] [family/name]
 *
 * Knows no operation by name: it loops over sc_ops, and draws inputs and parameters from each
 * row until every goal of the row is reached: each dtype of each input, each word of each
 * parameter, each gradient, states merged. For each sample that is taken, all bytes of the
 * result must be the same with 1, 2 and 7 threads and at every instruction set level of this
 * machine; for accumulators, all bytes of the saved state must be the same however the samples
 * are cut into batches, shuffled, and merged. Prints a line with a hash for each sample: lines
 * of other compilers and machines must be equal (tests/determinism). NaNs hash alike, since
 * their bits are not part of any reply. The last line counts. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"

#define TRIES 1500

static bool small;
static int passed, failed;

static const char *label(const struct sample *s)
{
    static const char *const values[] = {"unit", "wide", "odd", "bits"};
    static char text[1200];
    size_t n = (size_t)snprintf(text, sizeof text, "%s/%s", sc_family_name(s->op->family),
                                s->op->name);

    for (int i = 0; i < s->op->inputs; i++) {
        int64_t dim[SC_RANK_MAX];
        const int rank = shape_of(s, i, dim);

        if (!s->given[i]) continue;
        n += (size_t)snprintf(text + n, sizeof text - n, " %s:%s", s->op->input[i].name,
                              sc_dtype_name(s->dtype[i]));
        for (int d = 0; d < rank; d++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%c%lld", d ? 'x' : ':',
                                  (long long)dim[d]);
    }
    n += (size_t)snprintf(text + n, sizeof text - n, " %s*%d", values[s->values], s->images);
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

/* ---- the same bits for any threads and level ---- */

struct prepared {
    const struct sample *sample;
    struct sc_tensors in;
    struct sc_args args;
    bool gradient[INPUTS_MAX]; /* those that the report has */
};

static bool has_gradient(const struct sc_report *r, const char *input)
{
    char name[80];

    snprintf(name, sizeof name, "grad.%s", input);
    return sc_report_find(r, name) != NULL;
}

/* False: the row refuses the sample. */
static bool run(struct prepared *p, int threads, uint64_t *hash)
{
    const struct sc_op *op = p->sample->op;
    struct sc_arena arena;
    struct sc_report report;
    struct sc_note note = {0};
    const struct sc_exec exec = {.threads = threads, .arena = &arena};
    enum sc_status status;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    status = sc_run(op, &p->in, &p->args, &exec, &report, &note);
    if (status == SC_OK) {
        *hash = hash_report(&report);
        for (int i = 0; i < op->inputs; i++)
            p->gradient[i] = has_gradient(&report, op->input[i].name);
    }
    if (status == SC_INTERNAL || status == SC_NO_MEMORY) check(false, p->sample, note.detail);
    sc_arena_done(&arena);
    return status == SC_OK;
}

static bool same_hashes(struct prepared *p)
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

/* Is the sample taken, and does it reach the goal? */
static bool try_sample(const struct sample *s, const struct goal *goal)
{
    struct prepared p = {.sample = s};
    struct sc_arena arena;
    bool reached;

    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    make_inputs(s, &arena, &p.in);
    make_args(s, &arena, &p.args);
    reached = same_hashes(&p) && (goal->gradient < 0 || p.gradient[goal->gradient]);
    sc_arena_done(&arena);
    if (!reached) return false;
    return same_in_batches(s, small ? 1 : 3) || !goal->merged;
}

/* ---- all goals of all rows ---- */

static uint64_t seed_of(const struct sc_op *op, int number)
{
    uint64_t seed = (uint64_t)number << 32;

    for (const char *c = op->name; *c != '\0'; c++) seed = seed * 31 + (uint64_t)*c;
    return seed;
}

static void say_missed(const struct sc_op *op, const struct goal *g)
{
    failed++;
    fprintf(stderr, "bits: %s/%s: %s was never taken:", sc_family_name(op->family), op->name,
            g->name);
    if (g->input >= 0)
        fprintf(stderr, " %s of %s", op->input[g->input].name,
                sc_dtype_name((enum sc_dtype)g->dtype));
    if (g->gradient >= 0) fprintf(stderr, " grad.%s", op->input[g->gradient].name);
    if (g->param >= 0) {
        struct setting setting;

        option_of(&op->param[g->param], g->option >= 0 ? g->option : 0, &setting);
        fprintf(stderr, " %s=%s", setting.name, setting.text);
    }
    fputc('\n', stderr);
}

/* Draws until the goal is reached `often` times. */
static int reach(const struct sc_op *op, int number, const struct goal *goal)
{
    const bool big = goal->shape >= SHAPES_TINY;
    const int often = small ? (big ? 3 : 8) : big ? 4 : 20;
    const int tries = big ? TRIES / 10 : TRIES;
    const uint64_t seed = seed_of(op, number);
    int reached = 0;

    for (int i = 0; i < tries && reached < often; i++) {
        struct sample s;

        draw(op, goal, seed + (uint64_t)i * 0x9e3779b97f4a7c15 / 7, &s);
        reached += try_sample(&s, goal);
    }
    return reached;
}

static void try_op(const struct sc_op *op)
{
    struct goal goal;
    int reached = 0;

    for (int i = 0; goal_of(op, i, &goal); i++) {
        if (small && goal.shape >= SHAPES_SMALL) continue;
        const int now = reach(op, i, &goal);

        reached += now;
        if (now == 0 && goal.needed) say_missed(op, &goal);
    }
    goal.name = "anything";
    if (reached == 0) say_missed(op, &goal);
}

static bool is_asked(const struct sc_op *op, const char *name)
{
    char full[128];

    snprintf(full, sizeof full, "%s/%s", sc_family_name(op->family), op->name);
    return name == NULL || strcmp(name, full) == 0 || strcmp(name, op->name) == 0;
}

int main(int argc, char **argv)
{
    struct sc_note note;
    const char *name;

    small = argc > 1 && strcmp(argv[1], "small") == 0;
    name = argv[small ? 2 : 1];
    /* Keep freed memory: thousands of short runs would ask the kernel for it each time. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    if (sc_init(&note) != SC_OK) {
        fprintf(stderr, "bits: %s\n", note.detail);
        return 2;
    }
    for (int i = 0; i < sc_op_count; i++)
        if (is_asked(&sc_ops[i], name)) try_op(&sc_ops[i]);
    printf("bits: %d passed, %d failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
