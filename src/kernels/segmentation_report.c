/* segmentation_report.c - the report of n[t][p] of masks: what each class, image and the whole
 * scored.
 */
#include "segmentation_report.h"

#include <math.h>

#include "samples.h"

/* What is told of all classes together, of all images or of one. */
enum { PIXEL_ACCURACY, MEAN_ACCURACY, MEAN_IOU, MEAN_DICE, FREQUENCY_WEIGHTED_IOU, OVERALL };

static const char *const overall_names[OVERALL] = {
    "pixel_accuracy", "mean_accuracy", "mean_iou", "mean_dice", "frequency_weighted_iou"};

/* Columns of per_image, after `image`. */
enum { IMAGE_PIXELS, IMAGE_IGNORED, IMAGE_OVERALL, IMAGE_COLUMNS = IMAGE_OVERALL + OVERALL };

_Static_assert(IMAGE_COLUMNS == SC_SAMPLE_VALUES, "a row has a value for each column");

void sc_segmentation_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                            size_t *sums)
{
    const bool per_image = sc_param(params, "per_image")->boolean;

    *counts = sc_confusion_size(classes) + (per_image ? OVERALL : 0);
    *sums = per_image ? OVERALL : 0;
}

/* ---- values ---- */

static double iou_of(const struct sc_rules *rules, const struct sc_tally *t, int64_t i)
{
    const int64_t whole = t->tp[i] + sc_fp(t, i) + sc_fn(t, i);

    return sc_rule_ratio(&rules->iou, sc_where(t->support[i], t->predicted[i]),
                         (double)t->tp[i], (double)whole);
}

static double dice_of(const struct sc_rules *rules, const struct sc_tally *t, int64_t i)
{
    const int64_t whole = 2 * t->tp[i] + sc_fp(t, i) + sc_fn(t, i);

    return sc_rule_ratio(&rules->dice, sc_where(t->support[i], t->predicted[i]),
                         2 * (double)t->tp[i], (double)whole);
}

static double frequency_weighted(const struct sc_rules *rules, const struct sc_tally *t)
{
    double sum = 0;

    for (int64_t i = 0; i < t->size; i++)
        if (t->support[i] > 0)
            sum += sc_ratio(t->support[i], t->positions) * iou_of(rules, t, i);
    return t->positions == 0 ? SC_NONE : sum;
}

static void score_overall(const struct sc_rules *rules, const struct sc_tally *t,
                          double overall[OVERALL])
{
    overall[PIXEL_ACCURACY] = sc_ratio(t->hits, t->positions);
    overall[MEAN_ACCURACY] = sc_mean_over(rules->accuracy, sc_class_recall, rules, t);
    overall[MEAN_IOU] = sc_mean_over(rules->iou.mean, iou_of, rules, t);
    overall[MEAN_DICE] = sc_mean_over(rules->dice.mean, dice_of, rules, t);
    overall[FREQUENCY_WEIGHTED_IOU] = frequency_weighted(rules, t);
}

/* ---- single images ---- */

enum sc_status sc_segmentation_sample(const struct sc_params *params,
                                      const struct sc_state *one, struct sc_arena *arena,
                                      struct sc_state *into, struct sc_note *note)
{
    double row[SC_SAMPLE_VALUES], *overall = row + IMAGE_OVERALL;
    struct sc_tally t;

    if (!sc_tally_of(one, one->classes, arena, &t))
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the sums of an image");
    score_overall(sc_rules(params), &t, overall);
    for (int i = 0; i < OVERALL; i++) {
        if (isnan(overall[i])) continue;
        into->count[sc_confusion_size(into->classes) + (size_t)i]++;
        sc_exact_add(&into->sum[i], overall[i]);
    }
    row[IMAGE_PIXELS] = (double)t.positions;
    row[IMAGE_IGNORED] = (double)one->count[SC_CONFUSION_IGNORED];
    return sc_samples_add(into->samples, row, note);
}

static void report_image_mean(const struct sc_state *s, struct sc_report *r)
{
    for (int i = 0; i < OVERALL; i++) {
        const int64_t count =
            s->classes > 0 ? s->count[sc_confusion_size(s->classes) + (size_t)i] : 0;
        const double mean = count > 0 ? sc_exact_round(&s->sum[i]) / (double)count : SC_NONE;

        sc_report_real(r, sc_arena_printf(r->arena, "image_mean.%s.value", overall_names[i]),
                       mean);
        sc_report_int(r, sc_arena_printf(r->arena, "image_mean.%s.count", overall_names[i]),
                      count);
    }
}

static void report_images(const struct sc_samples *samples, struct sc_report *r)
{
    struct sc_table *t = sc_report_table(r, "per_image", samples->count, 1 + IMAGE_COLUMNS);
    int64_t *image, *pixels, *ignored;

    if (t == NULL) return;
    image = sc_table_int(r, t, "image");
    pixels = sc_table_int(r, t, "pixels");
    ignored = sc_table_int(r, t, "ignored");
    for (size_t i = 0; !r->failed && i < samples->count; i++) {
        image[i] = (int64_t)i;
        pixels[i] = (int64_t)samples->row[i][IMAGE_PIXELS];
        ignored[i] = (int64_t)samples->row[i][IMAGE_IGNORED];
    }
    for (int column = 0; column < OVERALL; column++) {
        double *value = sc_table_real(r, t, overall_names[column]);

        for (size_t i = 0; !r->failed && i < samples->count; i++)
            value[i] = samples->row[i][IMAGE_OVERALL + column];
    }
}

