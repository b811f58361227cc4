/* classification_report.c - the report of n[t][p] of classes: each ratio by class, and its
 * means. */
#include "classification_report.h"

#include <math.h>
#include <stdio.h>

#include "agreement.h"
#include "label_map.h"

bool sc_needs_ranks(const struct sc_params *params)
{
    const struct sc_param_value *k = sc_param(params, "top_k");

    for (int i = 0; i < k->count; i++)
        if (k->integers[i] > 1) return true;
    return false;
}

void sc_classification_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                              size_t *sums)
{
    *counts = sc_confusion_size(classes) + (size_t)sc_param(params, "top_k")->count;
    *sums = 0;
}

static enum sc_status twice(int64_t k, struct sc_note *note)
{
    return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/top_k",
                   "top_k has %lld, twice; once is enough", (long long)k);
}

enum sc_status sc_classification_check(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_param_value *k = sc_param(params, "top_k");
    const int64_t classes = sc_param(params, "num_classes")->integer;

    for (int i = 0; i < k->count; i++) {
        if (k->integers[i] > classes)
            return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/top_k",
                           "top_k has %lld, which is above num_classes, %lld",
                           (long long)k->integers[i], (long long)classes);
        for (int j = 0; j < i; j++)
            if (k->integers[j] == k->integers[i]) return twice(k->integers[i], note);
    }
    if (sc_needs_ranks(params) && sc_label_map_of(params, false)->set)
        return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/top_k",
                       "top_k above 1 ranks the classes of the scores, which a label map of "
                       "pred changes; map the target alone, or ask for top_k=1");
    return sc_confusion_check(params, note);
}

enum sc_status sc_classification_prepare(struct sc_call *c, struct sc_arena *arena,
                                         struct sc_note *note)
{
    (void)arena;
    if (sc_dtype_is_float(c->in[0]->dtype) || !sc_needs_ranks(c->params)) return SC_OK;
    return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/top_k",
                   "top_k above 1 needs class scores; 'pred' is labels (%s)",
                   sc_dtype_name(c->in[0]->dtype));
}

/* ---- ratios ---- */

enum { PRECISION, RECALL, F_BETA, SPECIFICITY, RATIOS };

static const char *const ratio_names[RATIOS] = {"precision", "recall", "f_beta", "specificity"};

/* What the means need: each ratio by class, and which classes they average. */
struct ratios {
    const struct sc_tally *t;
    double *value[RATIOS];
    unsigned mean[RATIOS];
};

static void score_classes(const struct sc_params *params, const struct sc_rules *rules,
                          struct ratios *q)
{
    const double beta = sc_param(params, "beta")->real;
    const struct sc_tally *t = q->t;

    for (int64_t i = 0; i < t->size; i++) {
        const enum sc_where where = sc_where(t->support[i], t->predicted[i]);

        q->value[PRECISION][i] = sc_class_precision(rules, t, i);
        q->value[RECALL][i] = sc_class_recall(rules, t, i);
        q->value[F_BETA][i] = where == SC_BOTH
                                  ? sc_f_beta(beta, t->tp[i], sc_fp(t, i), sc_fn(t, i))
                                  : rules->dice.value[where];
        q->value[SPECIFICITY][i] = sc_class_specificity(rules, t, i);
    }
    q->mean[PRECISION] = rules->precision.mean;
    q->mean[RECALL] = rules->recall.mean;
    q->mean[F_BETA] = rules->dice.mean;
    q->mean[SPECIFICITY] = rules->specificity.mean;
}

/* Averages a ratio over its classes, all alike or by support. */
static double average(const struct ratios *q, int ratio, bool weighted)
{
    const struct sc_tally *t = q->t;
    double sum = 0, weights = 0;

    for (int64_t i = 0; i < t->size; i++) {
        const double weight = weighted ? (double)t->support[i] : 1;
        const double value = q->value[ratio][i];

        if (!sc_is_in(q->mean[ratio], sc_where(t->support[i], t->predicted[i])) || isnan(value))
            continue;
        sum += weight * value;
        weights += weight;
    }
    return weights == 0 ? SC_NONE : sum / weights;
}

/* Of all classes together: a position is a true negative of nearly each, which may pass 64
 * bits. */
static double specificity(const struct sc_tally *t, int64_t fp, int64_t fn)
{
    const __int128 tn = (__int128)t->size * t->positions - t->hits - fp - fn;

    return tn + fp == 0 ? SC_NONE : (double)tn / (double)(tn + fp);
}

/* The ratio of the counts of all classes together. */
static double micro(const struct sc_params *params, const struct sc_tally *t, int ratio)
{
    int64_t predicted = 0, fp, fn;

    for (int64_t i = 0; i < t->size; i++) predicted += t->predicted[i];
    fp = predicted - t->hits;
    fn = t->positions - t->hits;
    switch (ratio) {
    case PRECISION:
        return sc_ratio(t->hits, predicted);
    case RECALL:
        return sc_ratio(t->hits, t->positions);
    case F_BETA:
        return sc_f_beta(sc_param(params, "beta")->real, t->hits, fp, fn);
    default:
        return specificity(t, fp, fn);
    }
}

