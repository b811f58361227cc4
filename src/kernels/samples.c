/* samples.c - a batch sample by sample: each has a state of its own before it joins the others.
 */
#include "samples.h"

#include <string.h>

#define EMPTY_MAX 4096 /* images without pixels: a few bytes can claim any number */

enum sc_status sc_samples_add(struct sc_samples *s, const double row[SC_SAMPLE_VALUES],
                              struct sc_note *note)
{
    double(*more)[SC_SAMPLE_VALUES];

    if (s == NULL) return SC_OK;
    more = sc_arena_grow(s->arena, s->row, s->count, &s->capacity, sizeof *more);
    if (more == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the values of %zu images",
                       s->count + 1);
    s->row = more;
    memcpy(s->row[s->count++], row, sizeof *s->row);
    return SC_OK;
}

/* Sample i of a tensor whose first dimension counts samples. */
static struct sc_tensor view(const struct sc_tensor *t, int64_t samples, int64_t i)
{
    struct sc_tensor part = *t;

    part.count = t->count / samples;
    if (samples > 1) part.dim[0] = 1;
    if (part.count > 0) part.data = (uint8_t *)t->data + (size_t)i * sc_tensor_bytes(&part);
    return part;
}

/* Counts sample i alone, in memory that goes with it. */
static enum sc_status count_sample(const struct sc_call *call, int64_t i,
                                   const struct sc_exec *exec, struct sc_state *state,
                                   struct sc_note *note)
{
    struct sc_call one = *call;
    struct sc_tensor part[SC_INPUTS_MAX];
    struct sc_state alone;

    for (int input = 0; input < call->op->inputs; input++) {
        if (call->in[input] == NULL) continue;
        part[input] = view(call->in[input], call->samples, i);
        one.in[input] = &part[input];
    }
    one.samples = 1;
    SC_TRY(sc_state_new(call->params, call->classes, exec->arena, &alone, note));
    SC_TRY(sc_batch_alone(&one, exec, &alone, note));
    sc_state_add(state, &alone);
    return sc_kernel(call->op)->sample(call->params, &alone, exec->arena, state, note);
}

enum sc_status sc_samples_update(struct sc_call *call, const struct sc_exec *exec,
                                 struct sc_state *state, struct sc_note *note)
{
    enum sc_status status = SC_OK;

    if (call->positions == 0 && call->samples > EMPTY_MAX)
        return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                       "per_image: %lld images without pixels; at most %d",
                       (long long)call->samples, EMPTY_MAX);
    for (int64_t i = 0; status == SC_OK && i < call->samples; i++) {
        struct sc_arena arena;
        struct sc_exec own = *exec;

        sc_arena_child(&arena, exec->arena);
        own.arena = &arena;
        status = count_sample(call, i, &own, state, note);
        sc_arena_child_done(&arena, exec->arena);
    }
    /* the whole batch knows where in it a bad label is, and how many there are */
    return status == SC_BAD_LABEL ? sc_batch_alone(call, exec, state, note) : status;
}
