/* test_metrics.c - conventions of absent classes by toolkit, label maps, images, top-k, kappa.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agreement.h"
#include "rules.h"
#include "score.h"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 30, NULL);
    memset(&note, 0, sizeof note);
    exec = (struct sc_exec){.threads = 2, .arena = &arena};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static struct sc_args args_of(const char *text)
{
    struct sc_args args = {.count = 0};
    char *copy = sc_arena_strndup(&arena, text, strlen(text)), *save = NULL;

    for (char *word = strtok_r(copy, "&", &save); word; word = strtok_r(NULL, "&", &save)) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        ck_assert_int_eq(sc_args_add_raw(&args, word, value, &arena, &note), SC_OK);
    }
    return args;
}

static struct sc_tensor tensor(enum sc_dtype dtype, int rank, const int64_t *dim,
                               const void *data)
{
    struct sc_tensor t;
    size_t bytes;

    ck_assert_int_eq(sc_tensor_shape(&t, dtype, rank, dim, &bytes, &note), SC_OK);
    t.data = sc_arena_alloc(&arena, bytes);
    memcpy(t.data, data, bytes);
    return t;
}

static void add(struct sc_tensors *set, const char *name, const struct sc_tensor *t)
{
    ck_assert_int_eq(sc_tensors_add(set, name, t, &arena, &note), SC_OK);
}

static enum sc_status run(const char *op, const struct sc_tensor *pred,
                          const struct sc_tensor *target, const char *text, struct sc_report *r)
{
    const struct sc_args args = args_of(text);
    struct sc_tensors in = {.count = 0};

    add(&in, "pred", pred);
    add(&in, "target", target);
    return sc_run(sc_op_find("metrics", op), &in, &args, &exec, r, &note);
}

static enum sc_status run_labels(const char *op, const uint8_t *pred, const uint8_t *target,
                                 int64_t count, const char *text, struct sc_report *r)
{
    const struct sc_tensor p = tensor(SC_UINT8, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, target);

    return run(op, &p, &t, text, r);
}

static double real(const struct sc_report *r, const char *name)
{
    const struct sc_value *v = sc_report_find(r, name);

    ck_assert_msg(v != NULL, "no %s", name);
    return v->kind == SC_VALUE_INT ? (double)v->as.integer : v->as.real;
}

static double cell(const struct sc_report *r, const char *table, const char *column, size_t row)
{
    const struct sc_value *v = sc_report_find(r, table);

    ck_assert_ptr_nonnull(v);
    for (size_t i = 0; i < v->as.table.columns; i++) {
        const struct sc_column *c = &v->as.table.column[i];

        if (strcmp(c->name, column) == 0)
            return c->kind == SC_VALUE_INT ? (double)c->cell.integer[row] : c->cell.real[row];
    }
    ck_abort_msg("no column %s", column);
}

static void check_same(double got, double want, const char *what)
{
    ck_assert_msg(got == want || (isnan(got) && isnan(want)), "%s: %g, expected %g", what, got,
                  want);
}

/* ---- absent classes ---- */

/* 3 classes, 8 x 8 pixels: halves of classes 0 and 1, perfectly predicted but for what each
 * case says of class 2. */
enum { BOTH_EMPTY, PRED_ONLY, TARGET_ONLY };

static void draw(int which, uint8_t pred[64], uint8_t target[64])
{
    for (int i = 0; i < 64; i++) pred[i] = target[i] = i >= 32;
    for (int i = 60; i < 64; i++) {
        if (which == PRED_ONLY) pred[i] = 2;
        if (which == TARGET_ONLY) target[i] = 2;
    }
}

/* What toolkits give for class 2 in each case; in2: do its values take part in mean_iou,
 * mean_dice, mean_accuracy? Measured with the toolkits, see the notes of the operation. */
struct fixture {
    const char *params;
    double iou[3], dice[3], precision[3], recall[3];
    bool in_iou[3], in_dice[3], in_accuracy[3];
};

#define NO  false
#define YES true

