/* batch.h - the way of one batch through the threads: its spans and tasks (batch.c), its
 * workers (workers.c), and who goes it together (together.c). */
#pragma once

#include "op.h"

struct sc_batch {
    struct sc_pass *const *pass; /* that go through it together */
    size_t passes;
    const struct sc_exec *exec;
    const struct sc_call *call; /* of the first: what it says of spans is that of all */
    struct sc_arena arena;      /* of the workers: it goes when the batch is done */
    struct sc_worker *worker;   /* [threads][passes] */
    int threads;
    int64_t tile;             /* positions of a part of a block; 0: nobody takes parts */
    int64_t task;             /* positions of a task */
    int64_t tasks_per_sample; /* without by_element */
};

/* Runs every task of the operations of `pass`. The batch's arena is open, whatever comes back:
 * close it with sc_arena_done. */
enum sc_status sc_batch_run(struct sc_batch *b, const struct sc_exec *exec,
                            struct sc_note *note);

/* Runs it, and adds what each operation has to the state of its pass; each gets its status. */
void sc_batch_walk(struct sc_batch *b, const struct sc_exec *exec);

/* Is the batch, for this operation, not worth a second thread? */
bool sc_is_for_one_thread(const struct sc_pass *pass);

/* ---- workers.c ---- */

/* Makes those of all threads, in the batch's arena. */
enum sc_status sc_workers_new(struct sc_batch *b, struct sc_note *note);

/* Has one of them left a span before its end? */
bool sc_workers_left(const struct sc_batch *b);

/* Adds what the workers of operation i have to the state of its pass, or tells what they found
 * that may not be. */
enum sc_status sc_workers_gather(struct sc_batch *b, size_t i);
