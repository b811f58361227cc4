/* gelu.c - x Phi(x) (Hendrycks and Gimpel, arXiv 1606.08415; PyTorch gelu), or its tanh
 * approximation. -inf gives -0, the limit, where PyTorch gives NaN. */
#include "elementwise.h"

enum { NONE, TANH }; /* words of `approximate` */

struct scratch {
    double x[SC_BLOCK], y[SC_BLOCK];
};

static size_t scratch(const struct sc_call *c)
{
    (void)c;
    return sizeof(struct scratch);
}

static void values(struct scratch *s, int n, int approximate)
{
    if (approximate == TANH)
        for (int i = 0; i < n; i++) s->y[i] = sc_gelu_tanh(s->x[i]);
    else
        for (int i = 0; i < n; i++) s->y[i] = sc_gelu(s->x[i]);
}

static void slopes(struct scratch *s, int n, int approximate)
{
    if (approximate == TANH)
        for (int i = 0; i < n; i++) s->y[i] = sc_gelu_tanh_slope(s->x[i]);
    else
        for (int i = 0; i < n; i++) s->y[i] = sc_gelu_slope(s->x[i]);
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const int approximate = sc_param(c->params, "approximate")->choice;
    const int n = (int)span->size;
    struct scratch *s = w->scratch;

    sc_load(c->in[0], span->from, n, s->x);
    values(s, n, approximate);
    sc_store_value(c, w, span->from, n, s->y);
    if (!c->wanted[SC_OUT_GRAD]) return;
    slopes(s, n, approximate);
    sc_store(&c->out[SC_OUT_GRAD], span->from, n, s->y);
}

SC_KERNEL(activations, gelu)
{
    static const struct sc_kernel kernel = {.scratch = scratch, .map = map};

    return &kernel;
}
