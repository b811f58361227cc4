/* softmax.c - exp(x - max) / sum exp(x - max) over one dimension (PyTorch softmax). The
 * gradient is the vector-Jacobian product with g = grad_output: y (g - sum(g y)). A row with a
 * NaN, a +inf, or nothing but -inf is NaN throughout; a -inf beside a finite value gives 0. */
#include "axis.h"

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_tile_init(&s->g, c, sc_tile_init(&s->x, c, s + 1));
    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        sc_tile_softmax(&s->x, c);
        store_value(&s->x, c, w);
        if (!c->wanted[SC_OUT_GRAD]) continue;
        sc_tile_load(&s->g, c, c->in[1], span->from + at, size);
        sc_tile_softmax_slope(&s->x, c, &s->g);
        sc_tile_store(&s->g, c, &c->out[SC_OUT_GRAD]);
    }
}

SC_KERNEL(activations, softmax)
{
    static const struct sc_kernel kernel = {.scratch = scratch, .prepare = prepare, .map = map};

    return &kernel;
}
