/* kernels.c - how fast every operation is, and how near to the memory of this machine.
 *
 *   kernels [OPTION...] [PATTERN...]      names that contain one of the patterns; none: all
 *     --quick            one thread, the best level, few seconds: does it work at all?
 *     --threads 1,2      --isa v3,v4       --seconds 0.3 (of each measurement)
 *     --table            also the whole table of operations, not the named work alone
 *     --list             names alone
 *     --steps FOLDER     for peers.py: see `steps`
 *
 * Prints a line of JSON for each measurement. Every repetition of an operation follows one of
 * the limit, reading (or, where it writes, copying) the same bytes with as many threads:
 * `share` is the median of the ratios of neighbours. Of one thread the time is that of the CPU,
 * so that other load on the machine disturbs less. Memory is touched before and kept. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define REPEATS_MAX 400

struct options {
    bool quick, table, list;
    double seconds;
    const char *threads, *isa, *steps;
    char **pattern;
    int patterns;
};

static int passed, failed;

/* ---- a measurement ---- */

struct bench {
    const struct work *work;
    struct sc_arena arena;
    struct sc_tensors in;
    struct sc_args args;
    struct sc_args own[1 + OPS_MAX]; /* those that each operation has */
    struct limit limit;
};

/* Bytes of the tensors of a report: what the operation wrote. */
static size_t written(const struct sc_report *r)
{
    size_t bytes = 0;

    for (size_t i = 0; i < r->count; i++)
        if (r->value[i].kind == SC_VALUE_TENSOR)
            bytes += sc_tensor_bytes(&r->value[i].as.tensor);
    return bytes;
}

/* Those of the parameters that an operation has. */
static void pick_args(const struct sc_op *op, const struct sc_args *all, struct bench *b,
                      struct sc_args *own)
{
    *own = (struct sc_args){.count = 0};
    for (size_t i = 0; i < all->count; i++)
        for (int p = 0; p < op->params; p++)
            if (strcmp(op->param[p].name, all->item[i].name) == 0 &&
                sc_args_add(own, &all->item[i], &b->arena, NULL) != SC_OK)
                out_of_memory();
}

/* The operations of a request; inputs are those that all have. */
static size_t make_jobs(struct bench *b, struct sc_job *job, struct sc_report *report)
{
    const struct work *w = b->work;
    size_t jobs = 0;

    for (const struct sc_op *op = w->op; op != NULL; op = w->more[jobs - 1]) {
        job[jobs] = (struct sc_job){op, &b->in, &b->own[jobs], &report[jobs]};
        jobs++;
    }
    return jobs;
}

/* Seconds of one run; a negative number: refused. */
static double run_once(struct bench *b, int threads, size_t *bytes_out, struct sc_note *note)
{
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = threads, .arena = &arena};
    struct sc_report report[1 + OPS_MAX] = {0};
    struct sc_job job[1 + OPS_MAX];
    enum sc_status status;
    double began, time;
    size_t which, jobs = make_jobs(b, job, report);

    sc_arena_init(&arena, (size_t)4 << 30, NULL);
    began = seconds(threads);
    status = sc_run_all(job, jobs, &exec, &which, note);
    time = seconds(threads) - began;
    if (status == SC_OK && bytes_out != NULL) *bytes_out = written(report);
    sc_arena_done(&arena);
    return status == SC_OK ? time : -1;
}

/* Makes the inputs and runs once. */
static bool open_bench(struct bench *b, const struct work *w)
{
    struct sc_note note = {0};
    size_t out = 0;

    *b = (struct bench){.work = w};
    sc_arena_init(&b->arena, (size_t)8 << 30, NULL);
    make_inputs(w, &b->arena, &b->in);
    add_args(w, &b->arena, &b->args);
    pick_args(w->op, &b->args, b, &b->own[0]);
    for (int i = 0; w->more[i] != NULL; i++) pick_args(w->more[i], &b->args, b, &b->own[i + 1]);
    b->limit.in = &b->in;
    if (run_once(b, 1, &out, &note) < 0) {
        fprintf(stderr, "kernels: %s: %s\n", w->name, note.detail);
        failed++;
        return false;
    }
    /* a small tensor beside a sum is none of the work */
    if (out * 4 < bytes_of(&b->in)) return true;
    b->limit.copied = out < bytes_of(&b->in) ? out : bytes_of(&b->in);
    b->limit.out = sc_arena_alloc(&b->arena, bytes_of(&b->in));
    if (b->limit.out == NULL) out_of_memory();
    memset(b->limit.out, 1, bytes_of(&b->in));
    return true;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, ascending);
    return x[n / 2]; /* n is 3 at least */
}

static void print_spec(const struct bench *b)
{
    for (size_t i = 0; i < b->in.count; i++) {
        const struct sc_tensor *t = &b->in.item[i].tensor;
        char shape[128];

        printf("%s\"%s\": \"%s %s\"", i ? ", " : "", b->in.item[i].name,
               sc_dtype_name(t->dtype), sc_tensor_shape_text(t, shape, sizeof shape));
    }
}

