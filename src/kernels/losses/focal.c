/* focal.c - focal loss of logits: alpha_t w (1 - p_t)^gamma (-log p_t), of class indices by
 * their softmax, and binary by a sigmoid each where the target has the shape of pred; see
 * focal.h. */
#include "focal.h"
#include "cross_entropy.h"

enum { COUNT, POSITIVES, WEIGHT_SUM }; /* words of normalizer */

/* ---- class indices ---- */

/* Cross entropy, bit for bit, is what is left. */
static bool is_cross_entropy(const struct sc_call *c)
{
    return sc_param(c->params, "gamma")->real == 0 &&
           sc_param(c->params, "clamp_eps")->real == 0;
}

#define LOWEST -0x1.fffffffffffffp1023

/* Takes the target's score out of the tile; the lowest number stands there instead. */
static void take_scores(const struct sc_call *c, struct sc_scores *t, double *score)
{
    for (int i = 0; i < t->x.size; i++) {
        const int64_t y = t->code[i] < c->classes ? t->code[i] : 0;

        score[i] = t->x.value[y * t->x.width + i];
        t->x.value[y * t->x.width + i] = LOWEST;
    }
}

/* u of each position and its rounding error, after a softmax of the other classes: in place of
 * the largest of them and of their sum. */
static void take_odds(struct sc_tile *others, const double *score)
{
    for (int i = 0; i < others->size; i++) {
        /* as in a softmax: of +inf, and of nothing but -inf */
        const bool none = score[i] == -HUGE_VAL && others->max[i] == LOWEST;
        const double top = score[i] < HUGE_VAL && !none ? score[i] : (double)NAN;
        const struct vm_pair lead = vm_sum(top, -others->max[i]);
        const struct vm_pair u = vm_sum(lead.hi, -sc_log(others->sum[i]));
        const double rest = u.lo + lead.lo;

        others->max[i] = u.hi;
        others->sum[i] = fabs(rest) < 1 ? rest : 0;
    }
}

static void index_terms(const struct sc_call *c, struct sc_scores *t)
{
    const struct sc_focal f = sc_focal(c);
    double *score = t->q.max, *loss = t->q.sum;

    take_scores(c, t, score);
    sc_tile_expsum(&t->x, c);
    take_odds(&t->x, score);
    for (int i = 0; i < t->x.size; i++) {
        const struct sc_odds o = sc_odds(&f, t->x.max[i], t->x.sum[i]);

        loss[i] = sc_focal_loss(&f, &o);
    }
    for (int i = 0; i < t->x.size; i++)
        t->term[i] = t->code[i] < c->classes ? sc_target_weight(c, t, i) * loss[i] : 0;
}

/* -1 at the target and the softmax of the other classes, times the slope by -u. */
static void index_slopes(const struct sc_call *c, struct sc_scores *t)
{
    const struct sc_focal f = sc_focal(c);
    double *score = t->q.max, *slope = t->q.sum;

    take_scores(c, t, score);
    sc_tile_softmax(&t->x, c);
    take_odds(&t->x, score);
    for (int i = 0; i < t->x.size; i++) {
        const struct sc_odds o = sc_odds(&f, t->x.max[i], t->x.sum[i]);

        slope[i] = sc_focal_slope(&f, &o);
    }
    for (int i = 0; i < t->x.size; i++)
        slope[i] = c->scale * (sc_target_weight(c, t, i) * slope[i]);
    for (int64_t k = 0; k < c->classes; k++) {
        double *value = t->x.value + k * t->x.width;

        for (int i = 0; i < t->x.size; i++) {
            const double spread = t->code[i] == k ? -slope[i] : slope[i] * value[i];

            value[i] = t->code[i] < c->classes ? spread : 0;
        }
    }
}

/* ---- binary ---- */

/* Loads targets into q, 0 where ignored; codes say which are. */
static void load_binary(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const int64_t ignore = sc_param(c->params, "ignore_index")->integer, from = t->x.from;
    const int n = t->x.size;
    double *target = t->q.value;

    if (sc_dtype_is_float(c->in[1]->dtype)) {
        sc_load(c->in[1], from, n, target);
        for (int i = 0; i < n; i++) t->code[i] = target[i] == (double)ignore;
    } else {
        sc_load_labels(c->in[1], from, n, 2, &ignore, 1, t->code, &w->trouble[1]);
        for (int i = 0; i < n; i++) target[i] = t->code[i];
        for (int i = 0; i < n; i++) t->code[i] = t->code[i] == 2;
    }
    for (int i = 0; i < n; i++) target[i] = t->code[i] ? 0 : target[i];
    if (sc_dtype_is_float(c->in[1]->dtype))
        sc_check_values(SC_PROBABILITY, target, from, n, &w->trouble[1]);
}

/* The weight of the class (dimension 1) of an element. */
static double weight_at(const struct sc_call *c, int64_t position)
{
    const struct sc_tensor *pred = c->in[0];

    if (c->in[2] == NULL) return 1;
    return c->weight[position % c->positions / (c->positions / pred->dim[1])];
}

/* alpha of t = 0 and of t = 1. */
struct alpha {
    double negative, positive;
};

static struct alpha alpha_of(const struct sc_call *c)
{
    const struct sc_param_value *alpha = sc_param(c->params, "alpha");

