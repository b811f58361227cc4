/* batch.c - one batch: cut into spans, given to workers, their states added. */
#include "op.h"

#include <string.h>

#include "lanes.h"

#define ALONE_WORK 65536 /* values below which a second thread costs more than it gives */

typedef void step_fn(const struct sc_call *call, const struct sc_span *span,
                     struct sc_worker *worker);

struct batch {
    const struct sc_call *call;
    step_fn *step;
    struct sc_worker *worker;
    int64_t tasks_per_sample; /* without by_element */
};

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* The spans of positions [from, to), a block each. */
static void run_blocks(const struct batch *b, struct sc_worker *w, int64_t from, int64_t to)
{
    for (int64_t at = from; at < to; at += SC_BLOCK) {
        const struct sc_span span = {at, min_of(SC_BLOCK, to - at)};

        b->step(b->call, &span, w);
    }
}

static void run_spans(const struct batch *b, struct sc_worker *w, int64_t i)
{
    const struct sc_call *c = b->call;

    if (c->whole_samples) {
        const struct sc_span span = {i * c->positions, c->positions};

        b->step(c, &span, w);
    } else if (c->by_element) {
        const int64_t from = i * SC_TASK_POSITIONS;

        run_blocks(b, w, from, min_of(from + SC_TASK_POSITIONS, c->samples * c->positions));
    } else {
        const int64_t sample = i / b->tasks_per_sample, part = i % b->tasks_per_sample;
        const int64_t start = sample * c->positions, from = part * SC_TASK_POSITIONS;

        run_blocks(b, w, start + from, start + min_of(from + SC_TASK_POSITIONS, c->positions));
    }
}

static void run_task(void *context, int worker, int64_t i)
{
    const struct batch *b = context;
    const struct sc_kernel *kernel = sc_kernel(b->call->op);

    run_spans(b, &b->worker[worker], i);
    if (kernel->flush != NULL) kernel->flush(b->call, &b->worker[worker]);
}

static int64_t count_tasks(struct batch *b)
{
    const struct sc_call *c = b->call;

    b->tasks_per_sample = div_up(c->positions, SC_TASK_POSITIONS);
    if (c->whole_samples) return c->samples;
    if (c->by_element) return div_up(c->samples * c->positions, SC_TASK_POSITIONS);
    return c->samples * b->tasks_per_sample;
}

static int count_threads(const struct sc_exec *exec, const struct sc_call *c, int64_t tasks)
{
    if (exec->threads <= 1 || c->samples * c->positions * c->classes < ALONE_WORK) return 1;
    return (int)min_of(exec->threads, tasks);
}

static enum sc_status new_workers(const struct sc_call *c, const struct sc_exec *exec,
                                  bool states, int threads, struct sc_worker **out,
                                  struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(c->op);
    const size_t scratch = kernel->scratch ? kernel->scratch(c) : 0;
    struct sc_worker *worker = sc_arena_calloc(exec->arena, (size_t)threads, sizeof *worker);

    for (int i = 0; worker != NULL && i < threads; i++) {
        worker[i].scratch = sc_arena_calloc(exec->arena, 1, scratch);
        if (worker[i].scratch == NULL)
            worker = NULL;
        else if (states)
            SC_TRY(sc_state_new(c->params, c->classes, exec->arena, &worker[i].state, note));
    }
    if (worker == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %d threads of %zu bytes each",
                       threads, scratch);
    *out = worker;
    return SC_OK;
}

static enum sc_status run_batch(const struct sc_call *call, step_fn *step, bool states,
                                const struct sc_exec *exec, struct sc_worker **workers,
                                int *threads, struct sc_note *note)
{
    struct batch b = {.call = call, .step = step};
    const int64_t tasks = count_tasks(&b);

    *threads = count_threads(exec, call, tasks);
    SC_TRY(new_workers(call, exec, states, *threads, &b.worker, note));
    *workers = b.worker;
    if (sc_parallel(exec, *threads, tasks, run_task, &b) == SC_OK) return SC_OK;
    return sc_fail(note, SC_STOPPED, NULL, "stopped before the end: deadline, or caller gone");
}

/* The first place over all workers, and how many in all. */
static struct sc_trouble add_troubles(const struct sc_worker *worker, int threads, int input)
{
    struct sc_trouble all = {.status = SC_OK};

    for (int i = 0; i < threads; i++) {
        const struct sc_trouble *t = &worker[i].trouble[input];

        if (t->status == SC_OK) continue;
        if (all.status == SC_OK || t->first < all.first) {
            all.status = t->status;
            all.first = t->first;
            all.value = t->value;
        }
        all.count += t->count;
    }
    return all;
}

static enum sc_status tell_trouble(const struct sc_call *c, int input,
                                   const struct sc_trouble *t, struct sc_note *note)
{
    const char *name = c->op->input[input].name;
    const char *right = t->status == SC_BAD_LABEL ? "labels are" : "values are";
    char pointer[64] = "#/";

    strncat(pointer, name, sizeof pointer - 3);
    if (t->status == SC_BAD_LABEL)
        sc_fail(note, t->status, pointer,
                "label %.17g at index %lld of '%s'; %s 0 to %lld, or an ignored one; %lld such "
                "labels",
                t->value, (long long)t->first, name, right, (long long)c->classes - 1,
                (long long)t->count);
    else
        sc_fail(note, t->status, pointer,
                "value %.17g at index %lld of '%s'; %s from 0 to 1; %lld such values", t->value,
                (long long)t->first, name, right, (long long)t->count);
    if (note != NULL) {
        note->has_value = true;
        note->value = t->value;
        note->index = t->first;
        note->count = t->count;
    }
    return t->status;
}

enum sc_status sc_batch_update(struct sc_call *call, const struct sc_exec *exec,
                               struct sc_state *state, struct sc_note *note)
{
    struct sc_worker *worker;
    int threads;

    SC_TRY(run_batch(call, sc_kernel(call->op)->update, true, exec, &worker, &threads, note));
    for (int input = 0; input < call->op->inputs; input++) {
        const struct sc_trouble t = add_troubles(worker, threads, input);

        if (t.status != SC_OK) return tell_trouble(call, input, &t, note);
    }
    for (int i = 0; i < threads; i++) sc_state_add(state, &worker[i].state);
    return SC_OK;
}

enum sc_status sc_batch_map(struct sc_call *call, const struct sc_exec *exec,
                            int64_t *nonfinite, struct sc_note *note)
{
    struct sc_worker *worker;
    int threads;

    SC_TRY(run_batch(call, sc_kernel(call->op)->map, false, exec, &worker, &threads, note));
    for (int i = 0; i < threads; i++) *nonfinite += worker[i].nonfinite;
    return SC_OK;
}
