/* softmax.c - exp(x - max) / sum exp(x - max) over one dimension (PyTorch softmax). The
 * gradient is the vector-Jacobian product with g = grad_output: y (g - sum(g y)). A row with a
 * NaN, a +inf, or nothing but -inf is NaN throughout; a -inf beside a finite value gives 0. */
#include "softmax.h"
#include "axis.inc"

/* g becomes p (g - sum(g p)), p the softmax */
static void slopes(const struct sc_tile *t, const struct sc_call *c, struct sc_tile *g)
{
    for (int i = 0; i < g->size; i++) g->sum[i] = g->rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *p = t->value + k * t->width, *slope = g->value + k * g->width;

        for (int i = 0; i < g->size; i++)
            add(&g->sum[i], &g->rest[i], vm_product(p[i], slope[i]));
    }
    for (int64_t k = 0; k < c->classes; k++) {
        const double *p = t->value + k * t->width;
        double *slope = g->value + k * g->width;

        for (int i = 0; i < g->size; i++)
            slope[i] = p[i] * ((slope[i] - g->sum[i]) - rest_of(g->sum[i], g->rest[i]));
    }
}

/* ---- the values alone, of float32: near enough, then rounded ---- */

#define ROW_CLASSES 32 /* from here on a row is worth vectors of its own; fewer are turned */

static bool is_row_by_row(const struct sc_call *c)
{
    return c->positions == 1 && c->classes >= ROW_CLASSES;
}

/* The exact path, for positions [from, from + size) of a tile at most; all that is not finite
 * comes here. */
static void settle(const struct sc_call *c, struct sc_tile *t, int64_t from, int size,
                   struct sc_worker *w)
{
    sc_tile_load(t, c, c->in[0], from, size);
    sc_tile_softmax(t, c);
    store(t, c, SC_OUT_VALUE, w);
}

static void near_rows(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    for (int64_t row = span->from; row < span->from + span->size; row++) {
        const float *x = (const float *)c->in[0]->data + row * c->classes;
        float *y = (float *)c->out[SC_OUT_VALUE].data + row * c->classes;

        /* behind a tile there is another one, so a vector more than the row has room */
        if (!sc_row_near_softmax(x, c->classes, s->x.value, y)) settle(c, &s->g, row, 1, w);
    }
}

static void near_tile(const struct sc_call *c, int64_t from, int size, struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    bool doubt[SC_TILE / SC_VECTOR];

    if (size < SC_VECTOR) { /* so many classes that a tile is none */
        settle(c, &s->g, from, size, w);
        return;
    }
    sc_tile_load_ahead(&s->x, c, c->in[0], from, size);
    sc_tile_near_softmax(&s->x, c, doubt);
    sc_tile_store(&s->x, c, &c->out[SC_OUT_VALUE]);
    for (int i = 0; i < size; i += SC_VECTOR) {
        const int left = size - i;

        if (left < SC_VECTOR || doubt[i / SC_VECTOR])
            settle(c, &s->g, from + i, left < SC_VECTOR ? left : SC_VECTOR, w);
    }
}

static void near_map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const struct sc_tile *t = &((struct scratch *)w->scratch)->x;

    if (is_row_by_row(c)) {
        near_rows(c, span, w);
        return;
    }
    for (int64_t at = 0; at < span->size; at += t->width)
        near_tile(c, span->from + at, sc_tile_size(t, span->size - at), w);
}

/* ---- */

static void exact_map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        sc_tile_softmax(&s->x, c);
        store(&s->x, c, SC_OUT_VALUE, w);
        if (!c->wanted[SC_OUT_GRAD]) continue;
        sc_tile_load(&s->g, c, c->in[1], span->from + at, size);
        slopes(&s->x, c, &s->g);
        store(&s->g, c, SC_OUT_GRAD, w);
    }
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_tile_init(&s->g, c, sc_tile_init(&s->x, c, s + 1));
    if (c->in[0]->dtype == SC_FLOAT32 && !c->wanted[SC_OUT_GRAD])
        near_map(c, span, w);
    else
        exact_map(c, span, w);
}

SC_KERNEL(activations, softmax)
{
    static const struct sc_kernel kernel = {
        .scratch = scratch, .prepare = prepare, .map = map, .counts_nonfinite = true};

    return &kernel;
}
