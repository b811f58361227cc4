/* test_rules.c - conventions of absent classes, toolkit by toolkit. */
#include <stdio.h>

#include "metric_calls.h"
#include "rules.h"

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

/* clang-format off */
static const struct fixture fixtures[] = {
    {"absent=skip", {NAN, 0, 0}, {NAN, 0, 0}, {NAN, 0, NAN}, {NAN, NAN, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, NO, YES}},
    {"absent=nan", {NAN, 0, 0}, {NAN, 0, 0}, {NAN, 0, NAN}, {NAN, NAN, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, NO, YES}},
    {"absent=zero", {0, 0, 0}, {0, 0, 0}, {0, 0, NAN}, {0, NAN, 0},
     {YES, YES, YES}, {YES, YES, YES}, {YES, NO, YES}},
    {"absent=one", {1, 0, 0}, {1, 0, 0}, {1, 0, NAN}, {1, NAN, 0},
     {YES, YES, YES}, {YES, YES, YES}, {YES, NO, YES}},
    {"absent=minus_one", {-1, 0, 0}, {-1, 0, 0}, {-1, 0, NAN}, {-1, NAN, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, NO, YES}},
    {"compat=torchmetrics", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, YES, YES}},
    {"compat=monai", {NAN, NAN, 0}, {NAN, NAN, 0}, {NAN, 0, NAN}, {NAN, NAN, 0},
     {NO, NO, YES}, {NO, NO, YES}, {NO, NO, YES}},
    {"compat=mmseg", {NAN, 0, 0}, {NAN, 0, 0}, {NAN, 0, NAN}, {NAN, NAN, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, NO, YES}},
    {"compat=cityscapes", {NAN, 0, 0}, {NAN, 0, 0}, {NAN, 0, NAN}, {NAN, NAN, 0},
     {NO, YES, YES}, {NO, YES, YES}, {NO, NO, YES}},
    {"compat=sklearn", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0},
     {YES, YES, YES}, {YES, YES, YES}, {NO, NO, YES}},
    {"compat=metrics_reloaded", {NAN, 0, 0}, {1, 0, 0}, {NAN, 0, 0}, {NAN, NAN, 0},
     {NO, YES, YES}, {YES, YES, YES}, {NO, NO, YES}},
};
/* clang-format on */

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

Suite *suite_rules(void);

Suite *suite_rules(void)
{
    Suite *s = suite_create("rules");
    TCase *c = tcase_create("rules");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, each_toolkit_has_its_absent_classes, 0,
                        sizeof fixtures / sizeof *fixtures);
    tcase_add_test(c, recall_of_a_class_that_is_only_predicted);
    tcase_add_test(c, rows_of_rules_are_sound);
    tcase_add_test(c, absent_and_compat_exclude_each_other);
    tcase_add_test(c, compat_survives_a_state);
    suite_add_tcase(s, c);
    return s;
}
