/* segmentation.c - counts the pairs (target, prediction) of label masks.
 *
 * Labels become codes 0 .. C + 1 (load.h): a class, ignored, or bad. With few classes every
 * pixel is counted in a (C + 2) x (C + 2) table, so that no pixel needs a branch; what the
 * cells mean is decided at the end. */
#include "segmentation.h"

#include "lanes.h"
#include "load.h"
#include "planes.h"

#define FEW_CLASSES 62 /* up to here, tables in L1 */
#define TABLES      4 /* in turn: they hide the latency of adding to one cell again and again */

struct scratch {
    int32_t target[SC_BLOCK], pred[SC_BLOCK];
    uint32_t table[]; /* [TABLES][C + 2][C + 2], all 0 between tasks; then a tile of scores */
};

static bool has_scores(const struct sc_call *c)
{
    return sc_dtype_is_float(c->in[0]->dtype);
}

static size_t table_bytes(const struct sc_call *c)
{
    const size_t side = c->classes <= FEW_CLASSES ? (size_t)c->classes + 2 : 0;

    return TABLES * side * side * sizeof(uint32_t);
}

static size_t scratch(const struct sc_call *c)
{
    return sizeof(struct scratch) + table_bytes(c) + (has_scores(c) ? sc_tile_bytes(c) : 0);
}

/* Counts pixels of these codes. Bad ones are in the worker's trouble, and fail the batch. */
static void settle(const struct sc_call *c, int pred_ignored, int32_t t, int32_t p,
                   int64_t count, struct sc_state *s)
{
    const int32_t classes = (int32_t)c->classes;

    if (t == classes)
        s->count[SC_SEG_IGNORED] += count;
    else if (t > classes || p > classes)
        return;
    else if (p < classes)
        s->count[sc_seg_cell(c->classes, t, p)] += count;
    else if (pred_ignored == SC_SEG_DROP)
        s->count[SC_SEG_IGNORED] += count;
    else
        s->count[sc_seg_missed(t)] += count;
}

/* The place of each pair in its table takes the place of the target. */
static void count_few(struct scratch *s, int n, uint32_t side)
{
    const uint32_t cells = side * side;

    for (int i = 0; i < n; i++)
        s->target[i] = (int32_t)((uint32_t)i % TABLES * cells + (uint32_t)s->target[i] * side +
                                 (uint32_t)s->pred[i]);
    for (int i = 0; i < n; i++) s->table[s->target[i]]++;
}

static void count_many(const struct sc_call *c, const struct scratch *s, int n,
                       struct sc_state *state)
{
    const int pred_ignored = sc_param(c->params, "pred_ignored")->choice;

    for (int i = 0; i < n; i++) settle(c, pred_ignored, s->target[i], s->pred[i], 1, state);
}

/* Empties the tables into the state. */
static void flush(const struct sc_call *c, struct sc_worker *w)
{
    const int pred_ignored = sc_param(c->params, "pred_ignored")->choice;
    const uint32_t side = (uint32_t)c->classes + 2, cells = side * side;
    struct scratch *s = w->scratch;

    if (c->classes > FEW_CLASSES) return;
    for (uint32_t cell = 0; cell < cells; cell++) {
        int64_t count = 0;

        for (uint32_t table = 0; table < TABLES; table++)
            count += s->table[table * cells + cell];
        settle(c, pred_ignored, (int32_t)(cell / side), (int32_t)(cell % side), count,
               &w->state);
    }
    memset(s->table, 0, TABLES * cells * sizeof s->table[0]);
}

/* pred_ignored=error: a prediction of an ignored label on a scored pixel is a bad label. */
static void refuse_ignored(const struct sc_call *c, const struct sc_span *span,
                           struct scratch *s, struct sc_worker *w)
{
    const int32_t ignored = (int32_t)c->classes;

    for (int i = 0; i < span->size; i++)
        if (s->pred[i] == ignored && s->target[i] < ignored)
            sc_note_trouble(&w->trouble[0], SC_LABEL, span->from + i,
                            sc_label_value(c->in[0], span->from + i));
}

/* The class of the largest score, the lowest of equal ones; counts scored pixels with a NaN. */
static void argmax(const struct sc_call *c, const struct sc_tile *t, const int32_t *target,
                   int32_t *code, int64_t *nans)
{
    bool nan[SC_TILE] = {false};

    for (int i = 0; i < t->size; i++) code[i] = 0;
    for (int i = 0; i < t->size; i++) t->max[i] = t->value[i];
    for (int64_t k = 0; k < c->classes; k++) {
        const double *x = t->value + k * t->width;

        for (int i = 0; i < t->size; i++) {
            nan[i] |= x[i] != x[i];
            code[i] = x[i] > t->max[i] ? (int32_t)k : code[i];
            t->max[i] = x[i] > t->max[i] ? x[i] : t->max[i];
        }
    }
    for (int i = 0; i < t->size; i++) *nans += nan[i] && target[i] < c->classes;
}

static void load_scores(const struct sc_call *c, const struct sc_span *span, struct scratch *s,
                        struct sc_worker *w)
{
    const struct sc_param_value *ignore = sc_param(c->params, "ignore_index");
    const int32_t ignored = (int32_t)c->classes;
    struct sc_tile t;

    sc_tile_init(&t, c, (uint8_t *)s->table + table_bytes(c));
    for (int64_t at = 0; at < span->size; at += t.width) {
        sc_tile_load(&t, c, c->in[0], span->from + at, sc_tile_size(&t, span->size - at));
        argmax(c, &t, s->target + at, s->pred + at, &w->state.count[SC_SEG_NAN]);
    }
    for (int k = 0; k < ignore->count; k++)
        for (int i = 0; i < span->size; i++)
            if (s->pred[i] == ignore->integers[k]) s->pred[i] = ignored;
}

static void load(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    const struct sc_param_value *ignore = sc_param(c->params, "ignore_index");
    const int n = (int)span->size;
    struct scratch *s = w->scratch;

    sc_load_labels(c->in[1], span->from, n, c->classes, ignore->integers, ignore->count,
                   s->target, &w->trouble[1]);
    if (has_scores(c))
        load_scores(c, span, s, w);
    else
        sc_load_labels(c->in[0], span->from, n, c->classes, ignore->integers, ignore->count,
                       s->pred, &w->trouble[0]);
    if (sc_param(c->params, "pred_ignored")->choice == SC_SEG_ERROR)
        refuse_ignored(c, span, s, w);
}

static void update(const struct sc_call *c, const struct sc_span *span, struct sc_worker *w)
{
    struct scratch *s = w->scratch;
    const int n = (int)span->size;

    load(c, span, w);
    if (c->classes <= FEW_CLASSES)
        count_few(s, n, (uint32_t)c->classes + 2);
    else
        count_many(c, s, n, &w->state);
    w->state.count[SC_SEG_IMAGES] += sc_samples_begun(c, span);
}

SC_KERNEL(metrics, segmentation)
{
    static const struct sc_kernel kernel = {.layout = sc_seg_layout,
                                            .scratch = scratch,
                                            .check = sc_seg_check,
                                            .update = update,
                                            .flush = flush,
                                            .finish = sc_seg_finish};

    return &kernel;
}
