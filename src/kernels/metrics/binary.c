/* binary.c - counts decisions, score > threshold, against targets 0 and 1. */
#include "binary_report.h"

#include "lanes.h"
#include "values.h"

struct scratch {
    double score[SC_BLOCK], target[SC_BLOCK];
    bool ignored[SC_BLOCK];
};

static size_t scratch(const struct sc_call *c)
{
    (void)c;
    return sizeof(struct scratch);
}

/* Marks the targets that are ignored, and makes them 0. */
static void ignore_targets(const struct sc_call *c, struct scratch *s, int n)
{
    const struct sc_param_value *ignore = sc_param(c->params, "ignore_index");

    for (int i = 0; i < n; i++) s->ignored[i] = false;
    for (int k = 0; k < ignore->count; k++) {
        const double value = (double)ignore->integers[k];

        for (int i = 0; i < n; i++) s->ignored[i] |= s->target[i] == value;
    }
    for (int i = 0; i < n; i++) s->target[i] = s->ignored[i] ? 0 : s->target[i];
}

static void count(const struct sc_call *c, const struct scratch *s, int n, int64_t *counts)
{
    const double threshold = sc_param(c->params, "threshold")->real;
    int positive = 0, decided = 0, both = 0, ignored = 0, nan = 0;

    for (int i = 0; i < n; i++) {
        const bool scored = !s->ignored[i];
        const bool decision = scored & (s->score[i] > threshold);

        ignored += s->ignored[i];
        nan += scored & (s->score[i] != s->score[i]);
        positive += s->target[i] == 1;
        decided += decision;
        both += decision & (s->target[i] == 1);
    }
    counts[SC_BINARY_CELL + 3] += both;
    counts[SC_BINARY_CELL + 2] += positive - both;
    counts[SC_BINARY_CELL + 1] += decided - both;
    counts[SC_BINARY_CELL] += n - ignored - positive - decided + both;
    counts[SC_BINARY_IGNORED] += ignored;
    counts[SC_BINARY_NAN] += nan;
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    const int n = (int)span->size;

    sc_load_ahead(c->in[0], span->from, n, s->score);
    sc_load_ahead(c->in[1], span->from, n, s->target);
    ignore_targets(c, s, n);
    sc_check_values(c->domain[1], s->target, span->from, n, &w->trouble[1]);
    count(c, s, n, w->state.count);
}

SC_KERNEL(metrics, binary)
{
    static const struct sc_kernel kernel = {.layout = sc_binary_layout,
                                            .scratch = scratch,
                                            .update = update,
                                            .finish = sc_binary_finish};

    return &kernel;
}