static const struct fixture fixtures[] = {
    {"absent=skip",
     {NAN, 0, 0},
     {NAN, 0, 0},
     {NAN, 0, NAN},
     {NAN, NAN, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, NO, YES}},
    {"absent=nan",
     {NAN, 0, 0},
     {NAN, 0, 0},
     {NAN, 0, NAN},
     {NAN, NAN, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, NO, YES}},
    {"absent=zero",
     {0, 0, 0},
     {0, 0, 0},
     {0, 0, NAN},
     {0, NAN, 0},
     {YES, YES, YES},
     {YES, YES, YES},
     {YES, NO, YES}},
    {"absent=one",
     {1, 0, 0},
     {1, 0, 0},
     {1, 0, NAN},
     {1, NAN, 0},
     {YES, YES, YES},
     {YES, YES, YES},
     {YES, NO, YES}},
    {"absent=minus_one",
     {-1, 0, 0},
     {-1, 0, 0},
     {-1, 0, NAN},
     {-1, NAN, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, NO, YES}},
    {"compat=torchmetrics",
     {0, 0, 0},
     {0, 0, 0},
     {0, 0, 0},
     {0, 0, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, YES, YES}},
    {"compat=monai",
     {NAN, NAN, 0},
     {NAN, NAN, 0},
     {NAN, 0, NAN},
     {NAN, NAN, 0},
     {NO, NO, YES},
     {NO, NO, YES},
     {NO, NO, YES}},
    {"compat=mmseg",
     {NAN, 0, 0},
     {NAN, 0, 0},
     {NAN, 0, NAN},
     {NAN, NAN, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, NO, YES}},
    {"compat=cityscapes",
     {NAN, 0, 0},
     {NAN, 0, 0},
     {NAN, 0, NAN},
     {NAN, NAN, 0},
     {NO, YES, YES},
     {NO, YES, YES},
     {NO, NO, YES}},
    {"compat=sklearn",
     {0, 0, 0},
     {0, 0, 0},
     {0, 0, 0},
     {0, 0, 0},
     {YES, YES, YES},
     {YES, YES, YES},
     {NO, NO, YES}},
    {"compat=metrics_reloaded",
     {NAN, 0, 0},
     {1, 0, 0},
     {NAN, 0, 0},
     {NAN, NAN, 0},
     {NO, YES, YES},
     {YES, YES, YES},
     {NO, NO, YES}},
};

/* The mean of classes 0, 1, and of class 2 where it is in. */
static double mean_of(const struct sc_report *r, const char *column, bool with2)
{
    const double two = cell(r, "classes", column, 0) + cell(r, "classes", column, 1);

    return with2 ? (two + cell(r, "classes", column, 2)) / 3 : two / 2;
}

static bool is_averaged(const struct sc_report *r, int64_t class)
{
    const struct sc_tensor *t = &sc_report_find(r, "classes_averaged")->as.tensor;

    for (int64_t i = 0; i < t->count; i++)
        if (((const int64_t *)t->data)[i] == class) return true;
    return false;
}

START_TEST(each_toolkit_has_its_absent_classes)
{
    const struct fixture *f = &fixtures[_i];

    for (int which = BOTH_EMPTY; which <= TARGET_ONLY; which++) {
        uint8_t pred[64], target[64];
        char params[64];
        struct sc_report r;

        draw(which, pred, target);
        snprintf(params, sizeof params, "num_classes=3&%s", f->params);
        ck_assert_int_eq(run_labels("segmentation", pred, target, 64, params, &r), SC_OK);
        check_same(cell(&r, "classes", "iou", 2), f->iou[which], params);
        check_same(cell(&r, "classes", "dice", 2), f->dice[which], params);
        check_same(cell(&r, "classes", "precision", 2), f->precision[which], params);
        check_same(cell(&r, "classes", "recall", 2), f->recall[which], params);
        check_same(real(&r, "mean_iou"), mean_of(&r, "iou", f->in_iou[which]), params);
        check_same(real(&r, "mean_dice"), mean_of(&r, "dice", f->in_dice[which]), params);
        check_same(real(&r, "mean_accuracy"), mean_of(&r, "recall", f->in_accuracy[which]),
                   params);
        ck_assert_int_eq(is_averaged(&r, 2), f->in_iou[which]);
        ck_assert(is_averaged(&r, 0) && is_averaged(&r, 1));
    }
}
END_TEST

/* balanced accuracy where class 2 is only predicted: scikit-learn drops it, torchmetrics does
 * not. */
