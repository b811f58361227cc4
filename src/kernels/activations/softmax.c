/* softmax.c - exp(x - max) / sum exp(x - max) over one dimension (PyTorch softmax). The
 * gradient is the vector-Jacobian product with g = grad_output: y (g - sum(g y)). A row with a
 * NaN, a +inf, or nothing but -inf is NaN throughout; a -inf beside a finite value gives 0. */
#include "planes.h"

#include "lanes.h"

struct scratch {
    struct sc_tile y, g;
};

static size_t scratch(const struct sc_call *c)
{
    return sizeof(struct scratch) + 2 * sc_tile_bytes(c);
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    (void)arena;
    if (!sc_param(c->params, "grad")->boolean || c->in[1] != NULL) return SC_OK;
    return sc_fail(note, SC_BAD_INPUT, "#/grad_output",
                   "grad=true needs the input 'grad_output', of the shape of 'x'");
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_tile_init(&s->g, c, sc_tile_init(&s->y, c, s + 1));
    for (int64_t at = 0; at < span->size; at += s->y.width) {
        const int size = sc_tile_size(&s->y, span->size - at);

        sc_tile_load(&s->y, c, c->in[0], span->from + at, size);
        sc_tile_softmax(&s->y, c);
        sc_tile_store(&s->y, c, &c->out[SC_OUT_VALUE]);
        for (int64_t k = 0; k < c->classes; k++)
            w->nonfinite += sc_count_nonfinite(s->y.value + k * s->y.width, size);
        if (!c->wanted[SC_OUT_GRAD]) continue;
        sc_tile_load(&s->g, c, c->in[1], span->from + at, size);
        sc_tile_softmax_slope(&s->y, c, &s->g);
        sc_tile_store(&s->g, c, &c->out[SC_OUT_GRAD]);
    }
}

SC_KERNEL(activations, softmax)
{
    static const struct sc_kernel kernel = {.scratch = scratch, .prepare = prepare, .map = map};

    return &kernel;
}
