/* segmentation.c - the report of n[t][p]: what each class and the whole scored.
 *
 * support = scored pixels of that target class (its row of n and its missed ones); predicted =
 * its column; TP = n[c][c], FN = support - TP, FP = predicted - TP, TN = the rest. A ratio with
 * denominator 0 is null. mean_iou and mean_dice average the classes with TP + FP + FN > 0. */
#include "segmentation.h"

#include <math.h>
#include <string.h>

#define PRINTED_CLASSES 1024 /* above, classes and matrix come only when asked for */
#define ONE_CLASS_SHARE 0.95 /* of the support: then accuracy says little */

void sc_seg_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums)
{
    (void)params;
    *counts = SC_SEG_COUNTS + (size_t)(classes + classes * classes);
    *sums = 0;
}

enum sc_status sc_seg_check(const struct sc_params *params, struct sc_note *note)
{
    const struct sc_param_value *names = sc_param(params, "class_names");
    const int64_t classes = sc_param(params, "num_classes")->integer;

    if (!names->set || names->count == classes) return SC_OK;
    return sc_fail(note, SC_OUT_OF_BOUNDS, "#/params/class_names",
                   "%d class_names for %lld classes; one each", names->count,
                   (long long)classes);
}

/* The class table's columns, filled from n[t][p]. */
struct classes {
    int64_t size;
    int64_t *class, *tp, *fp, *fn, *tn, *support, *predicted;
    double *iou, *dice, *precision, *recall, *specificity;
    const char **name, **status;
};

struct totals {
    int64_t pixels, missed, hits;
};

static double ratio(int64_t part, int64_t whole)
{
    return whole == 0 ? NAN : (double)part / (double)whole;
}

static void count_pixels(const struct sc_state *s, struct classes *c, struct totals *total)
{
    for (int64_t t = 0; t < s->classes; t++) { /* 0: no batch came */
        c->support[t] += s->count[sc_seg_missed(t)];
        total->missed += s->count[sc_seg_missed(t)];
        for (int64_t p = 0; p < c->size; p++) {
            const int64_t n = s->count[sc_seg_cell(c->size, t, p)];

            c->support[t] += n;
            c->predicted[p] += n;
            if (t == p) c->tp[t] = n;
        }
        total->pixels += c->support[t];
        total->hits += c->tp[t];
    }
}

static void score_class(struct classes *c, int64_t i, const struct totals *total)
{
    const int64_t tp = c->tp[i];

    c->class[i] = i;
    c->fp[i] = c->predicted[i] - tp;
    c->fn[i] = c->support[i] - tp;
    c->tn[i] = total->pixels - tp - c->fp[i] - c->fn[i];
    c->iou[i] = ratio(tp, tp + c->fp[i] + c->fn[i]);
    c->dice[i] = ratio(2 * tp, 2 * tp + c->fp[i] + c->fn[i]);
    c->precision[i] = ratio(tp, c->predicted[i]);
    c->recall[i] = ratio(tp, c->support[i]);
    c->specificity[i] = ratio(c->tn[i], c->tn[i] + c->fp[i]);
    c->status[i] = sc_presence(c->support[i] > 0, c->predicted[i] > 0);
}

/* The mean of the values that are no NaN; NaN where there are none. */
static double mean(const double *x, int64_t n)
{
    double sum = 0;
    int64_t count = 0;

    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        sum += x[i];
        count++;
    }
    return count == 0 ? NAN : sum / (double)count;
}

static double frequency_weighted(const struct classes *c, int64_t pixels)
{
    double sum = 0;

    for (int64_t i = 0; i < c->size; i++)
        if (c->support[i] > 0) sum += ratio(c->support[i], pixels) * c->iou[i];
    return pixels == 0 ? NAN : sum;
}

/* The columns in the order of the contract; those that `into` does not get are in no table. */
static void new_classes(struct sc_report *r, struct sc_table *t, struct classes *c)
{
    c->class = sc_table_int(r, t, "class");
    c->name = sc_table_text(r, t, "name");
    c->iou = sc_table_real(r, t, "iou");
    c->dice = sc_table_real(r, t, "dice");
    c->precision = sc_table_real(r, t, "precision");
    c->recall = sc_table_real(r, t, "recall");
    c->specificity = sc_table_real(r, t, "specificity");
    c->tp = sc_table_int(r, t, "tp");
    c->fp = sc_table_int(r, t, "fp");
    c->fn = sc_table_int(r, t, "fn");
    c->tn = sc_table_int(r, t, "tn");
    c->support = sc_table_int(r, t, "support");
    c->predicted = sc_table_int(r, t, "predicted");
    c->status = sc_table_text(r, t, "status");
}

static void name_classes(const struct sc_params *params, struct classes *c)
{
    const struct sc_param_value *names = sc_param(params, "class_names");

    for (int64_t i = 0; i < c->size; i++) c->name[i] = names->set ? names->words[i] : NULL;
}

static void report_ignore_index(const struct sc_params *params, struct sc_report *r)
{
    const struct sc_param_value *ignore = sc_param(params, "ignore_index");
    const int64_t dim[1] = {ignore->count};
    struct sc_tensor list;

    if (!ignore->set)
        sc_report_text(r, "ignore_index", NULL);
    else if (ignore->count == 1)
        sc_report_int(r, "ignore_index", ignore->integers[0]);
    else if (sc_tensor_new(&list, SC_INT64, 1, dim, r->arena, NULL) != SC_OK)
        r->failed = true;
    else {
        for (int i = 0; i < ignore->count; i++) ((int64_t *)list.data)[i] = ignore->integers[i];
        sc_report_list(r, "ignore_index", &list);
    }
}

