/* together.c - who goes through a batch together: operations whose spans are cut alike. */
#include <string.h>

#include "batch.h"

/* Are spans of both cut alike, and worth as many threads? */
static bool go_together(const struct sc_pass *p, const struct sc_pass *q)
{
    const struct sc_call *a = &p->call, *b = &q->call;

    return a->in[0]->count == b->in[0]->count && a->samples == b->samples &&
           a->positions == b->positions && a->by_element == b->by_element &&
           a->whole_samples == b->whole_samples && !a->whole_batch && !b->whole_batch &&
           (!a->whole_samples || p->by_tile == q->by_tile) &&
           sc_is_for_one_thread(p) == sc_is_for_one_thread(q);
}

/* Moves those that go with the first behind it; gives how many go together. */
static size_t bring_together(struct sc_pass **pass, size_t passes)
{
    size_t group = 1;

    for (size_t i = 1; i < passes; i++) {
        struct sc_pass *own = pass[i];

        if (!go_together(pass[0], own)) continue;
        memmove(&pass[group + 1], &pass[group], (i - group) * sizeof(struct sc_pass *));
        pass[group++] = own;
    }
    return group;
}

/* Where there is no memory for the workers of all at once, they go one after the other. */
static void walk_together(struct sc_pass *const pass[], size_t passes,
                          const struct sc_exec *exec)
{
    struct sc_batch b = {.pass = pass, .passes = passes};
    bool refused;

    sc_batch_walk(&b, exec);
    refused = pass[0]->status == SC_NO_MEMORY;
    if (refused && passes > 1)
        sc_arena_done(&b.arena); /* one may do with less: nothing was refused for good */
    else
        sc_arena_child_done(&b.arena, exec->arena);
    for (size_t i = 0; refused && passes > 1 && i < passes; i++) {
        pass[i]->note = (struct sc_note){.detail = ""};
        walk_together(&pass[i], 1, exec);
        if (pass[i]->status != SC_OK) return;
    }
}

void sc_batch_update(struct sc_pass *pass[], size_t passes, const struct sc_exec *exec)
{
    size_t group;

    for (size_t i = 0; i < passes; i++) {
        const struct sc_kernel *kernel = sc_kernel(pass[i]->call.op);

        pass[i]->step = kernel->update;
        pass[i]->by_tile = kernel->by_tile;
    }
    for (; passes > 0; pass += group, passes -= group) {
        group = bring_together(pass, passes);
        walk_together(pass, group, exec);
        if (pass[0]->status != SC_OK) return; /* it stands before all that are left */
    }
}

/* ---- one ---- */

enum sc_status sc_batch_alone(const struct sc_call *call, const struct sc_exec *exec,
                              struct sc_state *state, struct sc_note *note)
{
    struct sc_pass one = {.call = *call, .state = state}, *all = &one;

    sc_batch_update(&all, 1, exec);
    if (one.status != SC_OK && note != NULL) *note = one.note;
    return one.status;
}

enum sc_status sc_batch_map(struct sc_call *call, const struct sc_exec *exec,
                            struct sc_note *note)
{
    struct sc_pass one = {.call = *call, .step = sc_kernel(call->op)->map}, *all = &one;
    struct sc_batch b = {.pass = &all, .passes = 1};
    const enum sc_status status = sc_batch_run(&b, exec, note);

    for (int i = 0; status == SC_OK && i < b.threads; i++)
        for (int j = 0; j < SC_OUTPUTS_MAX; j++) call->nonfinite[j] += b.worker[i].nonfinite[j];
    sc_arena_child_done(&b.arena, exec->arena);
    return status;
}