START_TEST(recall_of_a_class_that_is_only_predicted)
{
    static uint8_t pred[64], target[64];
    struct sc_report r;

    for (int i = 0; i < 64; i++) pred[i] = target[i] = i >= 32;
    for (int i = 52; i < 64; i++) pred[i] = 2; /* 12 of 32: recall 20 / 32 */
    ck_assert_int_eq(
        run_labels("classification", pred, target, 64, "num_classes=3&compat=sklearn", &r),
        SC_OK);
    ck_assert_double_eq(real(&r, "balanced_accuracy"), 0.8125);
    ck_assert_int_eq(
        run_labels("classification", pred, target, 64, "num_classes=3&compat=torchmetrics", &r),
        SC_OK);
    ck_assert_double_eq(real(&r, "balanced_accuracy"), 1.625 / 3);
}
END_TEST

/* Rows stand in the order of the words; a mean averages nothing that may be undefined. */
START_TEST(rows_of_rules_are_sound)
{
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    char words[256], *save = NULL;
    int row = 0;

    snprintf(words, sizeof words, "%s|%s", op->param[sc_param_position(op, "absent")].values,
             op->param[sc_param_position(op, "compat")].values);
    for (char *word = strtok_r(words, "|", &save); word; word = strtok_r(NULL, "|", &save))
        ck_assert_str_eq(sc_rule_rows[row++].name, word);
    ck_assert_int_eq(row, sc_rule_count);
    for (int i = 0; i < sc_rule_count; i++) {
        const struct sc_rules *rules = &sc_rule_rows[i];
        const struct sc_ratio_rule *ratio[] = {&rules->iou, &rules->dice, &rules->precision,
                                               &rules->recall};

        for (int k = 0; k < 4; k++)
            for (int where = 0; where < SC_BOTH; where++)
                ck_assert(!sc_is_in(ratio[k]->mean, (enum sc_where)where) ||
                          !isnan(ratio[k]->value[where]));
    }
}
END_TEST

START_TEST(absent_and_compat_exclude_each_other)
{
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    ck_assert_int_eq(run_labels("segmentation", zeros, zeros, 4,
                                "num_classes=2&absent=skip&compat=mmseg", &r),
                     SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/absent");
}
END_TEST

/* In a state every value stands as if by default: compat wins. */
START_TEST(compat_survives_a_state)
{
    const uint8_t zeros[4] = {0};
    const int64_t count = 4;
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, zeros);
    const struct sc_args args = args_of("num_classes=3&compat=sklearn");
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    struct sc_tensors in = {.count = 0};
    struct sc_eval *eval, *copy;
    struct sc_report r;
    uint8_t *data;
    size_t size;

    add(&in, "pred", &t);
    add(&in, "target", &t);
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_OK);
    ck_assert_int_eq(sc_eval_save(eval, &arena, &data, &size, &note), SC_OK);
    ck_assert_int_eq(sc_eval_load(op, data, size, NULL, &arena, &copy, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(copy, &r, &note), SC_OK);
    ck_assert_double_eq(real(&r, "mean_iou"), 1.0 / 3);
}
END_TEST

/* ---- label maps ---- */

/* Every integer dtype and place of a key: in the table, beyond it, negative. */
START_TEST(maps_take_every_dtype)
{
    for (int d = SC_UINT8; d <= SC_INT64; d++) {
        const enum sc_dtype dtype = (enum sc_dtype)d;
        const size_t size = sc_dtype_size(dtype);
        const int64_t count = 4;
        uint8_t labels[4 * 8] = {0};
        struct sc_tensor t;
        struct sc_report r;

        memset(labels, 0x7f, size); /* 127, 32639, 2139062143 or 9187201950435737471 */
        labels[size] = 100;
        labels[2 * size] = 3;
        labels[3 * size] = 1;
        t = tensor(dtype, 1, &count, labels);
        ck_assert_int_eq(run("segmentation", &t, &t,
                             "num_classes=2&label_map=127:0,32639:0,2139062143:0,"
                             "9187201950435737471:0,100:1,3:-1,-5:0",
                             &r),
                         SC_OK);
        ck_assert_double_eq(real(&r, "pixels"), 3);
        ck_assert_double_eq(real(&r, "ignored"), 1);
        ck_assert_double_eq(cell(&r, "classes", "tp", 0), 1);
        ck_assert_double_eq(cell(&r, "classes", "tp", 1), 2);
    }
}
END_TEST

