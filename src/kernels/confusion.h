/* confusion.h - the state of the label metrics: n[t][p], how many scored positions have target
 * t and prediction p; and what all of their reports say. */
#pragma once

#include "op.h"
#include "rules.h"

enum { SC_PRED_MISS, SC_PRED_DROP, SC_PRED_ERROR };     /* words of pred_ignored */
enum { SC_KIND_LABELS, SC_KIND_LOGITS, SC_KIND_PROBS }; /* the first ones of input_kind */

/* Counts: these, then predictions of an ignored label for each target class, then n[t][p]. */
enum { SC_CONFUSION_IMAGES, SC_CONFUSION_IGNORED, SC_CONFUSION_NAN, SC_CONFUSION_COUNTS };

static inline size_t sc_missed(int64_t target)
{
    return SC_CONFUSION_COUNTS + (size_t)target;
}

static inline size_t sc_cell(int64_t classes, int64_t target, int64_t pred)
{
    return SC_CONFUSION_COUNTS + (size_t)(classes + target * classes + pred);
}

/* How many counts these are: an operation may have more behind them. */
static inline size_t sc_confusion_size(int64_t classes)
{
    return sc_cell(classes, classes, 0);
}

/* kernel->layout of no more than these. */
void sc_confusion_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                         size_t *sums);

/* kernel->count_batch: counts the images. */
void sc_confusion_count_batch(const struct sc_call *call, struct sc_state *state);

/* kernel->check of the parameters that the label metrics share. */
enum sc_status sc_confusion_check(const struct sc_params *params, struct sc_note *note);

/* The sums of n[t][p] by class. */
struct sc_tally {
    int64_t size;                    /* classes */
    int64_t *tp, *support;           /* support: with the missed ones */
    int64_t *predicted;              /* the column of n */
    int64_t positions, missed, hits; /* of all classes; positions are the scored ones */
};

/* Those of a state; all 0 where it has no classes: it has seen no batch. False: no memory. */
bool sc_tally_of(const struct sc_state *state, int64_t classes, struct sc_arena *arena,
                 struct sc_tally *out);

static inline int64_t sc_fp(const struct sc_tally *t, int64_t i)
{
    return t->predicted[i] - t->tp[i];
}

static inline int64_t sc_fn(const struct sc_tally *t, int64_t i)
{
    return t->support[i] - t->tp[i];
}

static inline int64_t sc_tn(const struct sc_tally *t, int64_t i)
{
    return t->positions - t->tp[i] - sc_fp(t, i) - sc_fn(t, i);
}

/* NaN where the whole is 0. */
double sc_ratio(int64_t part, int64_t whole);
/* (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP); SC_NONE for 0 / 0. */
double sc_f_beta(double beta, int64_t tp, int64_t fp, int64_t fn);

/* Of class i, by the rules. */
double sc_class_precision(const struct sc_rules *rules, const struct sc_tally *t, int64_t i);
double sc_class_recall(const struct sc_rules *rules, const struct sc_tally *t, int64_t i);
double sc_class_specificity(const struct sc_rules *rules, const struct sc_tally *t, int64_t i);

/* The mean of `value(rules, t, i)` over the classes of a set; NaN where there are none. */
typedef double sc_class_fn(const struct sc_rules *rules, const struct sc_tally *t, int64_t i);
double sc_mean_over(unsigned set, sc_class_fn *value, const struct sc_rules *rules,
                    const struct sc_tally *t);

/* ---- parts of reports ---- */

#define SC_NAME_COLUMNS  2
#define SC_COUNT_COLUMNS 7

/* Columns tp, fp, fn, tn, support, predicted, status of a table with a row for each class. */
void sc_table_counts(struct sc_report *r, struct sc_table *table, const struct sc_tally *t);
/* Columns class and name. */
void sc_table_names(struct sc_report *r, struct sc_table *table, const struct sc_params *params,
                    int64_t classes);

/* The matrix of a state, int64 [classes][classes]; NULL data: no memory. */
struct sc_tensor sc_confusion_matrix(const struct sc_state *state, int64_t classes,
                                     struct sc_report *r);

/* Is what is large printed? Above 1,024 classes only when `param` asks; a warning says so. */
bool sc_is_printed(const struct sc_params *params, int64_t classes, const char *value,
                   const char *param, struct sc_report *r);
/* `classes` from a finished table, and `confusion_matrix`: where they are printed. */
void sc_report_classes(const struct sc_params *params, int64_t classes,
                       const struct sc_table *table, struct sc_report *r);
void sc_report_matrix(const struct sc_params *params, const struct sc_state *state,
                      int64_t classes, struct sc_report *r);

/* Warns of one class that has nearly all positions (in words: "pixels"), of absent classes, of
 * scores that are NaN; gives the status of the report. */
void sc_confusion_warn(const struct sc_rules *rules, const struct sc_tally *t,
                       const char *positions, const char *accuracy, struct sc_report *r);
const char *sc_confusion_status(const struct sc_state *state, const struct sc_tally *t,
                                const char *positions, struct sc_report *r);
