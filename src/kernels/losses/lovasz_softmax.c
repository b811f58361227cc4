/* lovasz_softmax.c - Lovasz-Softmax loss (Berman et al., arXiv 1705.08790; their
 * lovasz_softmax): the mean over classes of the Lovasz extension at errors |t - p|. */
#include "lovasz.h"
#include "planes.h"

enum { PROBS, LOGITS };                /* words of input_kind */
enum { PRESENT, ALL };                 /* words of classes */
enum { SCORED, TRUTH, CLASS_COUNTS };  /* counts of a class: samples that score it; places */
enum { VALUE, HIT, PRED, CLASS_SUMS }; /* sums of a class: losses of samples, p t, p */

struct scratch {
    struct sc_tile p, g;
    struct sc_ranking rank;
    double *plane;  /* [C][places]: p, then the slopes */
    int64_t *truth; /* [C]: places of the class */
    int32_t *code;  /* [places] */
};

static size_t scratch(const struct sc_call *c)
{
    const size_t classes = (size_t)c->classes;
    const size_t each = SC_RANKING_BYTES + classes * sizeof(double) + sizeof(int32_t);

    return sizeof(struct scratch) + 2 * sc_tile_bytes(c) + classes * sizeof(int64_t) +
           (size_t)sc_lovasz_places(c) * each;
}

static struct scratch *lay_out(const struct sc_call *c, struct sc_worker *w)
{
    const int64_t places = sc_lovasz_places(c);
    struct scratch *s = w->scratch;

    s->plane = sc_tile_init(&s->g, c, sc_tile_init(&s->p, c, s + 1));
    s->truth = (int64_t *)(s->plane + c->classes * places);
    s->code = sc_ranking_init(&s->rank, places, s->truth + c->classes);
    return s;
}

static bool is_logits(const struct sc_call *c)
{
    return sc_param(c->params, "input_kind")->choice == LOGITS;
}

/* Where C is 1, it is the foreground: code 1. */
static int32_t code_of(const struct sc_call *c, int64_t k)
{
    return (int32_t)(c->labels > c->classes ? k + 1 : k);
}

/* ---- state ---- */

static size_t count_at(int64_t k, int which)
{
    return SC_LOSS_COUNTS + (size_t)k * CLASS_COUNTS + (size_t)which;
}

static size_t sum_at(int64_t k, int which)
{
    return 1 + (size_t)k * CLASS_SUMS + (size_t)which;
}

static void layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums)
{
    (void)params;
    *counts = count_at(classes, 0);
    *sums = sum_at(classes, 0);
}

/* ---- planes of p ---- */

/* p of the tile at position `at` of the span. */
static void load_tile(const struct sc_call *c, const struct sc_span *span, int64_t at,
                      struct scratch *s)
{
    struct sc_tile *p = &s->p;

    sc_tile_load(p, c, c->in[0], span->from + at, sc_tile_size(p, span->size - at));
    if (!is_logits(c)) return;
    if (c->classes > 1) {
        sc_tile_softmax(p, c);
        return;
    }
    for (int i = 0; i < p->size; i++) p->value[i] = sc_sigmoid(p->value[i]);
}

static void load_planes(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                        struct sc_worker *w)
{
    const int64_t places = sc_lovasz_places(c);

    for (int64_t at = 0; at < span->size && !sc_leaves(w, s->p.width * c->classes);
         at += s->p.width) {
        load_tile(c, span, at, s);
        if (!is_logits(c)) sc_tile_check(&s->p, c, &w->trouble[0]);
        for (int64_t k = 0; k < c->classes; k++)
            memcpy(s->plane + k * places + at, s->p.value + k * s->p.width,
                   (size_t)s->p.size * sizeof(double));
    }
}

