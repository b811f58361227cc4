/* test_losses.c - edges of the losses that golden cases do not hold. */
#include <math.h>

#include "loss_calls.h"

START_TEST(weights_that_are_not_finite_are_refused)
{
    REALS("pred", DIM(1, 2), 0, 1);
    LABELS("target", DIM(1), 1);
    REALS("weight", DIM(2), 1, INFINITY);
    ck_assert_int_eq(run("cross_entropy"), SC_BAD_VALUE);
    ck_assert_str_eq(note.pointer, "#/weight");
    ck_assert_int_eq(note.index, 1);
}
END_TEST

START_TEST(target_probabilities_out_of_range_are_refused)
{
    REALS("pred", DIM(1, 2, 2), 0, 1, 2, 3);
    REALS("target", DIM(1, 2, 2), 0.5, 1.5, 0.5, -0.5);
    ck_assert_int_eq(run("cross_entropy"), SC_BAD_PROBABILITY);
    ck_assert_str_eq(note.pointer, "#/target");
    ck_assert_int_eq(note.index, 1);
    ck_assert_int_eq(note.count, 2);
}
END_TEST

/* max + log(sum) - x would lose six digits here. */
START_TEST(large_logits_keep_their_digits)
{
    REALS("pred", DIM(1, 2), 1e6, 1e6 - 1);
    REALS("target", DIM(1, 2), 1, 0);
    ck_assert_int_eq(run("cross_entropy"), SC_OK);
    ck_assert_double_eq_tol(value("value"), 0.31326168751822286, 1e-16);
}
END_TEST

START_TEST(one_class_of_dice_takes_foreground_labels)
{
    REALS("pred", DIM(1, 1, 4), 0.25, 0.5, 0.75, 1);
    LABELS("target", DIM(1, 4), 0, 1, 1, -100);
    set("input_kind", "probs");
    set("smooth", "0");
    ck_assert_int_eq(run("dice"), SC_OK);
    ck_assert_double_eq_tol(value("value"), 1 - 2 * 1.25 / (1.5 + 2), 1e-15);
    in.count = 1;
    LABELS("target", DIM(1, 4), 0, 2, 1, 1);
    ck_assert_int_eq(run("dice"), SC_BAD_LABEL);
    ck_assert_ptr_nonnull(strstr(note.detail, "none of 0 to 1"));
}
END_TEST

/* The gradient of reduction=none is that of the sum of what it gives. */
START_TEST(unreduced_dice_is_weighted_without_the_background)
{
    REALS("pred", DIM(1, 3, 2), 0.5, 0.25, 0.25, 0.25, 0.25, 0.5);
    LABELS("target", DIM(1, 2), 0, 2);
    REALS("weight", DIM(3), 7, 2, 3);
    set("input_kind", "probs");
    set("reduction", "none");
    set("include_background", "false");
    ck_assert_int_eq(run("dice"), SC_OK);
    ck_assert_double_eq(data("loss")[0], 0);
    ck_assert_double_eq_tol(data("loss")[1] + data("loss")[2], value("sum"), 1e-15);
}
END_TEST

START_TEST(ignored_samples_have_no_dice)
{
    REALS("pred", DIM(2, 2, 1), 0.5, 0.5, 0.5, 0.5);
    LABELS("target", DIM(2, 1), 0, -100);
    set("input_kind", "probs");
    set("smooth", "0");
    set("per_sample", "true");
    ck_assert_int_eq(run("dice"), SC_OK);
    /* of the one sample: class 0 has 1 - 1 / 1.5, class 1 has 1 */
    ck_assert_double_eq_tol(value("value"), (1. / 3 + 1) / 2, 1e-15);
    ck_assert_double_eq(value("ignored"), 1);
}
END_TEST

