/* batch.c - one batch: cut into spans, given to workers, their states added. */
#include "op.h"

#include "lanes.h"

/* Values below which a second thread costs more than it gives, about 100 us of work: of labels
 * and of losses with one value a position; of all else. */
#define ALONE_SIMPLE (1 << 18)
#define ALONE_WORK   (1 << 16)

/* What a thread takes at once: small enough to stop soon, large enough to be worth taking. */
#define TASK_BLOCKS 16
#define TASK_VALUES ((int64_t)1 << 22)

typedef void step_fn(const struct sc_call *call, const struct sc_span *span,
                     struct sc_worker *worker);

struct batch {
    const struct sc_call *call;
    step_fn *step;
    struct sc_arena arena; /* of the workers: it goes when the batch is done */
    struct sc_worker *worker;
    int threads;
    struct sc_state *state;   /* of the first worker; NULL in map: none have one */
    int64_t task;             /* positions of a task */
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

    if (c->whole_batch) {
        const struct sc_span span = {0, c->samples * c->positions};

        b->step(c, &span, w);
    } else if (c->whole_samples) {
        const struct sc_span span = {i * c->positions, c->positions};

        b->step(c, &span, w);
    } else if (c->by_element) {
        const int64_t from = i * b->task;

        run_blocks(b, w, from, min_of(from + b->task, c->samples * c->positions));
    } else {
        const int64_t sample = i / b->tasks_per_sample, part = i % b->tasks_per_sample;
        const int64_t start = sample * c->positions, from = part * b->task;

        run_blocks(b, w, start + from, start + min_of(from + b->task, c->positions));
    }
}

static void run_task(void *context, int worker, int64_t i)
{
    const struct batch *b = context;

    run_spans(b, &b->worker[worker], i);
}

/* Fewer positions where a position has many values, whole blocks all the same. */
static int64_t task_positions(const struct sc_call *c)
{
    const int64_t values = div_up(c->in[0]->count, c->samples * c->positions);
    const int64_t blocks = TASK_VALUES / SC_BLOCK / (values > 1 ? values : 1);

    if (blocks > TASK_BLOCKS) return TASK_BLOCKS * SC_BLOCK;
    return (blocks > 1 ? blocks : 1) * SC_BLOCK;
}

static int64_t count_tasks(struct batch *b)
{
    const struct sc_call *c = b->call;

    if (c->samples == 0 || c->positions == 0) return 0;
    b->task = task_positions(c);
    b->tasks_per_sample = div_up(c->positions, b->task);
    if (c->whole_batch) return 1;
    if (c->whole_samples) return c->samples;
    if (c->by_element) return div_up(c->samples * c->positions, b->task);
    return c->samples * b->tasks_per_sample;
}

/* A state that is larger than the data costs more than a second thread gives. */
static bool is_large(const struct batch *b)
{
    const struct sc_tensor *data = b->call->in[0];

    return b->state != NULL && b->state->counts * sizeof(int64_t) >
                                   (size_t)data->count * sc_dtype_size(data->dtype);
}

static int64_t alone_work(const struct sc_call *c)
{
    const bool labels = c->op->family == SC_METRICS && !sc_dtype_is_float(c->in[0]->dtype);

    return labels || (c->op->family == SC_LOSSES && c->classes == 1) ? ALONE_SIMPLE
                                                                     : ALONE_WORK;
}

static int count_threads(const struct sc_exec *exec, const struct batch *b, int64_t tasks)
{
    if (exec->threads <= 1 || b->call->in[0]->count < alone_work(b->call)) return 1;
    return is_large(b) ? 1 : (int)min_of(exec->threads, tasks);
}

/* The first worker counts where all is added in the end; the others have states of their own.
 */
static enum sc_status new_state(struct batch *b, int worker, struct sc_note *note)
{
    const struct sc_call *c = b->call;

    if (worker > 0)
        return sc_state_new(c->params, c->classes, &b->arena, &b->worker[worker].state, note);
    b->worker[0].state = *b->state;
    return SC_OK;
}

static enum sc_status new_workers(struct batch *b, struct sc_note *note)
{
    const struct sc_call *c = b->call;
    const struct sc_kernel *kernel = sc_kernel(c->op);
    const size_t scratch = kernel->scratch ? kernel->scratch(c) : 0;

    b->worker = sc_arena_calloc(&b->arena, (size_t)b->threads, sizeof *b->worker);
    for (int i = 0; b->worker != NULL && i < b->threads; i++) {
        struct sc_worker *w = &b->worker[i];

        w->scratch = sc_arena_calloc(&b->arena, 1, scratch);
        if (w->scratch == NULL)
            b->worker = NULL;
        else if (b->state != NULL)
            SC_TRY(new_state(b, i, note));
    }
    if (b->worker != NULL) return SC_OK;
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %d threads of %zu bytes each",
                   b->threads, scratch);
}

/* Runs every task. The batch's arena is open, whatever comes back: close it with batch_done. */
static enum sc_status batch_run(struct batch *b, const struct sc_exec *exec,
                                struct sc_note *note)
{
    const int64_t tasks = count_tasks(b);
    struct sc_arena *arena = exec->arena;

    sc_arena_init(&b->arena, arena->limit - arena->held, arena->budget);
    b->threads = count_threads(exec, b, tasks);
    SC_TRY(new_workers(b, note));
    if (sc_parallel(exec, b->threads, tasks, run_task, b) == SC_OK) return SC_OK;
    return sc_fail(note, SC_STOPPED, NULL, "stopped before the end: deadline, or caller gone");
}

/* Moves what the workers still hold into their states. */
static void flush(struct batch *b)
{
    const struct sc_kernel *kernel = sc_kernel(b->call->op);

    for (int i = 0; kernel->flush != NULL && i < b->threads; i++)
        kernel->flush(b->call, &b->worker[i]);
}

static void batch_done(struct batch *b, struct sc_arena *arena)
{
    arena->over_limit |= b->arena.over_limit;
    sc_arena_done(&b->arena);
}

static enum sc_status update(struct batch *b, const struct sc_exec *exec, struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(b->call->op);

    SC_TRY(batch_run(b, exec, note));
    flush(b);
    SC_TRY(sc_tell_trouble(b->call, b->worker, b->threads, note));
    if (kernel->begin != NULL) kernel->begin(b->call, b->state);
    for (int i = 1; i < b->threads; i++) sc_state_add(b->state, &b->worker[i].state);
    return SC_OK;
}

enum sc_status sc_batch_update(struct sc_call *call, const struct sc_exec *exec,
                               struct sc_state *state, struct sc_note *note)
{
    struct batch b = {.call = call, .step = sc_kernel(call->op)->update, .state = state};
    const enum sc_status status = update(&b, exec, note);

    batch_done(&b, exec->arena);
    return status;
}

enum sc_status sc_batch_map(struct sc_call *call, const struct sc_exec *exec,
                            struct sc_note *note)
{
    struct batch b = {.call = call, .step = sc_kernel(call->op)->map};
    const enum sc_status status = batch_run(&b, exec, note);

    batch_done(&b, exec->arena);
    return status;
}