/* How many places each class has; gives the number of classes to be scored. */
static int64_t count_truth(const struct sc_call *c, int64_t size, struct scratch *s)
{
    int64_t scored = 0;

    memset(s->truth, 0, (size_t)c->classes * sizeof *s->truth);
    for (int64_t i = 0; i < size; i++) {
        const int64_t k = s->code[i] - code_of(c, 0);

        if (s->code[i] < c->labels && k >= 0) s->truth[k]++;
    }
    if (sc_param(c->params, "classes")->choice == ALL) return c->classes;
    for (int64_t k = 0; k < c->classes; k++) scored += s->truth[k] > 0;
    return scored;
}

static bool is_scored(const struct sc_call *c, const struct scratch *s, int64_t k)
{
    return s->truth[k] > 0 || sc_param(c->params, "classes")->choice == ALL;
}

/* ---- a class ---- */

/* The loss of class k; its plane becomes the slopes. */
static double score_class(const struct sc_call *c, int64_t size, int64_t k, struct scratch *s,
                          struct sc_worker *w)
{
    double *p = s->plane + k * sc_lovasz_places(c);
    const int32_t own = code_of(c, k);
    struct sc_exact sum;

    sc_exact_zero(&sum);
    s->rank.count = 0;
    for (int64_t at = 0; at < size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        const int n = sc_part_size(size - at, SC_BLOCK);
        double error[SC_BLOCK];

        for (int i = 0; i < n; i++) {
            const double q = s->code[at + i] == own ? 1 - p[at + i] : p[at + i];

            error[i] = s->code[at + i] < c->labels ? q : 0;
        }
        sc_ranking_add(&s->rank, error, at, n);
        memset(p + at, 0, (size_t)n * sizeof *p);
    }
    if (is_scored(c, s, k)) sc_lovasz(&s->rank, s->code, own, s->truth[k], p, &sum, w);
    return sc_exact_round(&sum);
}

/* Adds the sums of p and p t of class k, and counts what is no number. */
static void add_overlap(const struct sc_call *c, int64_t size, int64_t k,
                        const struct scratch *s, struct sc_state *state)
{
    const double *p = s->plane + k * sc_lovasz_places(c);
    double hit[SC_BLOCK], pred[SC_BLOCK];

    for (int64_t at = 0; at < size; at += SC_BLOCK) {
        const int n = sc_part_size(size - at, SC_BLOCK);

        for (int i = 0; i < n; i++) {
            pred[i] = s->code[at + i] < c->labels ? p[at + i] : 0;
            hit[i] = s->code[at + i] == code_of(c, k) ? p[at + i] : 0;
        }
        sc_exact_add_array(&state->sum[sum_at(k, PRED)], pred, (size_t)n);
        sc_exact_add_array(&state->sum[sum_at(k, HIT)], hit, (size_t)n);
        state->count[SC_LOSS_NONFINITE] += sc_count_nonfinite(pred, n);
    }
    state->count[count_at(k, TRUTH)] += s->truth[k];
}

/* ---- a sample, or the batch ---- */

/* The mean over the classes; 0 where there is none to be scored. */
static double score(const struct sc_call *c, int64_t size, int64_t scored, struct scratch *s,
                    struct sc_state *state, struct sc_worker *w)
{
    struct sc_exact sum;

    sc_exact_zero(&sum);
    for (int64_t k = 0; k < c->classes && !w->stopped; k++) {
        double loss;

        if (state != NULL) add_overlap(c, size, k, s, state);
        loss = score_class(c, size, k, s, w);
        if (!is_scored(c, s, k)) continue;
        sc_exact_add(&sum, loss);
        if (state == NULL) continue;
        sc_exact_add(&state->sum[sum_at(k, VALUE)], loss);
        state->count[count_at(k, SCORED)]++;
    }
    return scored > 0 ? sc_exact_round(&sum) / (double)scored : 0;
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);
    struct sc_state *state = &w->state;
    const int64_t counted = sc_lovasz_codes(c, span, s->code, w);

    load_planes(c, span, s, w);
    state->count[SC_LOSS_COUNT] += counted;
    state->count[SC_LOSS_IGNORED] += span->size - counted;
    if (counted == 0) return;
    sc_exact_add(&state->sum[0],
                 score(c, span->size, count_truth(c, span->size, s), s, state, w));
    state->count[SC_LOSS_SAMPLES]++;
}

