/* growth.c - how time and memory grow with the work.
 *
 *   growth [SECONDS [PATTERN]]      rows of growth.def whose name contains the pattern
 *
 * Prints a line of JSON for each point: the median of the time of the CPU with one thread, and
 * the most bytes that the operation held besides its inputs. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define REPEATS_MAX 64
#define STEP        4

struct growth {
    const char *name, *unit, *family, *op, *args, *pred, *target;
    enum data data;
    int64_t total; /* what / divides; -1: x is the number of batches */
    int64_t from, to;
};

static const struct growth rows[] = {
#define GROWTH(...) {__VA_ARGS__},
#include "growth.def"
#undef GROWTH
};

/* ---- a point of a curve ---- */

/* "float32 1x*x/" for this x. */
static void read_spec(const struct growth *g, const char *text, int64_t x, struct spec *out)
{
    const char *at = strchr(text, ' ');

    *out = (struct spec){.given = at != NULL};
    if (at == NULL || !sc_dtype_find(text, (size_t)(at - text), &out->dtype)) return;
    while (at != NULL) {
        const int64_t size = at[1] == '*'   ? x
                             : at[1] == '/' ? g->total / x
                                            : strtoll(at + 1, NULL, 10);

        out->dim[out->rank++] = size;
        at = strchr(at + 1, 'x');
    }
}

/* num_classes=* for this x. */
static void read_args(const struct growth *g, int64_t x, char *out, size_t size)
{
    const char *star = strchr(g->args, '*');

    if (star == NULL)
        snprintf(out, size, "%s", g->args);
    else
        snprintf(out, size, "%.*s%lld%s", (int)(star - g->args), g->args, (long long)x,
                 star + 1);
}

static int64_t classes_of(const struct growth *g, const struct work *w, int64_t x)
{
    if (strcmp(g->unit, "classes") == 0) return x;
    return w->input[0].rank > 2 && sc_dtype_is_float(w->input[0].dtype) ? w->input[0].dim[1]
                                                                        : 11;
}

struct point {
    struct work work;
    char args_text[128];
    struct sc_arena arena;
    struct sc_tensors in;
    struct sc_args args;
    int64_t pieces;
    size_t held; /* the most bytes of one run */
};

static void open_point(struct point *p, const struct growth *g, int64_t x)
{
    *p = (struct point){.pieces = g->total < 0 ? x : 0};
    read_args(g, x, p->args_text, sizeof p->args_text);
    p->work = (struct work){.set = "growth",
                            .op = sc_op_find(g->family, g->op),
                            .args = p->args_text,
                            .data = g->data};
    read_spec(g, g->pred, x, &p->work.input[0]);
    read_spec(g, g->target, x, &p->work.input[1]);
    p->work.labels = classes_of(g, &p->work, x);
    sc_arena_init(&p->arena, (size_t)8 << 30, NULL);
    make_inputs(&p->work, &p->arena, &p->in);
    add_args(&p->work, &p->arena, &p->args);
}

/* Batch i of so many: a part of the first dimension of each input. */
static void take_piece(const struct point *p, int64_t i, struct sc_tensors *out,
                       struct sc_named_tensor *item)
{
    *out = p->in;
    out->item = item;
    for (size_t k = 0; k < p->in.count; k++) {
        struct sc_tensor *t = &item[k].tensor;

        item[k] = p->in.item[k];
        t->dim[0] /= p->pieces;
        t->count /= p->pieces;
        t->data = (uint8_t *)t->data + (size_t)(i * t->count) * sc_dtype_size(t->dtype);
    }
}

static enum sc_status run_in_pieces(struct point *p, struct sc_arena *arena,
                                    struct sc_budget *budget, struct sc_report *report,
                                    struct sc_note *note)
{
    struct sc_named_tensor item[INPUTS_MAX];
    struct sc_eval *eval;
    struct sc_tensors in;

    SC_TRY(sc_eval_new(p->work.op, &p->args, arena, &eval, note));
    for (int64_t i = 0; i < p->pieces; i++) {
        struct sc_arena scratch;
        const struct sc_exec exec = {.threads = 1, .arena = &scratch};
        enum sc_status status;

        take_piece(p, i, &in, item);
        sc_arena_init(&scratch, (size_t)4 << 30, budget);
        status = sc_eval_update(eval, &in, &exec, note);
        sc_arena_done(&scratch);
        SC_TRY(status);
    }
    return sc_eval_finish(eval, report, note);
}

/* Seconds of one run; a negative number: refused. */
static double run_once(struct point *p, struct sc_note *note)
{
    struct sc_budget budget = {.limit = (size_t)8 << 30};
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = 1, .arena = &arena};
    struct sc_report report;
    enum sc_status status;
    double began, time;

    sc_arena_init(&arena, (size_t)4 << 30, &budget);
    began = seconds(1);
    status = p->pieces > 0 ? run_in_pieces(p, &arena, &budget, &report, note)
                           : sc_run(p->work.op, &p->in, &p->args, &exec, &report, note);
    time = seconds(1) - began;
    p->held = budget.peak;
    sc_arena_done(&arena);
    return status == SC_OK ? time : -1;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool measure(const struct growth *g, int64_t x, double wanted)
{
    static double time[REPEATS_MAX];
    struct sc_note note = {0};
    struct point p;
    double until;
    int n = 0;

    open_point(&p, g, x);
    if (run_once(&p, &note) < 0) {
        fprintf(stderr, "growth: %s, %lld: %s\n", g->name, (long long)x, note.detail);
        sc_arena_done(&p.arena);
        return false;
    }
    until = seconds(0) + wanted;
    while (n < REPEATS_MAX && (n < 3 || seconds(0) < until)) {
        time[n] = run_once(&p, NULL);
        if (time[n++] < 0) break;
    }
    qsort(time, (size_t)n, sizeof time[0], ascending);
    if (time[0] < 0) {
        fprintf(stderr, "growth: %s, %lld: refused\n", g->name, (long long)x);
        sc_arena_done(&p.arena);
        return false;
    }
    printf(
        "{\"name\": \"%s\", \"unit\": \"%s\", \"x\": %lld, \"seconds\": %.4g, \"held\": %zu, "
        "\"bytes\": %zu}\n",
        g->name, g->unit, (long long)x, time[n / 2], p.held, bytes_of(&p.in));
    fflush(stdout);
    sc_arena_done(&p.arena);
    return true;
}

int main(int argc, char **argv)
{
    struct sc_note note;
    const double wanted = argc > 1 ? atof(argv[1]) : 0.3;
    bool well = true;

    /* Keep freed memory: a fresh page costs more than most operations on it. */
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    if (sc_init(&note) != SC_OK) {
        fprintf(stderr, "growth: %s\n", note.detail);
        return 2;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct growth *g = &rows[i];

        if (argc > 2 && strstr(g->name, argv[2]) == NULL) continue;
        for (int64_t x = g->from; x <= g->to; x *= STEP) well &= measure(g, x, wanted);
    }
    return !well;
}
