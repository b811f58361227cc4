/* near - float32 activations are those of float64, rounded, bit for bit; softmax too.
 *
 *   near [all] [NAME...]      each activation of one value (or those named), at every level
 *
 * `all`: every float32 there is; else one of some thousand, and every one near to where
 * functions bend: small, large, denormal. The approximations of near.h stand or fall with this.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op.h"

#define BATCH ((int64_t)1 << 16) /* arguments of a run */
#define STEP  4099               /* a prime: one of so many */
#define ALONE 8                  /* lanes of the widest vector: no other argument is with it */

static int passed, failed;

/* ---- the work ---- */

static const struct {
    const char *name, *arg, *value; /* of an activation, besides the defaults */
} variants[] = {
    {"gelu", "approximate", "tanh"}, {"elu", "alpha", "0.3"},  {"elu", "alpha", "0"},
    {"elu", "alpha", "-2"},          {"elu", "alpha", "1e30"}, {"elu", "alpha", "1e-300"},
};

struct work {
    const struct sc_op *op;
    const char *arg, *value; /* or NULL */
    bool grad;
    uint64_t other; /* results that are others */
    float first;    /* the argument of the first of them */
};

static void die(const char *what)
{
    fprintf(stderr, "near: %s\n", what);
    exit(1);
}

static void run(const struct work *w, const struct sc_tensor *x, struct sc_arena *arena,
                struct sc_report *report)
{
    struct sc_tensors in = {0};
    struct sc_args args = {0};
    const struct sc_exec exec = {.threads = 1, .arena = arena};

    if (sc_tensors_add(&in, "x", x, arena, NULL) != SC_OK ||
        (w->grad && sc_args_add_raw(&args, "grad", "true", arena, NULL) != SC_OK) ||
        (w->arg != NULL && sc_args_add_raw(&args, w->arg, w->value, arena, NULL) != SC_OK))
        die("no memory");
    if (sc_run(w->op, &in, &args, &exec, report, NULL) != SC_OK) die(w->op->name);
}

static const void *output(const struct sc_report *report, const char *name)
{
    const struct sc_value *value = sc_report_find(report, name);

    if (value == NULL) die("no such output");
    return value->as.tensor.data;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool same(float a, float b)
{
    return a != a ? b != b : bits_of(a) == bits_of(b);
}

static void compare(struct work *w, const float *x, const float *got, const double *want,
                    int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (same(got[i], (float)want[i])) continue;
        if (w->other++ == 0) w->first = x[i];
    }
}

/* Arguments that wait for being tried. */
struct batch {
    float x[BATCH];
    int64_t n;
};

static void flush(struct work *w, struct batch *b)
{
    static const char *const outputs[] = {"y", "grad.x"};
    struct sc_arena arena;
    struct sc_tensor single, wide;
    struct sc_report got, want;

    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    if (sc_tensor_new(&single, SC_FLOAT32, 1, &b->n, &arena, NULL) != SC_OK ||
        sc_tensor_new(&wide, SC_FLOAT64, 1, &b->n, &arena, NULL) != SC_OK)
        die("no memory");
    memcpy(single.data, b->x, (size_t)b->n * sizeof *b->x);
    for (int64_t i = 0; i < b->n; i++) ((double *)wide.data)[i] = (double)b->x[i];
    run(w, &single, &arena, &got);
    run(w, &wide, &arena, &want);
    for (int i = 0; i < 2; i++)
        compare(w, b->x, output(&got, outputs[i]), output(&want, outputs[i]), b->n);
    sc_arena_done(&arena);
    b->n = 0;
}

static void add(struct work *w, struct batch *b, uint32_t bits)
{
    memcpy(&b->x[b->n++], &bits, sizeof bits);
    if (b->n == BATCH) flush(w, b);
}

static void add_all(struct work *w, struct batch *b, bool all)
{
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += all ? 1 : STEP)
        add(w, b, (uint32_t)bits);
    flush(w, b);
    for (uint32_t power = 0; power < 512; power++)
        for (uint32_t i = 0; i < 8 * ALONE; i++) add(w, b, (power << 23) + i / ALONE - 4);
    flush(w, b);
}