/* ---- gradient ---- */

/* The tile's slopes by p become those by the logits. */
static void logit_slopes(const struct sc_call *c, const struct sc_span *span, int64_t at,
                         struct scratch *s)
{
    if (!is_logits(c)) return;
    if (c->classes > 1) {
        load_tile(c, span, at, s);
        sc_tile_softmax_slope(&s->p, c, &s->g);
        return;
    }
    sc_tile_load(&s->p, c, c->in[0], s->g.from, s->g.size);
    for (int i = 0; i < s->g.size; i++) s->g.value[i] *= sc_sigmoid_slope(s->p.value[i]);
}

static void store_grad(const struct sc_call *c, const struct sc_span *span, double scale,
                       struct scratch *s)
{
    const int64_t places = sc_lovasz_places(c);

    for (int64_t at = 0; at < span->size; at += s->g.width) {
        s->g.from = span->from + at;
        s->g.size = sc_tile_size(&s->g, span->size - at);
        for (int64_t k = 0; k < c->classes; k++)
            for (int i = 0; i < s->g.size; i++)
                s->g.value[k * s->g.width + i] = scale * s->plane[k * places + at + i];
        logit_slopes(c, span, at, s);
        sc_tile_store(&s->g, c, &c->out[SC_OUT_GRAD]);
    }
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);
    int64_t scored;
    double loss;

    sc_lovasz_codes(c, span, s->code, w);
    load_planes(c, span, s, w);
    scored = count_truth(c, span->size, s);
    loss = score(c, span->size, scored, s, NULL, w);
    if (c->wanted[SC_OUT_VALUE])
        sc_store(&c->out[SC_OUT_VALUE], span->from / span->size, 1, &loss);
    if (c->wanted[SC_OUT_GRAD])
        store_grad(c, span, scored > 0 ? c->scale / (double)scored : 0, s);
}

/* ---- report ---- */

static void fill(const struct sc_state *state, int64_t k, double *value, double *hit,
                 double *pred, double *truth, const char **status)
{
    const int64_t scored = state->count[count_at(k, SCORED)];

    *value = scored > 0 ? sc_exact_round(&state->sum[sum_at(k, VALUE)]) / (double)scored
                        : SC_NONE;
    *hit = sc_exact_round(&state->sum[sum_at(k, HIT)]);
    *pred = sc_exact_round(&state->sum[sum_at(k, PRED)]);
    *truth = (double)state->count[count_at(k, TRUTH)];
    *status = sc_presence(*truth > 0, *pred != 0);
}

static const char *finish(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *r)
{
    const char *status = sc_lovasz_report(params, state, r);
    struct sc_table *t = sc_report_table(r, "classes", (size_t)state->classes, 6);
    int64_t *class = sc_table_int(r, t, "class");
    double *value = sc_table_real(r, t, "value");
    double *hit = sc_table_real(r, t, "intersection");
    double *pred = sc_table_real(r, t, "pred_sum");
    double *truth = sc_table_real(r, t, "target_sum");
    const char **presence = sc_table_text(r, t, "status");

    for (int64_t k = 0; !r->failed && k < state->classes; k++) {
        class[k] = k;
        fill(state, k, &value[k], &hit[k], &pred[k], &truth[k], &presence[k]);
    }
    r->main_table = "classes";
    return status;
}

SC_KERNEL(losses, lovasz_softmax)
{
    static const struct sc_kernel kernel = {.layout = layout,
                                            .scratch = scratch,
                                            .prepare = sc_lovasz_prepare,
                                            .update = update,
                                            .scale = sc_lovasz_scale,
                                            .shape = sc_lovasz_shape,
                                            .map = map,
                                            .finish = finish,
                                            .effort = 8}; /* sorts each class */

    return &kernel;
}
