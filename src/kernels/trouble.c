/* trouble.c - values that may not be, as the workers found them, told as one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "label_map.h"
#include "op.h"

/* What is told of each domain. */
static const struct {
    enum sc_status status;
    const char *noun, *wrong;
} domains[] = {
    [SC_LABEL] = {SC_BAD_LABEL, "label", "is none of"},
    [SC_PROBABILITY] = {SC_BAD_PROBABILITY, "value", "is no probability, 0 to 1"},
    [SC_SIGN] = {SC_BAD_LABEL, "label", "is neither -1 nor 1"},
    [SC_BINARY] = {SC_BAD_LABEL, "label", "is neither 0 nor 1"},
    [SC_NONNEGATIVE] = {SC_BAD_VALUE, "value", "is negative"},
    [SC_SCORED] = {SC_BAD_LABEL, "label", "is ignored, which pred_ignored=error refuses"},
};

/* The first place over all workers, and how many in all. */
static struct sc_trouble add_troubles(const struct sc_worker *worker, size_t apart, int threads,
                                      int input)
{
    struct sc_trouble all = {.domain = SC_ANY};

    for (int i = 0; i < threads; i++) {
        const struct sc_trouble *t = &worker[(size_t)i * apart].trouble[input];

        if (t->domain == SC_ANY) continue;
        if (all.domain == SC_ANY || t->first < all.first) {
            all.domain = t->domain;
            all.first = t->first;
            all.value = t->value;
        }
        all.count += t->count;
    }
    return all;
}

/* The value as its tensor has it: labels past 2^53 are no doubles. */
static void value_text(char text[SC_NUMBER_TEXT], const struct sc_tensor *t,
                       const struct sc_trouble *trouble)
{
    if (t->dtype == SC_UINT64)
        snprintf(text, SC_NUMBER_TEXT, "%" PRIu64, ((const uint64_t *)t->data)[trouble->first]);
    else if (t->dtype == SC_INT64)
        snprintf(text, SC_NUMBER_TEXT, "%" PRId64, ((const int64_t *)t->data)[trouble->first]);
    else
        sc_number_text(text, trouble->value);
}

static bool is_mapped(const struct sc_call *c, int input)
{
    return c->op->family == SC_METRICS && sc_label_map_of(c->params, input == 1)->set;
}

/* The labels that there are; a map may have led past them. */
static void range_text(const struct sc_call *c, int input, char *text, size_t size)
{
    snprintf(text, size, " 0 to %lld%s", (long long)c->labels - 1,
             is_mapped(c, input) ? ", nor is what the label map makes of it" : "");
}

/* What would be right, where the labels are those of another encoding. */
static const char *encoding_advice(const struct sc_call *c, const struct sc_trouble *t)
{
    if (t->value != 0) return "";
    return sc_param_find(c->op, "label_encoding") != NULL ? "; 0 and 1 are label_encoding=01"
                                                          : "; send -1 for 0";
}

/* A label that is no class is left out by ignore_index; other labels take more classes. */
static const char *label_advice(const struct sc_call *c, int input, const char *value,
                                const struct sc_trouble *t, char *text, size_t size)
{
    const struct sc_param *ignore = input == 1 ? sc_param_find(c->op, "ignore_index") : NULL;
    const bool counted = sc_param_find(c->op, "num_classes") != NULL;

    *text = '\0';
    if (ignore != NULL && t->value > ignore->min && t->value < ignore->max)
        snprintf(text, size, "; if it is no class, ignore_index=%s leaves it out%s", value,
                 counted && t->value >= 0 ? "; if it is one, num_classes is too small" : "");
    else if (counted && t->value >= 0)
        snprintf(text, size, "; num_classes is one more than the largest label");
    return text;
}

static const char *advice(const struct sc_call *c, int input, const char *value,
                          const struct sc_trouble *t, char *text, size_t size)
{
    if (t->domain == SC_SIGN) return encoding_advice(c, t);
    if (t->domain != SC_LABEL || is_mapped(c, input)) return "";
    return label_advice(c, input, value, t, text, size);
}

static enum sc_status tell(const struct sc_call *c, int input, const struct sc_trouble *t,
                           struct sc_note *note)
{
    const char *name = c->op->input[input].name, *noun = domains[t->domain].noun;
    char range[96] = "", value[SC_NUMBER_TEXT], more[128];

    if (t->domain == SC_LABEL) range_text(c, input, range, sizeof range);
    value_text(value, c->in[input], t);
    sc_fail_input(note, domains[t->domain].status, name,
                  "%s %s at index %lld of '%s' %s%s; %lld such %ss%s", noun, value,
                  (long long)t->first, name, domains[t->domain].wrong, range,
                  (long long)t->count, noun, advice(c, input, value, t, more, sizeof more));
    if (note != NULL) {
        note->has_value = true;
        note->value = t->value;
        snprintf(note->exact, sizeof note->exact, "%s", value);
        note->index = t->first;
        note->count = t->count;
    }
    return domains[t->domain].status;
}

enum sc_status sc_tell_trouble(const struct sc_call *call, const struct sc_worker *worker,
                               size_t apart, int threads, struct sc_note *note)
{
    for (int input = 0; input < call->op->inputs; input++) {
        const struct sc_trouble t = add_troubles(worker, apart, threads, input);

        if (t.domain != SC_ANY) return tell(call, input, &t, note);
    }
    return SC_OK;
}