START_TEST(nan_shows_in_the_status_of_every_reduction)
{
    static const char *const reductions[] = {"mean", "sum", "none"};

    REALS("pred", DIM(1, 2, 2), 0.5, NAN, 0.5, 0.5);
    LABELS("target", DIM(1, 2), 0, 1);
    set("input_kind", "probs");
    set("reduction", reductions[_i]);
    ck_assert_int_eq(run("dice"), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
    ck_assert_str_eq(report.warning[0].code, "nonfinite");
}
END_TEST

/* ---- evaluations in pieces ---- */

START_TEST(a_failed_batch_leaves_no_trace)
{
    const struct sc_op *op = sc_op_find("losses", "cross_entropy");
    struct sc_eval *eval;
    uint8_t *before, *after;
    size_t size, size_after;

    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    ck_assert_int_eq(sc_eval_save(eval, &arena, &before, &size, &note), SC_OK);
    REALS("pred", DIM(1, 3), 0, 1, 2);
    LABELS("target", DIM(1), 3);
    ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_BAD_LABEL);
    ck_assert_int_eq(sc_eval_save(eval, &arena, &after, &size_after, &note), SC_OK);
    ck_assert_int_eq(size, size_after);
    ck_assert_mem_eq(before, after, size);
    in.count = 0;
    REALS("pred", DIM(1, 2), 0, 1);
    LABELS("target", DIM(1), 1);
    ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_OK);
}
END_TEST

START_TEST(no_batch_at_all_is_empty)
{
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    struct sc_eval *eval;

    set("num_classes", "3");
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(eval, &report, &note), SC_OK);
    ck_assert_str_eq(status(), "empty");
    ck_assert(isnan(value("mean_iou")));
    ck_assert_int_eq(sc_report_find(&report, "classes_averaged")->as.tensor.count, 0);
    set("class_names", "one");
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OUT_OF_BOUNDS);
}
END_TEST

/* Scores and the labels that they stand for are one prediction. */
START_TEST(scores_follow_the_rules_of_labels)
{
    static const char *const modes[] = {"miss", "drop", "error"};
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    enum sc_status as_labels, as_scores;
    double missed = 0, ignored = 0;

    set("num_classes", "2");
    set("ignore_index", "0");
    set("pred_ignored", modes[_i]);
    LABELS("pred", DIM(1, 1, 2), 0, 1);
    LABELS("target", DIM(1, 1, 2), 1, 1);
    as_labels = sc_run(op, &in, &args, &exec, &report, &note);
    if (as_labels == SC_OK) {
        missed = value("missed");
        ignored = value("ignored");
    }
    in.count = 0;
    REALS("pred", DIM(1, 2, 1, 2), 2, 1, 1, 2);
    LABELS("target", DIM(1, 1, 2), 1, 1);
    set("input_kind", "logits");
    as_scores = sc_run(op, &in, &args, &exec, &report, &note);
    ck_assert_int_eq(as_scores, as_labels);
    if (as_scores != SC_OK) return;
    ck_assert_double_eq(value("missed"), missed);
    ck_assert_double_eq(value("ignored"), ignored);
}
END_TEST

Suite *suite_losses(void);

Suite *suite_losses(void)
{
    Suite *s = suite_create("losses");
    TCase *c = tcase_create("edges");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, weights_that_are_not_finite_are_refused);
    tcase_add_test(c, target_probabilities_out_of_range_are_refused);
    tcase_add_test(c, large_logits_keep_their_digits);
    tcase_add_test(c, one_class_of_dice_takes_foreground_labels);
    tcase_add_test(c, unreduced_dice_is_weighted_without_the_background);
    tcase_add_test(c, ignored_samples_have_no_dice);
    tcase_add_loop_test(c, nan_shows_in_the_status_of_every_reduction, 0, 3);
    tcase_add_test(c, a_failed_batch_leaves_no_trace);
    tcase_add_test(c, no_batch_at_all_is_empty);
    tcase_add_loop_test(c, scores_follow_the_rules_of_labels, 0, 3);
    suite_add_tcase(s, c);
    return s;
}