    if (!alpha->set) return (struct alpha){1, 1};
    if (alpha->count == 1) return (struct alpha){1 - alpha->reals[0], alpha->reals[0]};
    return (struct alpha){alpha->reals[0], alpha->reals[1]};
}

static double balance(const struct alpha *a, double target)
{
    return a->negative == a->positive ? a->negative
                                      : fma(a->positive, target, a->negative * (1 - target));
}

/* What each term is multiplied by. */
static void weigh_binary(const struct sc_call *c, const struct sc_scores *t, double *weight)
{
    const struct alpha a = alpha_of(c);

    for (int i = 0; i < t->x.size; i++)
        weight[i] = t->code[i] ? 0 : weight_at(c, t->x.from + i) * balance(&a, t->q.value[i]);
}

static void share_binary(const struct sc_call *c, const struct sc_scores *t)
{
    const int normalizer = sc_param(c->params, "normalizer")->choice;

    for (int i = 0; i < t->x.size; i++) {
        const double share = normalizer == COUNT       ? 1
                             : normalizer == POSITIVES ? t->q.value[i]
                                                       : weight_at(c, t->x.from + i);

        t->share[i] = t->code[i] ? 0 : share;
    }
}

static void binary_terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const struct sc_focal f = sc_focal(c);
    double *weight = t->q.rest;

    load_binary(c, t, w);
    weigh_binary(c, t, weight);
    share_binary(c, t);
    sc_focal_binary(&f, t->x.value, t->q.value, t->x.size, t->term);
    for (int i = 0; i < t->x.size; i++) t->term[i] = t->code[i] ? 0 : weight[i] * t->term[i];
}

static void binary_slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    const struct sc_focal f = sc_focal(c);
    double *weight = t->q.rest, *slope = t->q.sum;

    load_binary(c, t, w);
    weigh_binary(c, t, weight);
    sc_focal_binary_slopes(&f, t->x.value, t->q.value, t->x.size, slope);
    for (int i = 0; i < t->x.size; i++)
        t->x.value[i] = t->code[i] ? 0 : c->scale * (weight[i] * slope[i]);
}

/* ---- all ---- */

static void terms(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    if (!c->indices) {
        binary_terms(c, t, w);
    } else if (is_cross_entropy(c)) {
        sc_tile_logsum(&t->x, c, w);
        sc_index_terms(c, t);
    } else {
        index_terms(c, t);
    }
}

static void slopes(const struct sc_call *c, struct sc_scores *t, struct sc_worker *w)
{
    if (!c->indices) {
        binary_slopes(c, t, w);
    } else if (is_cross_entropy(c)) {
        sc_tile_softmax(&t->x, c);
        sc_index_shares(c, t, 0);
        sc_share_slopes(c, &t->x, &t->q);
    } else {
        index_slopes(c, t);
    }
}

static enum sc_status bad_alpha(const struct sc_call *c, struct sc_note *note)
{
    const int count = sc_param(c->params, "alpha")->count;

    if (c->indices)
        return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/alpha",
                       "alpha has %d numbers; it is one, or one for each of the %lld classes",
                       count, (long long)c->classes);
    return sc_fail(
        note, SC_OUT_OF_BOUNDS, "#/params/alpha",
        "alpha has %d numbers; where pred and target have one shape it is one from 0 to "
        "1, that of target 1, or two, those of 0 and 1",
        count);
}

static enum sc_status check_alpha(const struct sc_call *c, struct sc_note *note)
{
    const struct sc_param_value *alpha = sc_param(c->params, "alpha");
    const bool one = alpha->count == 1 && (c->indices || alpha->reals[0] <= 1);

    if (!alpha->set || one || alpha->count == (c->indices ? c->classes : 2)) return SC_OK;
    return bad_alpha(c, note);
}

/* By class: terms are weighted by weight and alpha, the divisor by what normalizer says. */
static void weigh_classes(struct sc_call *c, double *weight, double *share)
{
    const struct sc_param_value *alpha = sc_param(c->params, "alpha");
    const int normalizer = sc_param(c->params, "normalizer")->choice;

    for (int64_t k = 0; k < c->classes; k++) {
        share[k] = normalizer == COUNT ? 1 : normalizer == POSITIVES ? k > 0 : weight[k];
        if (alpha->set) weight[k] *= alpha->reals[alpha->count == 1 ? 0 : k];
    }
    c->share = share;
}

static enum sc_status prepare(struct sc_call *c, struct sc_arena *arena, struct sc_note *note)
{
    const int64_t weights = c->in[2] != NULL ? c->in[2]->dim[0] : c->classes;
    double *weight = NULL, *share = sc_arena_calloc(arena, (size_t)c->classes, sizeof *share);

    if (share == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for weights");
    SC_TRY(check_alpha(c, note));
    SC_TRY(sc_read_weight(c, 2, weights, arena, &weight, note));
    if (c->indices) weigh_classes(c, weight, share);
    c->weight = weight;
    return SC_OK;
}

/* An unreduced binary loss has the shape of pred. */
static enum sc_status shape(const struct sc_call *c, int output, int *rank, int64_t *dim)
{
    return c->indices ? sc_class_shape(c, output, rank, dim) : SC_OK;
}

#define LOSS    focal
#define TERMS   terms
#define SLOPES  slopes
#define PREPARE prepare
#define SHAPE   shape
#define EFFORT  6
#include "classes.inc"
