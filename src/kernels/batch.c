/* batch.c - one batch: cut into spans, given to workers, their states added. Each span is given
 * to one operation after the other while it is in the nearest caches, and each tile of class
 * values while it is in the nearest. */
#include "batch.h"

#include "lanes.h"
#include "shared.h"

/* Values below which a second thread costs more than it gives, about 100 us of work: of labels
 * and of losses with one value a position; of all else. */
#define ALONE_SIMPLE (1 << 18)
#define ALONE_WORK   (1 << 16)

/* What a thread takes at once: small enough to stop soon, large enough to be worth taking. */
#define TASK_BLOCKS 16
#define TASK_VALUES ((int64_t)1 << 22)

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* ---- spans ---- */

/* A span to each of the operations that take spans so, by tiles or not; `w` are the workers of
 * one thread. */
static void step(const struct sc_batch *b, struct sc_worker *w, bool by_tile,
                 const struct sc_span *span)
{
    for (size_t i = 0; i < b->passes; i++)
        if (b->pass[i]->by_tile == by_tile) b->pass[i]->step(&b->pass[i]->call, span, &w[i]);
}

static void run_whole(const struct sc_batch *b, struct sc_worker *w, int64_t from, int64_t size)
{
    step(b, w, false, &(struct sc_span){from, size, 0, size});
}

/* A block in parts to those that take it so, and whole to the others. */
static void run_block(const struct sc_batch *b, struct sc_worker *w, int64_t from, int64_t size)
{
    for (int64_t at = 0; b->tile > 0 && at < size; at += b->tile)
        step(b, w, true, &(struct sc_span){from + at, min_of(b->tile, size - at), at, size});
    run_whole(b, w, from, size);
}

/* The spans of positions [from, to), a block each. */
static void run_blocks(const struct sc_batch *b, struct sc_worker *w, int64_t from, int64_t to)
{
    for (int64_t at = from; at < to && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK)
        run_block(b, w, at, min_of(SC_BLOCK, to - at));
}

static void run_spans(const struct sc_batch *b, struct sc_worker *w, int64_t i)
{
    const struct sc_call *c = b->call;

    if (c->whole_batch) {
        run_whole(b, w, 0, c->samples * c->positions);
    } else if (c->whole_samples && b->tile > 0) {
        run_blocks(b, w, i * c->positions, (i + 1) * c->positions);
    } else if (c->whole_samples) {
        run_whole(b, w, i * c->positions, c->positions);
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
    const struct sc_batch *b = context;

    run_spans(b, b->worker + (size_t)worker * b->passes, i);
}

/* ---- tasks ---- */

/* Fewer positions where a position has many values, or goes to many operations; whole blocks
 * all the same. */
static int64_t task_positions(const struct sc_batch *b)
{
    const struct sc_call *c = b->call;
    const int64_t values = div_up(c->in[0]->count, c->samples * c->positions);
    const int64_t each = (values > 1 ? values : 1) * (int64_t)b->passes;
    const int64_t blocks = TASK_VALUES / SC_BLOCK / each;

    if (blocks > TASK_BLOCKS) return TASK_BLOCKS * SC_BLOCK;
    return (blocks > 1 ? blocks : 1) * SC_BLOCK;
}

static int64_t count_tasks(struct sc_batch *b)
{
    const struct sc_call *c = b->call;

    if (c->samples == 0 || c->positions == 0) return 0;
    b->task = task_positions(b);
    b->tasks_per_sample = div_up(c->positions, b->task);
    if (c->whole_batch) return 1;
    if (c->whole_samples) return c->samples;
    if (c->by_element) return div_up(c->samples * c->positions, b->task);
    return c->samples * b->tasks_per_sample;
}

/* A state that is larger than the data costs more than a second thread gives. */
static bool is_large(const struct sc_pass *pass)
{
    const struct sc_tensor *data = pass->call.in[0];

    return pass->state != NULL && pass->state->counts * sizeof(int64_t) > sc_tensor_bytes(data);
}

static int64_t alone_work(const struct sc_call *c)
{
    const bool labels = c->op->family == SC_METRICS && !sc_dtype_is_float(c->in[0]->dtype);

    return labels || (c->op->family == SC_LOSSES && c->classes == 1) ? ALONE_SIMPLE
                                                                     : ALONE_WORK;
}

bool sc_is_for_one_thread(const struct sc_pass *pass)
{
    return pass->call.in[0]->count < alone_work(&pass->call) || is_large(pass);
}

static int count_threads(const struct sc_exec *exec, const struct sc_batch *b, int64_t tasks)
{
    if (exec->threads <= 1 || sc_is_for_one_thread(b->pass[0])) return 1;
    return (int)min_of(exec->threads, tasks);
}

/* ---- tiles ---- */

/* Labels have no tiles: their blocks stay whole. */
static int64_t tile_width(const struct sc_call *c)
{
    const bool labels = c->classes > 1 && c->in[0]->count == c->samples * c->positions;

    return labels ? SC_BLOCK : sc_tile_width(c);
}

/* The narrowest tile of those that take parts of blocks. */
static int64_t tile_of(const struct sc_batch *b)
{
    int64_t tile = 0;

    for (size_t i = 0; i < b->passes; i++) {
        const int64_t own = b->pass[i]->by_tile ? tile_width(&b->pass[i]->call) : 0;

        if (own > 0) tile = tile > 0 ? min_of(tile, own) : own;
    }
    return tile;
}

/* ---- all ---- */

enum sc_status sc_batch_run(struct sc_batch *b, const struct sc_exec *exec,
                            struct sc_note *note)
{
    int64_t tasks;

    b->exec = exec;
    b->call = &b->pass[0]->call;
    tasks = count_tasks(b);
    b->tile = tile_of(b);
    sc_arena_child(&b->arena, exec->arena);
    b->threads = count_threads(exec, b, tasks);
    SC_TRY(sc_workers_new(b, note));
    if (sc_parallel(exec, b->threads, tasks, run_task, b) == SC_OK && !sc_workers_left(b))
        return SC_OK;
    return sc_fail(note, SC_STOPPED, NULL, "stopped before the end: deadline, or caller gone");
}

void sc_batch_walk(struct sc_batch *b, const struct sc_exec *exec)
{
    struct sc_pass *first = b->pass[0];

    first->status = sc_batch_run(b, exec, &first->note);
    if (first->status != SC_OK) return;
    for (size_t i = 0; i < b->passes; i++) b->pass[i]->status = sc_workers_gather(b, i);
}
