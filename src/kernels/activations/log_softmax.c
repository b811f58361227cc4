/* log_softmax.c - x - max - log(sum exp(x - max)) over one dimension (PyTorch log_softmax); no
 * logarithm of a softmax. The gradient is the vector-Jacobian product with g = grad_output:
 * g - p sum(g), p the softmax. A row with a NaN, a +inf, or nothing but -inf is NaN throughout;
 * a -inf beside a finite value gives -inf.
 *
 * The logarithm is that of 1 + the sum without the largest term, and both x - max and -log are
 * at most 0: nothing cancels. */
#include "axis.inc"

/* x - max, with what its rounding loses */
static inline struct vm_pair below(double x, double max)
{
    const struct vm_pair d = vm_sum(x, -max);

    return (struct vm_pair){d.hi, fabs(d.hi) <= 1e300 ? d.lo : 0};
}

/* exp(x - max) */
static inline struct vm_pair power(double x, double max)
{
    const struct vm_pair d = below(x, max);
    const double low = d.hi > -746.0 ? d.hi : -746.0;
    const struct vm_exp e = vm_exp(low, d.hi > -746.0 ? d.lo : 0);
    const double y = vm_scale(e.hi, e.exponent);

    return (struct vm_pair){
        .hi = d.hi != d.hi ? d.hi : y,
        .lo = d.hi > -700.0 ? e.lo * vm_power(e.exponent) : 0,
    };
}

/* t->sum + t->rest = sum exp(x - max) */
static void add_powers(struct sc_tile *t, const struct sc_call *c)
{
    sc_tile_max(t, c);
    for (int i = 0; i < t->size; i++) t->sum[i] = t->rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) add(&t->sum[i], &t->rest[i], power(x[i], t->max[i]));
    }
}

/* y becomes y - p sum(g), p the softmax of x */
static void slope_row(const struct sc_tile *t, const double *x, const struct sc_tile *g,
                      double *restrict y)
{
    const double *max = t->max, *sum = t->sum, *rest = t->rest;
    const double *total = g->sum, *total_lo = g->rest;

    for (int i = 0; i < g->size; i++) {
        const struct vm_pair e = power(x[i], max[i]), den = {sum[i], rest[i]};
        const double p = vm_quotient(e, den, 1 / den.hi);
        const double lo = rest_of(total[i], total_lo[i]);

        y[i] = fma(-p, total[i], y[i]) - p * lo;
    }
}

/* g becomes g - p sum(g) */
static void slopes(const struct sc_tile *t, const struct sc_call *c, struct sc_tile *g)
{
    for (int i = 0; i < g->size; i++) g->sum[i] = g->rest[i] = 0;
    for (int64_t k = 0; k < c->classes; k++)
        for (int i = 0; i < g->size; i++)
            add(&g->sum[i], &g->rest[i], (struct vm_pair){g->value[k * g->width + i], 0});
    for (int64_t k = 0; k < c->classes; k++)
        slope_row(t, t->value + k * t->width, g, g->value + k * g->width);
}

/* x becomes x - max - log(sum) */
static void values(struct sc_tile *t, const struct sc_call *c)
{
    for (int i = 0; i < t->size; i++) {
        const struct vm_pair others = vm_sum(t->sum[i] - 1, t->rest[i]);

        t->sum[i] = sc_log1p_sum(others.hi, others.lo);
    }
    for (int64_t k = 0; k < c->classes; k++) {
        double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) {
            const struct vm_pair d = below(x[i], t->max[i]), y = vm_sum(d.hi, -t->sum[i]);

            x[i] = y.hi + (fabs(y.hi) <= 1e300 ? y.lo + d.lo : 0);
        }
    }
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_tile_init(&s->g, c, sc_tile_init(&s->x, c, s + 1));
    for (int64_t at = 0; at < span->size; at += s->x.width) {
        const int size = sc_tile_size(&s->x, span->size - at);

        sc_tile_load(&s->x, c, c->in[0], span->from + at, size);
        add_powers(&s->x, c);
        if (c->wanted[SC_OUT_GRAD]) {
            sc_tile_load(&s->g, c, c->in[1], span->from + at, size);
            slopes(&s->x, c, &s->g);
            store(&s->g, c, SC_OUT_GRAD, w);
        }
        values(&s->x, c);
        store(&s->x, c, SC_OUT_VALUE, w);
    }
}

SC_KERNEL(activations, log_softmax)
{
    static const struct sc_kernel kernel = {
        .scratch = scratch, .prepare = prepare, .map = map, .counts_nonfinite = true};

    return &kernel;
}
