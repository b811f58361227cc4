/* cosine_embedding.c - 1 - cos of the angle between pairs of rows that belong together (target
 * 1), max(0, cos - margin) of those that do not (-1) (PyTorch cosine_embedding_loss).
 *
 * Rows are scaled by a power of two to a largest element in [1, 2), so that no square overflows
 * or vanishes; the three sums of products, and all up to 1 - cos, are pairs of float64. A row
 * of zeros has cos 0 and no gradient. */
#include "loss.h"
#include "values.h"
#include "vmath.h"

#define SIDES 2 /* pred, other */

static const int inputs[SIDES] = {0, 2};

struct scratch {
    double v[SIDES][SC_BLOCK], y[SC_BLOCK];
};

/* A sum of products in the lanes of a block: lane + rest. */
struct lanes {
    double lane[SC_LANES], rest[SC_LANES];
};

enum { XX, YY, XY, PRODUCTS }; /* x of pred, y of other */

/* A pair of rows. */
struct angle {
    uint64_t scale[SIDES];       /* as in vm_scale: to a largest element in [1, 2) */
    struct vm_pair norm2[SIDES]; /* squared length, scaled */
    struct vm_pair cos;
    bool zero; /* a row is all zeros */
};

static size_t scratch(const struct sc_call *c)
{
    (void)c;
    return sizeof(struct scratch);
}

static int block_size(const struct sc_span *span, int64_t at)
{
    return sc_part_size(span->size - at, SC_BLOCK);
}

static void load(const struct sc_call *c, const struct sc_span *span, int64_t at, int side,
                 struct sc_worker *w)
{
    struct scratch *s = w->scratch;

    sc_load_checked(c, inputs[side], span->from + at, block_size(span, at), s->v[side], w);
}

/* ---- scaling ---- */

/* As bits, which of sizes are in the order of the numbers, NaN behind infinity. */
static int64_t largest_bits(const double *x, int n)
{
    int64_t most = 0;

    for (int i = 0; i < n; i++) {
        const int64_t size = (int64_t)sc_double_bits(fabs(x[i]));

        most = size > most ? size : most;
    }
    return most;
}

/* The largest size of an element; infinite where one is no finite number. */
static double largest(const struct sc_call *c, const struct sc_span *span, int side,
                      struct sc_worker *w)
{
    const struct scratch *s = w->scratch;
    double most = 0;

    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        double size;

        load(c, span, at, side, w);
        size = sc_double_of((uint64_t)largest_bits(s->v[side], block_size(span, at)));
        most = size <= most ? most : size < HUGE_VAL ? size : HUGE_VAL;
    }
    return most;
}

/* The power of two that brings a finite size to [1, 2); 1 for 0. */
static uint64_t scale_to_one(double size)
{
    const int denormal = size < 0x1p-1022;
    const uint64_t bits = sc_double_bits(denormal ? size * 0x1p54 : size);
    const int exponent = (int)(bits >> 52) - 1023 - (denormal ? 54 : 0);

    return (uint64_t)(VM_BIAS - (size > 0 && size < HUGE_VAL ? exponent : 0));
}

static void scale_block(double *v, int n, uint64_t scale)
{
    const uint64_t half = scale >> 1;
    const double a = sc_double_of(half << 52), b = sc_double_of((scale - half) << 52);

    for (int i = 0; i < n; i++) v[i] = v[i] * a * b;
}

/* ---- sums of products ---- */

static inline void add_product(double *lane, double *rest, double x, double y)
{
    const struct vm_pair product = vm_product(x, y), sum = vm_sum(*lane, product.hi);

    *lane = sum.hi;
    *rest += sum.lo + product.lo;
}

static void add_products(struct lanes *restrict l, const double *x, const double *y, int n)
{
    const int whole = n - n % SC_LANES;

    for (int i = 0; i < whole; i += SC_LANES)
        for (int j = 0; j < SC_LANES; j++)
            add_product(&l->lane[j], &l->rest[j], x[i + j], y[i + j]);
    for (int i = whole; i < n; i++)
        add_product(&l->lane[i - whole], &l->rest[i - whole], x[i], y[i]);
}

/* Lane after lane; all sums at once, so that none waits for another. */
static void sum_lanes(const struct lanes l[PRODUCTS], struct vm_pair all[PRODUCTS])
{
    for (int p = 0; p < PRODUCTS; p++) all[p] = (struct vm_pair){0, 0};
    for (int j = 0; j < SC_LANES; j++)
        for (int p = 0; p < PRODUCTS; p++) {
            const struct vm_pair sum = vm_sum(all[p].hi, l[p].lane[j]);

            all[p].hi = sum.hi;
            all[p].lo += sum.lo + l[p].rest[j];
        }
    for (int p = 0; p < PRODUCTS; p++) all[p] = vm_sum(all[p].hi, all[p].lo);
}

/* ---- pairs ---- */

static struct vm_pair multiply(struct vm_pair a, struct vm_pair b)
{
    const struct vm_pair p = vm_product(a.hi, b.hi);

    return (struct vm_pair){p.hi, p.lo + fma(a.hi, b.lo, a.lo * b.hi)};
}

static struct vm_pair square_root(struct vm_pair a)
{
    const double root = sqrt(a.hi);

    return (struct vm_pair){root, (fma(-root, root, a.hi) + a.lo) / (2 * root)};
}

static struct vm_pair divide(struct vm_pair a, struct vm_pair b)
{
    const double q = a.hi / b.hi;
    const double left = fma(-q, b.hi, a.hi) + fma(-q, b.lo, a.lo);

    return (struct vm_pair){q, left / b.hi};
}