static void print_result(const struct bench *b, int threads, double *time, double *limit,
                         double *share, int n)
{
    const double bytes = (double)bytes_of(&b->in);
    const double run = median(time, n), best = time[0], bound = median(limit, n);

    printf("{\"name\": \"%s\", \"set\": \"%s\", \"op\": \"%s/%s\", \"args\": \"%s\", "
           "\"inputs\": {",
           b->work->name, b->work->set, sc_family_name(b->work->op->family), b->work->op->name,
           b->work->args);
    print_spec(b);
    printf("}, \"isa\": \"%s\", \"threads\": %d, \"repeats\": %d, \"bytes\": %.0f, "
           "\"elements\": %lld, \"seconds\": %.4g, \"best\": %.4g, \"gb_per_s\": %.4g, "
           "\"elements_per_s\": %.4g, \"limit\": \"%s\", \"limit_gb_per_s\": %.4g, "
           "\"share\": %.4g}\n",
           sc_isa(), threads, n, bytes, (long long)b->in.item[0].tensor.count, run, best,
           bytes / run * 1e-9, (double)b->in.item[0].tensor.count / run,
           b->limit.copied ? "copy" : "read", bytes / bound * 1e-9, median(share, n));
    fflush(stdout);
}

/* The limit and the operation in turn, for so long. */
static void measure(struct bench *b, int threads, double wanted)
{
    static double time[REPEATS_MAX], limit[REPEATS_MAX], share[REPEATS_MAX];
    const double until = seconds(0) + wanted;
    int n = 0;

    b->limit.threads = threads;
    limit_run(&b->limit);
    run_once(b, threads, NULL, NULL);
    while (n < REPEATS_MAX && (n < 3 || seconds(0) < until)) {
        limit[n] = limit_run(&b->limit);
        time[n] = run_once(b, threads, NULL, NULL);
        share[n] = limit[n] / time[n];
        n++;
    }
    print_result(b, threads, time, limit, share, n);
    passed++;
}

/* ---- lists ---- */

/* Is it one of a list with commas? */
static bool is_listed(const char *list, const char *word)
{
    const size_t size = strlen(word);

    for (const char *at = list; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, word, size) == 0 && (at[size] == ',' || at[size] == '\0')) return true;
    return false;
}

static void measure_all(const struct work *w, const struct options *o)
{
    static const char *const levels[] = {"v1", "v3", "v4", "arm64"};
    struct bench b;

    if (open_bench(&b, w)) {
        for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
            const bool best = o->isa == NULL;

            if (best) sc_init(NULL);
            if (!best && (!is_listed(o->isa, levels[l]) || !sc_isa_choose(levels[l]))) continue;
            for (const char *t = o->threads; t != NULL;
                 t = strchr(t, ',') ? strchr(t, ',') + 1 : NULL)
                measure(&b, atoi(t), o->seconds);
            if (best) break;
        }
        sc_init(NULL);
    }
    sc_arena_done(&b.arena);
}

/* ---- steps, for a peer that takes turns ---- */

static void write_inputs(const struct bench *b, const char *folder)
{
    char path[300];

    for (size_t i = 0; i < b->in.count; i++) {
        const struct sc_tensor *t = &b->in.item[i].tensor;
        FILE *f;

        snprintf(path, sizeof path, "%s/%s", folder, b->in.item[i].name);
        f = fopen(path, "wb");
        if (f == NULL ||
            fwrite(t->data, sc_dtype_size(t->dtype), (size_t)t->count, f) != (size_t)t->count)
            fprintf(stderr, "kernels: cannot write %s\n", path);
        if (f != NULL) fclose(f);
    }
}

/* Writes the inputs as bytes to a file each and prints them; then a line with a number of
 * threads asks for one run, and is answered with the seconds of the limit and of the run. */
static void steps(const struct work *w, const char *folder)
{
    struct bench b;
    char line[32];

    if (!open_bench(&b, w)) return;
    write_inputs(&b, folder);
    printf("{");
    print_spec(&b);
    printf("}\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        b.limit.threads = atoi(line);
        if (b.limit.threads < 1) break;
        printf("%.9f ", limit_run(&b.limit));
        printf("%.9f\n", run_once(&b, b.limit.threads, NULL, NULL));
        fflush(stdout);
    }
    sc_arena_done(&b.arena);
}

/* ---- */

static bool is_wanted(const struct work *w, const struct options *o)
{
    if (!o->table && strcmp(w->set, "table") == 0) return false;
    for (int i = 0; i < o->patterns; i++)
        if (strstr(w->name, o->pattern[i]) != NULL) return true;
    return o->patterns == 0;
}

static void read_options(int argc, char **argv, struct options *o)
{
    *o = (struct options){.seconds = 0.3, .threads = "1,2"};
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--quick") == 0)
            o->quick = true, o->seconds = 0, o->threads = "1";
        else if (strcmp(argv[i], "--table") == 0)
            o->table = true;
        else if (strcmp(argv[i], "--list") == 0)
            o->list = true;
        else if (strcmp(argv[i], "--threads") == 0)
            o->threads = next, i++;
        else if (strcmp(argv[i], "--isa") == 0)
            o->isa = next, i++;
        else if (strcmp(argv[i], "--seconds") == 0)
            o->seconds = atof(next), i++;
        else if (strcmp(argv[i], "--steps") == 0)
            o->steps = next, i++;
        else {
            o->pattern = argv + i;
            o->patterns = argc - i;
            break;
        }
    }
}

int main(int argc, char **argv)
{
    struct sc_note note;
    struct options o;
    struct work w;

    read_options(argc, argv, &o);
    /* Keep freed memory: a fresh page costs more than most operations on it. */
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    if (sc_init(&note) != SC_OK) {
        fprintf(stderr, "kernels: %s\n", note.detail);
        return 2;
    }
    for (int i = 0; work_name(i, &w); i++) {
        if (!is_wanted(&w, &o) || !work_make(i, &w)) continue;
        if (o.list)
            puts(w.name);
        else if (o.steps != NULL)
            steps(&w, o.steps);
        else
            measure_all(&w, &o);
    }
    if (o.quick) printf("kernels: %d passed, %d failed\n", passed, failed);
    return failed > 0;
}
