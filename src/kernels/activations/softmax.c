/* softmax.c - exp(x - max) / sum exp(x - max) over one dimension (PyTorch softmax). The
 * gradient is the vector-Jacobian product with g = grad_output: y (g - sum(g y)). A row with a
 * NaN, a +inf, or nothing but -inf is NaN throughout; a -inf beside a finite value gives 0. */
#include "axis.h"

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

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_tile_init(&s->g, c, sc_tile_init(&s->x, c, s + 1));
    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        sc_tile_softmax(&s->x, c);
        sc_tile_store(&s->x, c, &c->out[SC_OUT_VALUE]);
        if (!c->wanted[SC_OUT_GRAD]) continue;
        sc_tile_load(&s->g, c, c->in[1], span->from + at, size);
        slopes(&s->x, c, &s->g);
        sc_tile_store(&s->g, c, &c->out[SC_OUT_GRAD]);
    }
}

SC_KERNEL(activations, softmax)
{
    static const struct sc_kernel kernel = {.scratch = scratch, .prepare = prepare, .map = map};

    return &kernel;
}
