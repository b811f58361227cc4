/* workers.c - the workers of a batch: one for each thread and operation, made before the spans
 * and added up behind them. */
#include <string.h>

#include "batch.h"
#include "shared.h"

/* Bytes of scratch that are zeroed at once. */
#define ZEROED ((size_t)4 << 20)

static bool wants_softmax(const struct sc_pass *pass)
{
    const struct sc_kernel *kernel = sc_kernel(pass->call.op);

    return pass->by_tile && kernel->wants_softmax != NULL && kernel->wants_softmax(&pass->call);
}

/* The first worker counts where all is added in the end; the others have states of their own.
 */
static enum sc_status new_state(struct sc_batch *b, const struct sc_pass *pass, int thread,
                                struct sc_worker *w, struct sc_note *note)
{
    const struct sc_call *c = &pass->call;

    if (thread > 0) return sc_state_new(c->params, c->classes, &b->arena, &w->state, note);
    w->state = *pass->state;
    return SC_OK;
}

/* Zeroed; fresh memory for a sort of all positions takes seconds. */
static void *new_scratch(struct sc_batch *b, size_t size, struct sc_worker *w)
{
    uint8_t *scratch = sc_arena_alloc(&b->arena, size);
    size_t at = 0, part;

    if (scratch == NULL) return NULL;
    do {
        part = size - at < ZEROED ? size - at : ZEROED;
        memset(scratch + at, 0, part);
        at += part;
    } while (at < size && !sc_leaves(w, SC_ASK_EVERY));
    return scratch;
}

static enum sc_status new_worker(struct sc_batch *b, const struct sc_pass *pass, int thread,
                                 struct sc_worker *w, struct sc_note *note)
{
    const struct sc_kernel *kernel = sc_kernel(pass->call.op);
    const size_t scratch = kernel->scratch ? kernel->scratch(&pass->call) : 0;

    w->exec = b->exec;
    w->scratch = new_scratch(b, scratch, w);
    if (w->scratch == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %d threads of %zu bytes each",
                       b->threads, scratch);
    return pass->state != NULL ? new_state(b, pass, thread, w, note) : SC_OK;
}

/* What all operations of a thread share; none where nobody wants it. */
static enum sc_status new_shared(struct sc_batch *b, struct sc_shared **out,
                                 struct sc_note *note)
{
    const struct sc_call *taker = NULL;
    void *memory;

    *out = NULL;
    for (size_t i = 0; i < b->passes; i++)
        if (wants_softmax(b->pass[i])) taker = &b->pass[i]->call;
    if (taker == NULL) return SC_OK;
    memory = sc_arena_calloc(&b->arena, 1, sc_shared_bytes(taker));
    if (memory == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the softmax of %d threads",
                       b->threads);
    *out = sc_shared_init(taker, memory);
    return SC_OK;
}

static enum sc_status new_thread(struct sc_batch *b, int thread, struct sc_note *note)
{
    struct sc_worker *w = b->worker + (size_t)thread * b->passes;
    struct sc_shared *shared;

    SC_TRY(new_shared(b, &shared, note));
    for (size_t i = 0; i < b->passes; i++) {
        SC_TRY(new_worker(b, b->pass[i], thread, &w[i], note));
        w[i].shared = shared;
    }
    return SC_OK;
}

enum sc_status sc_workers_new(struct sc_batch *b, struct sc_note *note)
{
    b->worker = sc_arena_calloc(&b->arena, (size_t)b->threads * b->passes, sizeof *b->worker);
    if (b->worker == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %d threads", b->threads);
    for (int thread = 0; thread < b->threads; thread++) SC_TRY(new_thread(b, thread, note));
    return SC_OK;
}

bool sc_workers_left(const struct sc_batch *b)
{
    bool left = false;

    for (size_t i = 0; i < (size_t)b->threads * b->passes; i++) left |= b->worker[i].stopped;
    return left;
}

enum sc_status sc_workers_gather(struct sc_batch *b, size_t i)
{
    struct sc_pass *pass = b->pass[i];
    const struct sc_kernel *kernel = sc_kernel(pass->call.op);
    struct sc_worker *w = b->worker + i;
    const size_t threads = (size_t)b->threads, next = b->passes;

    for (size_t t = 0; kernel->flush != NULL && t < threads; t++)
        kernel->flush(&pass->call, &w[t * next]);
    SC_TRY(sc_tell_trouble(&pass->call, w, next, b->threads, &pass->note));
    if (kernel->count_batch != NULL) kernel->count_batch(&pass->call, pass->state);
    for (size_t t = 1; t < threads; t++) sc_state_add(pass->state, &w[t * next].state);
    return SC_OK;
}