static void report_totals(const struct sc_params *params, const struct sc_state *s,
                          const struct classes *c, const struct totals *total,
                          struct sc_report *r)
{
    sc_report_int(r, "num_classes", c->size);
    report_ignore_index(params, r);
    sc_report_int(r, "images", s->count[SC_SEG_IMAGES]);
    sc_report_int(r, "pixels", total->pixels);
    sc_report_int(r, "ignored", s->count[SC_SEG_IGNORED]);
    sc_report_int(r, "missed", total->missed);
    sc_report_real(r, "pixel_accuracy", ratio(total->hits, total->pixels));
    sc_report_real(r, "mean_accuracy", mean(c->recall, c->size));
    sc_report_real(r, "mean_iou", mean(c->iou, c->size));
    sc_report_real(r, "mean_dice", mean(c->dice, c->size));
    sc_report_real(r, "frequency_weighted_iou", frequency_weighted(c, total->pixels));
}

static void report_averaged(const struct classes *c, struct sc_report *r)
{
    const int64_t dim[1] = {c->size};
    struct sc_tensor list;

    if (sc_tensor_new(&list, SC_INT64, 1, dim, r->arena, NULL) != SC_OK) {
        r->failed = true;
        return;
    }
    list.dim[0] = 0;
    for (int64_t i = 0; i < c->size; i++)
        if (!isnan(c->iou[i])) ((int64_t *)list.data)[list.dim[0]++] = i;
    list.count = list.dim[0];
    sc_report_list(r, "classes_averaged", &list);
}

static void report_matrix(const struct sc_state *s, int64_t classes, struct sc_report *r)
{
    const int64_t dim[2] = {classes, classes};
    struct sc_tensor matrix;

    if (sc_tensor_new(&matrix, SC_INT64, 2, dim, r->arena, NULL) != SC_OK) {
        r->failed = true;
        return;
    }
    memset(matrix.data, 0, (size_t)matrix.count * sizeof(int64_t));
    if (s->classes == classes) /* else no batch came */
        memcpy(matrix.data, s->count + sc_seg_cell(classes, 0, 0),
               (size_t)matrix.count * sizeof(int64_t));
    sc_report_list(r, "confusion_matrix", &matrix);
    r->main_tensor = "confusion_matrix";
}

static void warn(const struct classes *c, const struct totals *total, struct sc_report *r)
{
    int64_t absent = 0;

    for (int64_t i = 0; i < c->size; i++) {
        absent += c->support[i] == 0 && c->predicted[i] == 0;
        if ((double)c->support[i] > ONE_CLASS_SHARE * (double)total->pixels && c->size > 1)
            sc_report_warn(r, "dominant_class",
                           "class %lld has %.1f %% of the pixels: pixel_accuracy says little",
                           (long long)i, 100 * ratio(c->support[i], total->pixels));
    }
    if (absent > 0 && total->pixels > 0)
        sc_report_warn(r, "absent_classes",
                       "%lld of %lld classes are in neither mask; they are in no mean",
                       (long long)absent, (long long)c->size);
}

static void score(const struct sc_state *s, struct classes *c, struct totals *total)
{
    count_pixels(s, c, total);
    for (int64_t i = 0; i < c->size; i++) score_class(c, i, total);
}

static bool is_printed(const struct sc_params *params, int64_t classes, const char *value,
                       const char *param, struct sc_report *r)
{
    if (classes <= PRINTED_CLASSES || sc_param(params, param)->boolean) return true;
    sc_report_warn(r, "not_printed", "%s is left out above %d classes; ask with %s=true", value,
                   PRINTED_CLASSES, param);
    return false;
}

const char *sc_seg_finish(const struct sc_params *params, const struct sc_state *s,
                          struct sc_report *r)
{
    const int64_t size = sc_param(params, "num_classes")->integer;
    struct classes c = {.size = size};
    struct totals total = {0};
    struct sc_column column[14];
    struct sc_table table = {.rows = (size_t)size, .column = column};
    struct sc_table *printed;

    new_classes(r, &table, &c);
    if (r->failed) return "ok";
    score(s, &c, &total);
    name_classes(params, &c);
    report_totals(params, s, &c, &total, r);
    report_averaged(&c, r);
    if (is_printed(params, size, "classes", "per_class", r)) {
        printed = sc_report_table(r, "classes", 0, 14);
        if (printed == NULL) return "ok";
        memcpy(printed->column, column, sizeof column);
        printed->rows = table.rows;
        printed->columns = table.columns;
        r->main_table = "classes";
    }
    if (is_printed(params, size, "confusion_matrix", "confusion_matrix", r))
        report_matrix(s, size, r);
    sc_report_text(r, "rules.absent", "skip");
    sc_report_text(r, "rules.pred_ignored", sc_param_word(params, "pred_ignored", r->arena));
    sc_report_text(r, "rules.mean_iou",
                   "classes with TP + FP + FN > 0, pooled over the images");
    warn(&c, &total, r);
    if (s->count[SC_SEG_NAN] > 0) {
        sc_report_warn(r, "nonfinite", "%lld pixels have a score that is NaN",
                       (long long)s->count[SC_SEG_NAN]);
        return "nonfinite";
    }
    if (total.pixels > 0) return "ok";
    return s->count[SC_SEG_IGNORED] > 0 ? "all_ignored" : "empty";
}
