/* lovasz_hinge.c - Lovasz hinge of binary logits (Berman et al., arXiv 1705.08790; their
 * lovasz_hinge): errors 1 - x s, s = -1 or 1, where they are above 0. */
#include "lovasz.h"

struct scratch {
    struct sc_ranking rank;
    double *x; /* [places]: values, then their slopes */
    int32_t *code;
};

static size_t scratch(const struct sc_call *c)
{
    const size_t each = SC_RANKING_BYTES + sizeof(double) + sizeof(int32_t);

    return sizeof(struct scratch) + (size_t)sc_lovasz_places(c) * each;
}

static struct scratch *lay_out(const struct sc_call *c, struct sc_worker *w)
{
    const int64_t places = sc_lovasz_places(c);
    struct scratch *s = w->scratch;

    s->x = (double *)(s + 1);
    s->code = sc_ranking_init(&s->rank, places, s->x + places);
    return s;
}

static void load(const struct sc_call *c, const struct sc_span *span, double *x,
                 struct sc_worker *w)
{
    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK)
        sc_load(c->in[0], span->from + at, sc_part_size(span->size - at, SC_BLOCK), x + at);
}

/* The loss of a span; x becomes its slopes. */
static double score(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                    int64_t *nonfinite, struct sc_worker *w)
{
    struct sc_exact sum;
    int64_t truth = 0;

    sc_exact_zero(&sum);
    s->rank.count = 0;
    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        const int n = sc_part_size(span->size - at, SC_BLOCK);
        double error[SC_BLOCK];

        for (int i = 0; i < n; i++) {
            const int32_t code = s->code[at + i];
            const double own = code == 1 ? 1 - s->x[at + i] : 1 + s->x[at + i];

            error[i] = code < c->labels ? own : 0;
            truth += code == 1;
            *nonfinite += !(error[i] < HUGE_VAL);
        }
        sc_ranking_add(&s->rank, error, at, n);
        memset(s->x + at, 0, (size_t)n * sizeof *s->x);
    }
    sc_lovasz(&s->rank, s->code, 1, truth, s->x, &sum, w);
    return sc_exact_round(&sum);
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);
    struct sc_state *state = &w->state;
    const int64_t counted = sc_lovasz_codes(c, span, s->code, w);

    state->count[SC_LOSS_COUNT] += counted;
    state->count[SC_LOSS_IGNORED] += span->size - counted;
    if (counted == 0) return;
    load(c, span, s->x, w);
    sc_exact_add(&state->sum[0], score(c, span, s, &state->count[SC_LOSS_NONFINITE], w));
    state->count[SC_LOSS_SAMPLES]++;
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);
    int64_t nonfinite = 0;
    double loss;

    sc_lovasz_codes(c, span, s->code, w);
    load(c, span, s->x, w);
    loss = score(c, span, s, &nonfinite, w);
    if (c->wanted[SC_OUT_VALUE])
        sc_store(&c->out[SC_OUT_VALUE], span->from / span->size, 1, &loss);
    if (!c->wanted[SC_OUT_GRAD]) return;
    for (int64_t at = 0; at < span->size; at += SC_BLOCK) {
        const int n = sc_part_size(span->size - at, SC_BLOCK);

        for (int i = 0; i < n; i++) s->x[at + i] *= c->scale;
        sc_store(&c->out[SC_OUT_GRAD], span->from + at, n, s->x + at);
    }
}

SC_KERNEL(losses, lovasz_hinge)
{
    static const struct sc_kernel kernel = {.layout = sc_loss_layout,
                                            .scratch = scratch,
                                            .prepare = sc_lovasz_prepare,
                                            .update = update,
                                            .scale = sc_lovasz_scale,
                                            .shape = sc_lovasz_shape,
                                            .map = map,
                                            .finish = sc_lovasz_report,
                                            .effort = 20}; /* sorts */

    return &kernel;
}
