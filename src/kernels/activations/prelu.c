/* prelu.c - x where x > 0, else w x, with a weight w for all values or for each channel (He et
 * al., arXiv 1502.01852; PyTorch prelu). The gradient by w is the sum of x where it is not
 * above 0: an exact sum, rounded once. */
#include "kinks.h"

enum { COUNT, NONFINITE, COUNTS }; /* counts of the state */
enum { K_COMPAT, K_GRAD };         /* parameters of the row */

struct scratch {
    double x[SC_BLOCK], w[SC_BLOCK], y[SC_BLOCK];
};

static size_t scratch(const struct sc_call *c)
{
    (void)c;
    return sizeof(struct scratch);
}

static void layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums)
{
    *counts = COUNTS;
    *sums = params->value[K_GRAD].boolean ? (size_t)classes : 0;
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    const size_t size = (size_t)c->classes * sizeof(double);
    double *weight = sc_arena_alloc(arena, size);

    if (weight == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for %lld weights",
                       (long long)c->classes);
    for (int64_t k = 0; k < c->classes; k++) weight[k] = 0.25;
    for (int64_t k = 0; c->in[1] != NULL && k < c->classes; k += SC_BLOCK)
        sc_load(c->in[1], k, sc_part_size(c->classes - k, SC_BLOCK), weight + k);
    c->weight = weight;
    return SC_OK;
}

/* The channel of a position, counted through all samples; `end` is where the next begins. */
static int64_t channel_at(const struct sc_call *c, int64_t position, int64_t *end)
{
    const int64_t size = c->positions / c->classes, run = position / size;

    *end = (run + 1) * size;
    return run % c->classes;
}

/* Loads x, and w for each of them; y. */
static void load(const struct sc_call *c, const struct sc_span *span, struct scratch *s)
{
    const int n = (int)span->size;
    const bool pytorch = c->pytorch;
    int64_t end = span->from;

    sc_load(c->in[0], span->from, n, s->x);
    for (int i = 0; i < n;) {
        const double w = c->weight[channel_at(c, span->from + i, &end)];

        for (; i < n && span->from + i < end; i++) s->w[i] = w;
    }
    for (int i = 0; i < n; i++)
        s->y[i] = s->x[i] > 0 ? s->x[i] : leaked(s->x[i], s->w[i], pytorch);
}

/* Adds the slopes by the weights, run by run. */
static void add_slopes(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                       struct sc_exact *sum)
{
    const int n = (int)span->size;

    for (int i = 0; i < n; i++) s->y[i] = s->x[i] > 0 ? 0 : s->x[i];
    for (int i = 0; i < n;) {
        int64_t end;
        const int64_t channel = channel_at(c, span->from + i, &end);
        const int size = sc_part_size(end - span->from - i, n - i);

        sc_exact_add_array(&sum[channel], s->y + i, (size_t)size);
        i += size;
    }
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    load(c, span, s);
    w->state.count[COUNT] += span->size;
    w->state.count[NONFINITE] += sc_count_nonfinite(s->y, (int)span->size);
    if (w->state.sums > 0) add_slopes(c, span, s, w->state.sum);
}

static enum sc_status shape(const struct sc_call *c, int output, int *rank, int64_t *dim)
{
    if (output == SC_OUT_GRAD + 1 && c->in[1] == NULL) {
        *rank = 1;
        dim[0] = 1;
    }
    return SC_OK;
}

static void store_weight_slopes(const struct sc_call *c)
{
    for (int64_t k = 0; k < c->classes; k++) {
        const double slope = sc_exact_round(&c->total->sum[k]);

        sc_store(&c->out[SC_OUT_GRAD + 1], k, 1, &slope);
    }
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    const int n = (int)span->size;

    load(c, span, s);
    sc_store(&c->out[SC_OUT_VALUE], span->from, n, s->y);
    if (!c->wanted[SC_OUT_GRAD]) return;
    for (int i = 0; i < n; i++) s->y[i] = chosen(s->x[i] > 0, s->x[i], 1, s->w[i]);
    sc_store(&c->out[SC_OUT_GRAD], span->from, n, s->y);
    if (span->from == 0) store_weight_slopes(c);
}

static const char *finish(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *report)
{
    const int64_t count = state->count[COUNT], nonfinite = state->count[NONFINITE];

    (void)params;
    if (nonfinite > 0)
        sc_report_warn(report, "nonfinite", "%lld of %lld values are NaN or infinite",
                       (long long)nonfinite, (long long)count);
    return count == 0 ? "empty" : nonfinite > 0 ? "nonfinite" : "ok";
}

SC_KERNEL(activations, prelu)
{
    static const struct sc_kernel kernel = {
        .layout = layout,
        .scratch = scratch,
        .prepare = prepare,
        .update = update,
        .shape = shape,
        .map = map,
        .finish = finish,
    };

    return &kernel;
}