START_TEST(maps_come_before_ignore_index_and_range)
{
    const int8_t pred[] = {5, 6, 7, -1}, target[] = {5, 6, 7, 6};
    const int64_t count = 4;
    const struct sc_tensor p = tensor(SC_INT8, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_INT8, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("segmentation", &p, &t,
                         "num_classes=2&ignore_index=9&label_map=5:0,6:1,7:9,-1:0", &r),
                     SC_OK);
    ck_assert_double_eq(real(&r, "pixels"), 3);
    ck_assert_double_eq(real(&r, "ignored"), 1);
    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=2&target_label_map=5:0,6:1,7:1", &r),
        SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/pred");
    ck_assert_int_eq(note.index, 0);
    ck_assert_int_eq(note.count, 4);
    ck_assert_double_eq(note.value, 5);
    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=2&label_map=5:0&pred_label_map=6:0", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/label_map");
}
END_TEST

/* Scores: the map is of the class with the largest score. */
START_TEST(maps_of_scores)
{
    const float scores[] = {1, 2, 3, 3, 2, 1, 1, 9, 1}; /* classes 2, 0, 1 */
    const int64_t shape[] = {3, 3}, count = 3;
    const uint8_t target[] = {0, 1, 2};
    const struct sc_tensor p = tensor(SC_FLOAT32, 2, shape, scores);
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("classification", &p, &t,
                         "num_classes=3&input_kind=logits&pred_label_map=2:0,0:1,1:-1", &r),
                     SC_OK);
    ck_assert_double_eq(cell(&r, "classes", "tp", 0), 1);
    ck_assert_double_eq(cell(&r, "classes", "tp", 1), 1);
    ck_assert_double_eq(real(&r, "missed"), 1);
    ck_assert_int_eq(run("classification", &p, &t,
                         "num_classes=3&input_kind=logits&ignore_index=1&pred_ignored=error",
                         &r),
                     SC_BAD_LABEL);
    ck_assert_double_eq(note.value, 1);
    ck_assert_int_eq(note.index, 2);
}
END_TEST

/* ---- images ---- */

/* Images of one tensor, or of parts of their own, give the same rows; those of merged states
 * the same means. */
START_TEST(images_in_one_tensor_or_in_parts)
{
    const uint8_t pred[12] = {0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1};
    const uint8_t target[12] = {0, 1, 0, 0, 1, 1, 1, 0, 9, 9, 9, 9};
    const int64_t whole[] = {3, 2, 2}, one[] = {1, 2, 2};
    const struct sc_args args = args_of("num_classes=3&ignore_index=9&per_image=true");
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    struct sc_tensor p = tensor(SC_UINT8, 3, whole, pred);
    struct sc_tensor t = tensor(SC_UINT8, 3, whole, target);
    struct sc_tensors parts = {.count = 0};
    struct sc_eval *eval;
    struct sc_report r, again, merged;

    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=3&ignore_index=9&per_image=true", &r), SC_OK);
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    for (int i = 0; i < 3; i++) {
        struct sc_tensors image = {.count = 0};

        p = tensor(SC_UINT8, 3, one, pred + 4 * i);
        t = tensor(SC_UINT8, 3, one, target + 4 * i);
        add(&parts, "pred", &p);
        add(&parts, "target", &t);
        add(&image, "pred", &p);
        add(&image, "target", &t);
        ck_assert_int_eq(sc_eval_update(eval, &image, &exec, &note), SC_OK);
    }
    ck_assert_int_eq(sc_run(op, &parts, &args, &exec, &again, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(eval, &merged, &note), SC_OK);
    for (size_t i = 0; i < 3; i++) {
        check_same(cell(&r, "per_image", "image", i), (double)i, "image");
        check_same(cell(&r, "per_image", "mean_iou", i),
                   cell(&again, "per_image", "mean_iou", i), "mean_iou");
    }
    ck_assert_double_eq(cell(&r, "per_image", "mean_iou", 0), (2.0 / 3 + 0.5) / 2);
    ck_assert_double_eq(cell(&r, "per_image", "mean_iou", 1), 0.75 / 2);
    ck_assert(isnan(cell(&r, "per_image", "mean_iou", 2)));
    ck_assert_double_eq(cell(&r, "per_image", "ignored", 2), 4);
    ck_assert_double_eq(real(&r, "image_mean.mean_iou.count"), 2);
    check_same(real(&merged, "image_mean.mean_iou.value"),
               real(&r, "image_mean.mean_iou.value"), "merged");
    ck_assert_ptr_null(sc_report_find(&merged, "per_image"));
}
END_TEST

/* The place of a bad label is that in the whole tensor. */
START_TEST(bad_label_in_a_later_image)
{
    uint8_t masks[3 * 8] = {0};
    const int64_t shape[] = {3, 4, 2};
    struct sc_tensor good = tensor(SC_UINT8, 3, shape, masks), bad;
    struct sc_report r;

    masks[17] = masks[23] = 7;
    bad = tensor(SC_UINT8, 3, shape, masks);
    ck_assert_int_eq(run("segmentation", &good, &bad, "num_classes=2&per_image=true", &r),
                     SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 17);
    ck_assert_int_eq(note.count, 2);
}
END_TEST

/* ---- classes ---- */

START_TEST(bad_top_k_is_told)
{
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,4", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,2", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/top_k");
    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,1", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_int_eq(run_labels("classification", zeros, zeros, 4, "num_classes=3", &r), SC_OK);
    ck_assert_double_eq(real(&r, "top_k.1"), 1);
}
END_TEST

START_TEST(class_names_are_one_each)
{
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&class_names=cat,dog", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/class_names");
}
END_TEST