static void try_work(struct work *w, bool all)
{
    static struct batch b;

    add_all(w, &b, all);
    if (w->other > 0 || all)
        printf("near: %s%s%s at %s: %" PRIu64 " are others, the first at %a\n", w->op->name,
               w->value ? " " : "", w->value ? w->value : "", sc_isa(), w->other,
               (double)w->first);
    fflush(stdout);
    if (w->other > 0)
        failed++;
    else
        passed++;
}

/* ---- softmax ---- */

static const struct {
    int64_t dim[3]; /* samples, classes, positions; the axis is the second */
    double spread;  /* of the logits; 0: see draw_logit */
} shapes[] = {
    {{2, 19, 4109}, 8},  {{1, 3, 70001}, 1},  {{3, 200, 515}, 200}, {{4096, 32, 1}, 8},
    {{700, 1001, 1}, 8}, {{70, 1000, 1}, 90}, {{9, 65536, 1}, 20},  {{5000, 5, 1}, 8},
    {{1, 9001, 30}, 20}, {{1, 2, 300000}, 0}, {{2, 5, 70000}, 0},
};

static uint64_t seed = 1;

static double draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 33) * 0x1p-31;
}

/* Here and there what is special, and with it a whole position. */
static float draw_logit(double spread)
{
    static const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 0x1p127f, -0x1p127f};

    if (draw() < 0.0005) return special[(int)(draw() * 7)];
    /* next to 0, or so far below that the difference is rounded and its exp not yet 0 */
    if (spread == 0)
        return (float)(draw() < 0.5 ? ldexp(draw() - 0.5, -30 - (int)(draw() * 30))
                                    : -60 - 45 * draw());
    return (float)((draw() - 0.5) * spread);
}

static void try_softmax(size_t shape)
{
    struct work w = {.op = sc_op_find("activations", "softmax"), .arg = "dim", .value = "1"};
    struct sc_arena arena;
    struct sc_tensor single, wide;
    struct sc_report got, want;

    sc_arena_init(&arena, (size_t)256 << 20, NULL);
    if (sc_tensor_new(&single, SC_FLOAT32, 3, shapes[shape].dim, &arena, NULL) != SC_OK ||
        sc_tensor_new(&wide, SC_FLOAT64, 3, shapes[shape].dim, &arena, NULL) != SC_OK)
        die("no memory");
    for (int64_t i = 0; i < single.count; i++) {
        ((float *)single.data)[i] = draw_logit(shapes[shape].spread);
        ((double *)wide.data)[i] = (double)((float *)single.data)[i];
    }
    run(&w, &single, &arena, &got);
    run(&w, &wide, &arena, &want);
    compare(&w, single.data, output(&got, "y"), output(&want, "y"), single.count);
    if (w.other > 0)
        printf("near: softmax %zu at %s: %" PRIu64 " are others\n", shape, sc_isa(), w.other);
    sc_arena_done(&arena);
    if (w.other > 0)
        failed++;
    else
        passed++;
}

/* ---- all of it ---- */

static bool is_named(const char *name, char **names, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return count == 0;
}

/* An activation of one value that needs no parameter. */
static bool is_of_one_value(const struct sc_op *op)
{
    for (int i = 0; i < op->params; i++)
        if (op->param[i].required) return false;
    return op->family == SC_ACTIVATIONS && op->inputs == 1;
}

static void try_all(bool all, char **names, int count)
{
    for (int i = 0; i < sc_op_count; i++) {
        struct work w = {.op = &sc_ops[i], .grad = true};

        if (is_of_one_value(w.op) && is_named(w.op->name, names, count)) try_work(&w, all);
    }
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        struct work w = {.op = sc_op_find("activations", variants[i].name),
                         .grad = true,
                         .arg = variants[i].arg,
                         .value = variants[i].value};

        if (is_named(w.op->name, names, count)) try_work(&w, all);
    }
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (is_named("softmax", names, count)) try_softmax(i);
}

int main(int argc, char **argv)
{
    static const char *const levels[] = {"v1", "v3", "v4", "arm64"};
    const bool all = argc > 1 && strcmp(argv[1], "all") == 0;
    const char *cap = getenv("SC_ISA_MAX");

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if ((cap == NULL || strcmp(cap, levels[i]) == 0) && sc_isa_choose(levels[i]))
            try_all(all, argv + 1 + all, argc - 1 - all);
    printf("near: %d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