static void report_ratios(const struct sc_params *params, const struct ratios *q,
                          struct sc_report *r)
{
    for (int i = 0; i < RATIOS; i++) {
        const char *name = ratio_names[i];

        sc_report_real(r, sc_arena_printf(r->arena, "%s.micro", name), micro(params, q->t, i));
        sc_report_real(r, sc_arena_printf(r->arena, "%s.macro", name), average(q, i, false));
        sc_report_real(r, sc_arena_printf(r->arena, "%s.weighted", name), average(q, i, true));
    }
}

/* ---- the report ---- */

#define CLASS_COLUMNS (SC_NAME_COLUMNS + RATIOS + SC_COUNT_COLUMNS)

static void report_top_k(const struct sc_params *params, const struct sc_state *s,
                         const struct sc_tally *t, struct sc_report *r)
{
    const struct sc_param_value *k = sc_param(params, "top_k");

    for (int i = 0; i < k->count; i++) {
        const bool ranked = k->integers[i] > 1 && s->classes > 0;
        const int64_t hits = ranked ? s->count[sc_top_k_hits(s->classes, i)] : t->hits;

        sc_report_real(r, sc_arena_printf(r->arena, "top_k.%lld", (long long)k->integers[i]),
                       sc_ratio(hits, t->positions));
    }
}

/* Where it is 0 / 0, what the rules say. */
static double matthews(const struct sc_rules *rules, const struct sc_counts *c, int64_t hits)
{
    const double value = sc_matthews(c);

    if (!sc_is_none(value) || c->total == 0) return value;
    return rules->matthews[hits == c->total ? 0 : hits == 0 ? 1 : 2];
}

/* Kappa and Matthews know the matrix alone: missed positions, which have no column, are not in
 * it.
 */
static void report_agreement(const struct sc_params *params, const struct sc_state *s,
                             const struct sc_tally *t, struct sc_report *r)
{
    int64_t *row = sc_arena_calloc(r->arena, (size_t)t->size, sizeof *row);
    const int choice = sc_param(params, "kappa_weights")->choice;
    struct sc_counts c = {.size = s->classes, .row = row, .column = t->predicted};

    if (row == NULL) {
        r->failed = true;
        return;
    }
    c.n = s->count + sc_cell(s->classes, 0, 0);
    c.total = t->positions - t->missed;
    for (int64_t i = 0; i < s->classes; i++) row[i] = t->support[i] - s->count[sc_missed(i)];
    sc_report_real(r, "kappa", sc_kappa(&c, (enum sc_kappa_weights)choice));
    sc_report_real(r, "matthews", matthews(sc_rules(params), &c, t->hits));
}

static void report_totals(const struct sc_params *params, const struct sc_state *s,
                          const struct ratios *q, struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);
    const struct sc_tally *t = q->t;

    sc_report_int(r, "num_classes", t->size);
    sc_report_int(r, "count", t->positions);
    sc_report_int(r, "ignored", s->count[SC_CONFUSION_IGNORED]);
    sc_report_int(r, "missed", t->missed);
    sc_report_real(r, "accuracy", sc_ratio(t->hits, t->positions));
    sc_report_real(r, "balanced_accuracy",
                   sc_mean_over(rules->accuracy, sc_class_recall, rules, t));
    report_top_k(params, s, t, r);
    report_agreement(params, s, t, r);
    report_ratios(params, q, r);
}

static void report_rules(const struct sc_params *params, int64_t missed, struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);

    sc_report_text(r, "rules.absent", rules->absent);
    sc_report_text(r, "rules.pred_ignored", sc_param_word(params, "pred_ignored", r->arena));
    sc_report_text(r, "rules.balanced_accuracy", sc_set_text(rules->accuracy));
    sc_report_text(r, "rules.precision", sc_set_text(rules->precision.mean));
    sc_report_text(r, "rules.recall", sc_set_text(rules->recall.mean));
    sc_report_text(r, "rules.f_beta", sc_set_text(rules->dice.mean));
    if (!sc_is_every(rules->specificity.mean))
        sc_report_text(r, "rules.specificity", sc_set_text(rules->specificity.mean));
    if (missed > 0)
        sc_report_text(r, "rules.agreement",
                       "kappa and matthews over the samples that are not missed");
}

const char *sc_classification_finish(const struct sc_params *params, const struct sc_state *s,
                                     struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);
    const int64_t size = sc_param(params, "num_classes")->integer;
    struct sc_column column[CLASS_COLUMNS];
    struct sc_table table = {.rows = (size_t)size, .column = column, .room = CLASS_COLUMNS};
    struct sc_tally t;
    struct ratios q = {.t = &t};

    r->failed |= !sc_tally_of(s, size, r->arena, &t);
    if (r->failed) return "ok";
    sc_table_names(r, &table, params, size);
    for (int i = 0; i < RATIOS; i++) q.value[i] = sc_table_real(r, &table, ratio_names[i]);
    sc_table_counts(r, &table, &t);
    if (r->failed) return "ok";
    score_classes(params, rules, &q);
    report_totals(params, s, &q, r);
    sc_report_classes(params, size, &table, r);
    sc_report_matrix(params, s, size, r);
    report_rules(params, t.missed, r);
    sc_confusion_warn(rules, &t, "samples", "accuracy", r);
    return sc_confusion_status(s, &t, "samples", r);
}
