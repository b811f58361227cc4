/* trouble.c - values that may not be, as the workers found them, told as one. */
#include <stdio.h>

#include "op.h"

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

static enum sc_status tell(const struct sc_call *c, int input, const struct sc_trouble *t,
                           struct sc_note *note)
{
    const char *name = c->op->input[input].name;
    const long long first = t->first, count = t->count;
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/%s", name);
    if (t->status == SC_BAD_LABEL)
        sc_fail(note, t->status, pointer,
                "label %.17g at index %lld of '%s' is none of 0 to %lld; %lld such labels",
                t->value, first, name, (long long)c->labels - 1, count);
    else
        sc_fail(note, t->status, pointer,
                "value %.17g at index %lld of '%s'; probabilities are 0 to 1; %lld such values",
                t->value, first, name, count);
    if (note != NULL) {
        note->has_value = true;
        note->value = t->value;
        note->index = t->first;
        note->count = t->count;
    }
    return t->status;
}

enum sc_status sc_tell_trouble(const struct sc_call *call, const struct sc_worker *worker,
                               int threads, struct sc_note *note)
{
    for (int input = 0; input < call->op->inputs; input++) {
        const struct sc_trouble t = add_troubles(worker, threads, input);

        if (t.status != SC_OK) return tell(call, input, &t, note);
    }
    return SC_OK;
}
