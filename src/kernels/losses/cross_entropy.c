/* cross_entropy.c - cross entropy of logits (PyTorch cross_entropy).
 *
 * With lse = max + log(sum exp(x - max)): class index y: -w_y log p_y = w_y (lse - x_y);
 * smoothing e makes the target (1 - e) one_hot(y) + e / C; probabilities q: sum_c w_c q_c (lse
 * - x_c), where mean divides by the number of positions. ignore_index drops positions, not the
 * class: it stays in the softmax of the others. */
#include "class_sums.h"
#include "planes.h"
#include "weight.h"

struct scratch {
    struct sc_tile x, q; /* logits; target probabilities */
    struct sc_class_lanes lanes;
    double term[SC_BLOCK];
    int32_t code[SC_BLOCK];
};

static double smoothing(const struct sc_call *c)
{
    return sc_param(c->params, "label_smoothing")->real;
}

static size_t scratch(const struct sc_call *c)
{
    return sizeof(struct scratch) + 2 * sc_tile_bytes(c) + sc_class_lanes_bytes(c);
}

static struct scratch *lay_out(const struct sc_call *c, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_class_lanes_init(&s->lanes, c, sc_tile_init(&s->q, c, sc_tile_init(&s->x, c, s + 1)));
    return s;
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    return sc_load_weight(c, 2, arena, note);
}

static void load_codes(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                       struct sc_worker *w)
{
    const int64_t ignore = sc_param(c->params, "ignore_index")->integer;

    sc_load_labels(c->in[1], span->from, (int)span->size, c->classes, &ignore, 1, s->code,
                   &w->trouble[1]);
}

/* -log p of a class whose logit is x: log(sum) + (max - x) keeps what lse - x would round away.
 * sum has become log(sum). */
static inline double surprise(const struct sc_tile *t, int i, double x)
{
    return t->sum[i] + (t->max[i] - x);
}

static void take_log(struct sc_tile *t)
{
    for (int i = 0; i < t->size; i++) t->sum[i] = sc_log(t->sum[i]);
}

static void index_terms(const struct sc_call *c, const struct sc_tile *x, const int32_t *code,
                        double *term)
{
    for (int i = 0; i < x->size; i++) {
        const bool counted = code[i] < c->classes;
        const int64_t y = counted ? code[i] : 0;

        term[i] = counted ? c->weight[y] * surprise(x, i, x->value[y * x->width + i]) : 0;
    }
}

/* Smoothing: (1 - e) of the term, and e / C of the terms of all classes. */
static void smooth_terms(const struct sc_call *c, const struct sc_tile *x, const int32_t *code,
                         double *term)
{
    const double e = smoothing(c), share = e / (double)c->classes;
    double *all = x->rest;

    for (int i = 0; i < x->size; i++) all[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *value = x->value + k * x->width;

        for (int i = 0; i < x->size; i++)
            all[i] = fma(c->weight[k], surprise(x, i, value[i]), all[i]);
    }
    for (int i = 0; i < x->size; i++)
        term[i] = code[i] < c->classes ? fma(1 - e, term[i], share * all[i]) : 0;
}

/* q becomes w ((1 - e) q + e / C), the weight of each class's term. */
static void to_shares(const struct sc_call *c, struct sc_tile *q)
{
    const double e = smoothing(c), share = e / (double)c->classes;

    for (int64_t k = 0; k < c->classes; k++) {
        double *value = q->value + k * q->width;

        for (int i = 0; i < q->size; i++) value[i] = c->weight[k] * fma(1 - e, value[i], share);
    }
}

static void free_terms(const struct sc_call *c, const struct sc_tile *x,
                       const struct sc_tile *q, double *term)
{
    for (int i = 0; i < x->size; i++) term[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *value = x->value + k * x->width, *share = q->value + k * q->width;

        for (int i = 0; i < x->size; i++) {
            const double added = fma(share[i], surprise(x, i, value[i]), term[i]);

            term[i] = share[i] == 0 ? term[i] : added; /* 0 times infinity is 0 */
        }
    }
}