/* 2^51 counts: products of 2^102, far beyond what float64 holds exactly. */
START_TEST(agreement_is_exact_in_large_numbers)
{
    const int64_t large = (int64_t)1 << 50;
    const int64_t n[4] = {large, 1, 0, large - 1};
    const int64_t row[2] = {large + 1, large - 1}, column[2] = {large, large};
    const struct sc_counts c = {2, n, row, column, 2 * large};
    const int64_t all[4] = {3, 0, 0, 0}, three[2] = {3, 0};
    const struct sc_counts one = {2, all, three, three, 3};

    ck_assert_double_eq(sc_kappa(&c, SC_KAPPA_NONE), 1 - 0x1p-50);
    ck_assert_double_eq(sc_kappa(&c, SC_KAPPA_QUADRATIC), 1 - 0x1p-50);
    ck_assert_double_eq(sc_matthews(&c), 1 - 0x1p-50);
    ck_assert(isnan(sc_kappa(&one, SC_KAPPA_NONE)));
    ck_assert(isnan(sc_matthews(&one)));
}
END_TEST

START_TEST(binary_targets_are_0_or_1)
{
    const float pred[] = {0.2f, 0.7f, 0.5f}, target[] = {0, 1, 2};
    const int64_t count = 3;
    const struct sc_tensor p = tensor(SC_FLOAT32, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_FLOAT32, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("binary", &p, &t, "threshold=0.5", &r), SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/target");
    ck_assert_int_eq(note.index, 2);
    ck_assert_double_eq(note.value, 2);
    ck_assert_int_eq(run("binary", &p, &t, "ignore_index=2", &r), SC_OK);
    ck_assert_double_eq(real(&r, "count"), 2);
    ck_assert_double_eq(real(&r, "matthews"), 1);
}
END_TEST

Suite *suite_metrics(void);

Suite *suite_metrics(void)
{
    Suite *s = suite_create("metrics");
    TCase *c = tcase_create("labels");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, each_toolkit_has_its_absent_classes, 0,
                        sizeof fixtures / sizeof *fixtures);
    tcase_add_test(c, recall_of_a_class_that_is_only_predicted);
    tcase_add_test(c, rows_of_rules_are_sound);
    tcase_add_test(c, absent_and_compat_exclude_each_other);
    tcase_add_test(c, compat_survives_a_state);
    tcase_add_test(c, maps_take_every_dtype);
    tcase_add_test(c, maps_come_before_ignore_index_and_range);
    tcase_add_test(c, maps_of_scores);
    tcase_add_test(c, images_in_one_tensor_or_in_parts);
    tcase_add_test(c, bad_label_in_a_later_image);
    tcase_add_test(c, bad_top_k_is_told);
    tcase_add_test(c, class_names_are_one_each);
    tcase_add_test(c, agreement_is_exact_in_large_numbers);
    tcase_add_test(c, binary_targets_are_0_or_1);
    suite_add_tcase(s, c);
    return s;
}
