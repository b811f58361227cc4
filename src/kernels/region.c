/* region.c - the state of region losses, and its report. */
#include "region.h"

#include <math.h>

#include "weight.h"

struct sc_overlap sc_region_overlap(const struct sc_exact *sums, int64_t k)
{
    const struct sc_exact *own = sums + (size_t)k * SC_REGION_SUMS;

    return (struct sc_overlap){.i = sc_exact_round(&own[SC_REGION_I]),
                               .p = sc_exact_round(&own[SC_REGION_P]),
                               .t = sc_exact_round(&own[SC_REGION_T])};
}

int64_t sc_region_first(const struct sc_params *params)
{
    return sc_param(params, "include_background")->boolean ? 0 : 1;
}

void sc_region_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                      size_t *sums)
{
    (void)params;
    *counts = SC_REGION_COUNTS;
    *sums = (size_t)classes * SC_REGION_SUMS;
}

enum sc_status sc_region_prepare(struct sc_call *call, struct sc_arena *arena,
                                 struct sc_note *note)
{
    const struct sc_params *params = call->params;

    if (sc_param(params, "input_kind")->choice == SC_LABELS &&
        sc_param(params, "grad")->boolean)
        return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/grad",
                       "labels have no gradient; grad=true "
                       "needs input_kind=logits or probs");
    if (sc_region_first(params) >= call->classes)
        return sc_fail(note, SC_BAD_SHAPE, "#/pred", "no class is left without the background");
    call->whole_samples = sc_param(params, "per_sample")->boolean;
    return sc_load_weight(call, 2, arena, note);
}

enum sc_status sc_region_shape(const struct sc_call *call, int output, int *rank, int64_t *dim)
{
    const bool per_sample = call->whole_samples;

    if (output != SC_OUT_VALUE) return SC_OK;
    *rank = per_sample ? 2 : 1;
    dim[0] = call->samples;
    dim[per_sample ? 1 : 0] = call->classes;
    return SC_OK;
}

/* A class of the report. */
struct rows {
    int64_t *class;
    double *value, *i, *p, *t;
    const char **status;
};

static void new_rows(struct sc_report *r, int64_t count, struct rows *rows)
{
    struct sc_table *t = sc_report_table(r, "classes", (size_t)count, 6);

    rows->class = sc_table_int(r, t, "class");
    rows->value = sc_table_real(r, t, "value");
    rows->i = sc_table_real(r, t, "intersection");
    rows->p = sc_table_real(r, t, "pred_sum");
    rows->t = sc_table_real(r, t, "target_sum");
    rows->status = sc_table_text(r, t, "status");
    r->main_table = "classes";
}

static double sum_of(const struct sc_state *s, int64_t k, int which)
{
    return sc_exact_round(&s->sum[(size_t)k * SC_REGION_SUMS + (size_t)which]);
}

static bool per_sample(const struct sc_params *params)
{
    return sc_param(params, "per_sample")->boolean;
}

double sc_region_weight(const struct sc_state *s, int64_t k)
{
    return sum_of(s, k, SC_REGION_WEIGHT) / (double)s->count[SC_REGION_SAMPLES];
}

bool sc_region_same_weights(const struct sc_params *params, const struct sc_state *a,
                            const struct sc_state *b)
{
    (void)params;
    if (a->count[SC_REGION_SAMPLES] == 0 || b->count[SC_REGION_SAMPLES] == 0) return true;
    for (int64_t k = 0; k < a->classes; k++) {
        const double x = sc_region_weight(a, k), y = sc_region_weight(b, k);

        if (!(fabs(x - y) <= 0x1p-50 * fabs(x))) return false;
    }
    return true;
}

static double pooled_loss(sc_region_fn *loss, const struct sc_params *params,
                          const struct sc_state *s, int64_t k)
{
    const struct sc_overlap o = sc_region_overlap(s->sum, k);

    return loss(&o, params);
}

/* The loss of class k; the mean over the samples where they are scored one by one. */
static double class_loss(sc_region_fn *loss, const struct sc_params *params,
                         const struct sc_state *s, int64_t k)
{
    if (!per_sample(params)) return pooled_loss(loss, params, s, k);
    return sum_of(s, k, SC_REGION_VALUE) / (double)s->count[SC_REGION_SAMPLES];
}

/* What class k adds to the sum. */
static double weighted_loss(sc_region_fn *loss, const struct sc_params *params,
                            const struct sc_state *s, int64_t k)
{
    if (per_sample(params)) return sum_of(s, k, SC_REGION_WEIGHTED);
    return sc_region_weighted(sc_region_weight(s, k), pooled_loss(loss, params, s, k));
}

static double weight_sum_of(const struct sc_params *params, const struct sc_state *s)
{
    double sum = 0;

    for (int64_t k = sc_region_first(params); k < s->classes; k++)
        sum += per_sample(params) ? sum_of(s, k, SC_REGION_WEIGHT) : sc_region_weight(s, k);
    return sum;
}

double sc_region_scale(const struct sc_call *call)
{
    return sc_loss_divide(call, weight_sum_of(call->params, call->total));
}

static void fill_row(const struct sc_state *s, int64_t k, double loss, struct rows *rows)
{
    const struct sc_overlap o = sc_region_overlap(s->sum, k);

    rows->class[k] = k;
    rows->value[k] = loss;
    rows->i[k] = o.i;
    rows->p[k] = o.p;
    rows->t[k] = o.t;
    rows->status[k] = sc_presence(o.t != 0, o.p != 0);
}

void sc_region_classes(sc_region_fn *loss, const struct sc_params *params,
                       const struct sc_state *s, struct sc_report *r)
{
    const bool any = s->count[SC_LOSS_COUNT] > 0;
    struct rows rows;

    new_rows(r, s->classes, &rows);
    for (int64_t k = 0; !r->failed && k < s->classes; k++)
        fill_row(s, k, any ? class_loss(loss, params, s, k) : SC_NONE, &rows);
}

const char *sc_region_finish(sc_region_fn *loss, const struct sc_params *params,
                             const struct sc_state *s, struct sc_report *r)
{
    const bool any = s->count[SC_LOSS_COUNT] > 0;
    const double weight_sum = any ? weight_sum_of(params, s) : 0;
    double sum = 0;
    const char *status;

    for (int64_t k = sc_region_first(params); any && k < s->classes; k++)
        sum += weighted_loss(loss, params, s, k);
    status = sc_loss_report(params, s, sum, weight_sum, r);
    sc_region_classes(loss, params, s, r);
    sc_report_text(r, "rules.averaged",
                   per_sample(params) ? "each sample and class, then mean"
                                      : "pooled over the batch, then classes");
    return status;
}