/* ---- the report ---- */

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
                          const struct sc_tally *t, struct sc_report *r)
{
    double overall[OVERALL];

    sc_report_int(r, "num_classes", t->size);
    report_ignore_index(params, r);
    sc_report_int(r, "images", s->count[SC_CONFUSION_IMAGES]);
    sc_report_int(r, "pixels", t->positions);
    sc_report_int(r, "ignored", s->count[SC_CONFUSION_IGNORED]);
    sc_report_int(r, "missed", t->missed);
    score_overall(sc_rules(params), t, overall);
    for (int i = 0; i < OVERALL; i++) sc_report_real(r, overall_names[i], overall[i]);
}

/* The classes in mean_iou. */
static void report_averaged(const struct sc_rules *rules, const struct sc_tally *t,
                            struct sc_report *r)
{
    const int64_t dim[1] = {t->size};
    struct sc_tensor list;

    if (sc_tensor_new(&list, SC_INT64, 1, dim, r->arena, NULL) != SC_OK) {
        r->failed = true;
        return;
    }
    list.dim[0] = 0;
    for (int64_t i = 0; i < t->size; i++)
        if (sc_is_in(rules->iou.mean, sc_where(t->support[i], t->predicted[i])))
            ((int64_t *)list.data)[list.dim[0]++] = i;
    list.count = list.dim[0];
    sc_report_list(r, "classes_averaged", &list);
}

#define RATIOS        5
#define CLASS_COLUMNS (SC_NAME_COLUMNS + RATIOS + SC_COUNT_COLUMNS)

/* The columns in the order of the contract. */
static void fill_classes(const struct sc_params *params, const struct sc_tally *t,
                         struct sc_table *table, struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);
    double *iou, *dice, *precision, *recall, *specificity;

    sc_table_names(r, table, params, t->size);
    iou = sc_table_real(r, table, "iou");
    dice = sc_table_real(r, table, "dice");
    precision = sc_table_real(r, table, "precision");
    recall = sc_table_real(r, table, "recall");
    specificity = sc_table_real(r, table, "specificity");
    for (int64_t i = 0; !r->failed && i < t->size; i++) {
        iou[i] = iou_of(rules, t, i);
        dice[i] = dice_of(rules, t, i);
        precision[i] = sc_class_precision(rules, t, i);
        recall[i] = sc_class_recall(rules, t, i);
        specificity[i] = sc_class_specificity(rules, t, i);
    }
    sc_table_counts(r, table, t);
}

static void report_rules(const struct sc_params *params, struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);

    sc_report_text(r, "rules.absent", rules->absent);
    sc_report_text(r, "rules.pred_ignored", sc_param_word(params, "pred_ignored", r->arena));
    sc_report_text(
        r, "rules.mean_iou",
        sc_arena_printf(r->arena, "%s, pooled over the images", sc_set_text(rules->iou.mean)));
    if (rules->dice.mean != rules->iou.mean)
        sc_report_text(r, "rules.mean_dice",
                       sc_arena_printf(r->arena, "%s, pooled over the images",
                                       sc_set_text(rules->dice.mean)));
    sc_report_text(
        r, "rules.mean_accuracy",
        sc_arena_printf(r->arena, "%s, pooled over the images", sc_set_text(rules->accuracy)));
    if (sc_param(params, "per_image")->boolean)
        sc_report_text(r, "rules.per_image",
                       "each image by the same rules; image_mean over the images where the "
                       "value is defined");
}

/* Masks that were exchanged give a report too: that of other masks. Scores are no targets, and
 * may well have a class that is ignored. */
static void warn_exchanged(const struct sc_params *params, const struct sc_state *s,
                           const struct sc_tally *t, struct sc_report *r)
{
    const struct sc_param_value *kind = sc_param(params, "input_kind");

    if (kind->set && kind->choice != SC_KIND_LABELS) return;
    if (t->missed == 0 || s->count[SC_CONFUSION_IGNORED] > 0) return;
    sc_report_warn(
        r, "only_pred_ignored",
        "'pred' has ignore_index at %lld pixels, 'target' at none: these are misses; "
        "are the two exchanged?",
        (long long)t->missed);
}

const char *sc_segmentation_finish(const struct sc_params *params, const struct sc_state *s,
                                   struct sc_report *r)
{
    const struct sc_rules *rules = sc_rules(params);
    const int64_t size = sc_param(params, "num_classes")->integer;
    struct sc_column column[CLASS_COLUMNS];
    struct sc_table table = {.rows = (size_t)size, .column = column, .room = CLASS_COLUMNS};
    struct sc_tally t;

    r->failed |= !sc_tally_of(s, size, r->arena, &t);
    if (r->failed) return "ok";
    report_totals(params, s, &t, r);
    report_averaged(rules, &t, r);
    fill_classes(params, &t, &table, r);
    if (r->failed) return "ok";
    sc_report_classes(params, size, &table, r);
    sc_report_matrix(params, s, size, r);
    if (s->samples != NULL) report_images(s->samples, r);
    if (sc_param(params, "per_image")->boolean) report_image_mean(s, r);
    report_rules(params, r);
    sc_confusion_warn(rules, &t, "pixels", "pixel_accuracy", r);
    warn_exchanged(params, s, &t, r);
    return sc_confusion_status(s, &t, "pixels", r);
}