/* ---- a pair of rows ---- */

static struct angle measure(const struct sc_call *c, const struct sc_span *span,
                            struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    const double most[SIDES] = {largest(c, span, 0, w), largest(c, span, 1, w)};
    struct angle a = {.scale = {scale_to_one(most[0]), scale_to_one(most[1])},
                      .zero = (most[0] == 0 && most[1] < HUGE_VAL) ||
                              (most[1] == 0 && most[0] < HUGE_VAL)};
    struct lanes l[PRODUCTS] = {{{0}, {0}}};
    struct vm_pair sum[PRODUCTS];

    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        const int n = block_size(span, at);

        for (int side = 0; side < SIDES; side++) {
            if (span->size > SC_BLOCK) load(c, span, at, side, w);
            scale_block(s->v[side], n, a.scale[side]);
        }
        add_products(&l[XX], s->v[0], s->v[0], n);
        add_products(&l[YY], s->v[1], s->v[1], n);
        add_products(&l[XY], s->v[0], s->v[1], n);
    }
    sum_lanes(l, sum);
    a.norm2[0] = sum[XX];
    a.norm2[1] = sum[YY];
    if (!a.zero) a.cos = divide(sum[XY], square_root(multiply(a.norm2[0], a.norm2[1])));
    return a;
}

static double target_of(const struct sc_call *c, const struct sc_span *span,
                        struct sc_worker *w)
{
    double target = 0;

    sc_load_checked(c, 1, span->from / c->positions, 1, &target, w);
    return target;
}

/* 1 - cos, where what is below 2^-80 is but rounding; cos - margin, or 0. */
static double term_of(const struct sc_call *c, const struct angle *a, double target)
{
    const double margin = sc_param(c->params, "margin")->real;
    const double apart = (1 - a->cos.hi) - a->cos.lo;
    const double near = (a->cos.hi - margin) + a->cos.lo;

    if (target > 0) return apart < 0x1p-80 ? 0 : apart;
    return near <= 0 ? 0 : near;
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const struct angle a = measure(c, span, w);
    const double term = term_of(c, &a, target_of(c, span, w));

    sc_exact_add(&w->state.sum[0], term);
    w->state.count[SC_LOSS_COUNT]++;
    w->state.count[SC_LOSS_SAMPLES]++;
    w->state.count[SC_LOSS_NONFINITE] += sc_count_nonfinite(&term, 1);
}

/* ---- gradient of cos: y / (|x| |y|) - cos x / |x|^2, scaled back ---- */

/* a x - b y, where the products nearly cancel. */
static inline double difference(struct vm_pair a, double x, struct vm_pair b, double y)
{
    const struct vm_pair ax = vm_product(a.hi, x), by = vm_product(b.hi, y);
    const struct vm_pair d = vm_sum(ax.hi, -by.hi);

    return d.hi + (d.lo + ((ax.lo - by.lo) + (a.lo * x - b.lo * y)));
}

static void store_slopes(const struct sc_call *c, const struct sc_span *span, int side,
                         const struct angle *a, double factor, struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    const struct vm_pair both = square_root(multiply(a->norm2[0], a->norm2[1]));
    const struct vm_pair turn = divide((struct vm_pair){1, 0}, both);
    const struct vm_pair along = divide(a->cos, a->norm2[side]);

    for (int64_t at = 0; at < span->size && !sc_leaves(w, SC_BLOCK); at += SC_BLOCK) {
        const int n = block_size(span, at);

        for (int i = 0; i < SIDES; i++) {
            load(c, span, at, i, w);
            scale_block(s->v[i], n, a->scale[i]);
        }
        for (int i = 0; i < n; i++)
            s->y[i] = factor * difference(turn, s->v[1 - side][i], along, s->v[side][i]);
        scale_block(s->y, n, a->scale[side]);
        for (int i = 0; i < n; i++) s->y[i] = factor == 0 ? 0 : s->y[i];
        sc_store(&c->out[SC_OUT_GRAD + inputs[side]], span->from + at, n, s->y);
    }
}

/* What the derivative of cos is multiplied by: none where cos does not pass the margin. */
static double factor_of(const struct sc_call *c, const struct angle *a, double target)
{
    if (a->zero || (target < 0 && term_of(c, a, target) == 0)) return 0;
    return target > 0 ? -c->scale : c->scale;
}

static void map(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const struct angle a = measure(c, span, w);
    const double target = target_of(c, span, w), term = term_of(c, &a, target);

    if (c->wanted[SC_OUT_VALUE])
        sc_store(&c->out[SC_OUT_VALUE], span->from / c->positions, 1, &term);
    for (int side = 0; side < SIDES; side++)
        if (c->wanted[SC_OUT_GRAD + inputs[side]])
            store_slopes(c, span, side, &a, factor_of(c, &a, target), w);
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    (void)arena;
    (void)note;
    c->whole_samples = true;
    return SC_OK;
}

/* The unreduced loss has the shape of the target. */
static enum sc_status shape(const struct sc_call *c, int output, int *rank, int64_t *dim)
{
    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = c->in[1]->rank;
    memcpy(dim, c->in[1]->dim, (size_t)*rank * sizeof *dim);
    return SC_OK;
}

SC_KERNEL(losses, cosine_embedding)
{
    static const struct sc_kernel kernel = {.layout = sc_loss_layout,
                                            .scratch = scratch,
                                            .prepare = prepare,
                                            .update = update,
                                            .scale = sc_loss_scale,
                                            .shape = shape,
                                            .map = map,
                                            .finish = sc_loss_finish};

    return &kernel;
}