/* The terms of a span, tile by tile. */
static void terms(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                  struct sc_worker *w)
{
    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        sc_tile_expsum(&s->x, c);
        take_log(&s->x);
        if (c->indices) {
            index_terms(c, &s->x, s->code + at, s->term + at);
            if (smoothing(c) > 0) smooth_terms(c, &s->x, s->code + at, s->term + at);
        } else {
            sc_tile_load(&s->q, c, c->in[1], span->from + at, size);
            sc_tile_check(&s->q, c, &w->trouble[1]);
            to_shares(c, &s->q);
            free_terms(c, &s->x, &s->q, s->term + at);
        }
    }
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);
    const int n = (int)span->size;

    if (c->indices) load_codes(c, span, s, w);
    terms(c, span, s, w);
    w->state.count[SC_LOSS_NONFINITE] += sc_count_nonfinite(s->term, n);
    if (c->indices) {
        sc_class_add(c, s->term, s->code, n, &s->lanes, &w->state);
    } else {
        sc_sum_terms(c, s->term, n, &w->state.sum[SC_CLASS_FREE_SUM]);
        sc_exact_add(&w->state.sum[SC_CLASS_FREE_WEIGHT], n);
        w->state.count[SC_LOSS_COUNT] += n;
    }
}

/* q = the weight of each class's term, for class indices. */
static void index_shares(const struct sc_call *c, const int32_t *code, int size,
                         struct sc_tile *q)
{
    const double e = smoothing(c), share = e / (double)c->classes;

    q->size = size;
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = q->value + k * q->width;

        for (int i = 0; i < size; i++) {
            const double hit = code[i] == k ? 1 - e : 0;

            value[i] = code[i] < c->classes ? c->weight[k] * (hit + share) : 0;
        }
    }
}

/* x (a softmax) becomes scale (p sum(q) - q): the gradient of the terms. Only the target's
 * share counts for class indices: sum(q) = w_y where there is no smoothing. */
static void slopes(const struct sc_call *c, struct sc_tile *x, const struct sc_tile *q)
{
    for (int i = 0; i < x->size; i++) q->sum[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *share = q->value + k * q->width;

        for (int i = 0; i < x->size; i++) q->sum[i] += share[i];
    }
    for (int64_t k = 0; k < c->classes; k++) {
        const double *share = q->value + k * q->width;
        double *value = x->value + k * x->width;

        for (int i = 0; i < x->size; i++) {
            const double slope = c->scale * fma(value[i], q->sum[i], -share[i]);

            value[i] = q->sum[i] == 0 && share[i] == 0 ? 0 : slope;
        }
    }
}

static void map_grad(const struct sc_call *c, const struct sc_span *span, struct scratch *s)
{
    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        sc_tile_softmax(&s->x, c);
        if (c->indices) {
            index_shares(c, s->code + at, size, &s->q);
        } else {
            sc_tile_load(&s->q, c, c->in[1], span->from + at, size);
            to_shares(c, &s->q);
        }
        slopes(c, &s->x, &s->q);
        sc_tile_store(&s->x, c, &c->out[SC_OUT_GRAD]);
    }
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = lay_out(c, w);

    if (c->indices) load_codes(c, span, s, w);
    if (c->wanted[SC_OUT_VALUE]) {
        terms(c, span, s, w);
        sc_store(&c->out[SC_OUT_VALUE], span->from, (int)span->size, s->term);
    }
    if (c->wanted[SC_OUT_GRAD]) map_grad(c, span, s);
}

/* The unreduced loss has the shape of class indices: pred without its class dimension. */
static enum sc_status shape(const struct sc_call *c, int output, int *rank, int64_t *dim)
{
    const struct sc_tensor *pred = c->in[0];
    const int axis = pred->rank > 1 ? 1 : 0;

    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = pred->rank - 1;
    for (int i = 0; i < *rank; i++) dim[i] = pred->dim[i < axis ? i : i + 1];
    return SC_OK;
}

SC_KERNEL(losses, cross_entropy)
{
    static const struct sc_kernel kernel = {.layout = sc_class_layout,
                                            .scratch = scratch,
                                            .prepare = prepare,
                                            .update = update,
                                            .scale = sc_class_scale,
                                            .shape = shape,
                                            .map = map,
                                            .finish = sc_class_finish};

    return &kernel;
}
