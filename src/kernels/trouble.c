/* trouble.c - values that may not be, as the workers found them, told as one. */
#include <stdio.h>

#include "op.h"

/* What is told of each rule. */
static const struct {
    enum sc_status status;
    const char *noun, *wrong;
} rules[] = {
    [SC_LABEL] = {SC_BAD_LABEL, "label", "is none of"},
    [SC_PROBABILITY] = {SC_BAD_PROBABILITY, "value", "is no probability, 0 to 1"},
    [SC_SIGN] = {SC_BAD_LABEL, "label", "is neither -1 nor 1"},
    [SC_BINARY] = {SC_BAD_LABEL, "label", "is neither 0 nor 1"},
    [SC_NONNEGATIVE] = {SC_BAD_VALUE, "value", "is negative"},
};

/* The first place over all workers, and how many in all. */
static struct sc_trouble add_troubles(const struct sc_worker *worker, int threads, int input)
{
    struct sc_trouble all = {.rule = SC_ANY};

    for (int i = 0; i < threads; i++) {
        const struct sc_trouble *t = &worker[i].trouble[input];

        if (t->rule == SC_ANY) continue;
        if (all.rule == SC_ANY || t->first < all.first) {
            all.rule = t->rule;
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
    const char *name = c->op->input[input].name, *noun = rules[t->rule].noun;
    char pointer[64], range[64] = "";

    snprintf(pointer, sizeof pointer, "#/%s", name);
    if (t->rule == SC_LABEL)
        snprintf(range, sizeof range, " 0 to %lld", (long long)c->labels - 1);
    sc_fail(note, rules[t->rule].status, pointer,
            "%s %.17g at index %lld of '%s' %s%s; %lld such %ss", noun, t->value,
            (long long)t->first, name, rules[t->rule].wrong, range, (long long)t->count, noun);
    if (note != NULL) {
        note->has_value = true;
        note->value = t->value;
        note->index = t->first;
        note->count = t->count;
    }
    return rules[t->rule].status;
}

enum sc_status sc_tell_trouble(const struct sc_call *call, const struct sc_worker *worker,
                               int threads, struct sc_note *note)
{
    for (int input = 0; input < call->op->inputs; input++) {
        const struct sc_trouble t = add_troubles(worker, threads, input);

        if (t.rule != SC_ANY) return tell(call, input, &t, note);
    }
    return SC_OK;
}
