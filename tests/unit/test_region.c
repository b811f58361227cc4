/* test_region.c - edges and refusals of region losses. */
#include <stdlib.h>

#include "region_calls.h"

/* ---- edges ---- */

START_TEST(empty_classes_without_smoothing)
{
    REALS("pred", DIM(1, 2, 2), 1, 0.5, 0, 0);
    LABELS("target", DIM(1, 2), 0, 0);
    ask("input_kind=probs&smooth=0&grad=true");
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(run(region_ops[i]), SC_OK);
        ck_assert_str_eq(status(), "nonfinite");
        ck_assert(isnan(value("value")));
    }
    ck_assert_int_eq(run("generalized_dice"), SC_OK);
    ck_assert_double_eq_tol(value("value"), 1 - 2 * 1.5 / 3.5, 1e-15);
}
END_TEST

START_TEST(a_class_of_weight_0_takes_no_part)
{
    REALS("pred", DIM(1, 2, 2), 1, 0.5, 0, 0);
    LABELS("target", DIM(1, 2), 0, 0);
    REALS("weight", DIM(2), 2, 0);
    for (int per_sample = 0; per_sample < 2; per_sample++) {
        args.count = 0;
        ask("input_kind=probs&smooth=0&grad=true");
        ask(per_sample ? "per_sample=true" : "per_sample=false");
        ck_assert_int_eq(run("dice"), SC_OK);
        ck_assert_str_eq(status(), "ok");
        ck_assert_double_eq_tol(value("value"), 1 - 2 * 1.5 / 3.5, 1e-15);
        ck_assert_double_eq(data("grad.pred")[2], 0);
        ck_assert(data("grad.pred")[0] < 0);
    }
}
END_TEST

START_TEST(focal_tversky_of_a_perfect_prediction)
{
    REALS("pred", DIM(1, 2, 2), 1, 0, 0, 1);
    LABELS("target", DIM(1, 2), 0, 1);
    ask("input_kind=probs&grad=true&smooth=0");
    ck_assert_int_eq(run("focal_tversky"), SC_OK);
    ck_assert_str_eq(status(), "ok");
    ck_assert_double_eq(value("value"), 0);
    for (int i = 0; i < 4; i++) ck_assert_double_eq(data("grad.pred")[i], 0);
}
END_TEST

START_TEST(generalized_dice_of_targets_without_any_class)
{
    REALS("pred", DIM(1, 2, 2), 0.5, 0.25, 0.5, 0.75);
    REALS("target", DIM(1, 2, 2), 0, 0, 0, 0);
    ask("input_kind=probs&smooth=1&reduction=none");
    ck_assert_int_eq(run("generalized_dice"), SC_OK);
    ck_assert_double_eq_tol(data("loss")[0], 1 - 1.0 / 3, 1e-15);
    ck_assert_int_eq(sc_report_find(&report, "loss")->as.tensor.rank, 0);
}
END_TEST

START_TEST(weighted_cross_entropy_without_predicted_foreground)
{
    REALS("pred", DIM(3), 0, 0, 0);
    REALS("target", DIM(3), 0, 0, 0);
    ask("grad=true");
    ck_assert_int_eq(run("weighted_cross_entropy"), SC_OK);
    ck_assert_str_eq(status(), "ok");
    ck_assert_double_eq(value("value"), 0);
    ck_assert_double_eq_tol(data("grad.pred")[0], 1.0 / 3, 1e-16);
    in.count = 1;
    REALS("target", DIM(3), 0, 1, 0);
    ck_assert_int_eq(run("weighted_cross_entropy"), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
}
END_TEST

START_TEST(lovasz_without_a_class)
{
    REALS("pred", DIM(1, 1, 3), 0.5, 0.25, 0.75);
    LABELS("target", DIM(1, 3), 0, 0, 0);
    ask("grad=true");
    ck_assert_int_eq(run("lovasz_softmax"), SC_OK);
    ck_assert_str_eq(status(), "ok");
    ck_assert_double_eq(value("value"), 0);
    ck_assert_double_eq(data("grad.pred")[2], 0);
    ask("classes=all");
    ck_assert_int_eq(run("lovasz_softmax"), SC_OK);
    ck_assert_double_eq(value("value"), 0.75);
    ck_assert_double_eq(data("grad.pred")[2], 1);
}
END_TEST

START_TEST(lovasz_of_infinite_and_missing_numbers)
{
    REALS("pred", DIM(1, 3), INFINITY, 1, -INFINITY);
    LABELS("target", DIM(1, 3), 1, 0, 0);
    ask("grad=true");
    ck_assert_int_eq(run("lovasz_hinge"), SC_OK);
    ck_assert_str_eq(status(), "ok");
    ck_assert_double_eq(value("value"), 1);
    in.count = 0;
    REALS("pred", DIM(1, 3), NAN, 1, 2);
    LABELS("target", DIM(1, 3), 1, 0, 0);
    ck_assert_int_eq(run("lovasz_hinge"), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
}
END_TEST

#define MANY 5000

struct error {
    double size;
    int place;
};

static int descending(const void *a, const void *b)
{
    const struct error *x = a, *y = b;

    if (x->size != y->size) return x->size < y->size ? 1 : -1;
    return x->place - y->place;
}

/* Sorted in another way, and with quotients as they are defined. */
START_TEST(lovasz_of_many_places)
{
    static double x[MANY];
    static int64_t y[MANY];
    static struct error error[MANY];
    double sum = 0, before = 0;
    int truth = 0, hit = 0;

    srand48(7);
    for (int i = 0; i < MANY; i++) {
        x[i] = i % 7 == 0 ? 0.25 : ldexp(drand48() - 0.5, (int)(lrand48() % 40) - 30);
        y[i] = drand48() < 0.3;
        truth += (int)y[i];
        error[i] = (struct error){1 - x[i] * (double)(2 * y[i] - 1), i};
    }
    qsort(error, MANY, sizeof error[0], descending);
    for (int i = 0; i < MANY && error[i].size > 0; i++) {
        double now;

        hit += (int)y[error[i].place];
        now = 1 - (double)(truth - hit) / (double)(truth + i + 1 - hit);
        sum += error[i].size * (now - before);
        before = now;
    }
    put("pred", SC_FLOAT64, DIM(1, MANY), x);
    put("target", SC_INT64, DIM(1, MANY), y);
    ck_assert_int_eq(run("lovasz_hinge"), SC_OK);
    ck_assert_double_eq_tol(value("value"), sum, 1e-12);
}
END_TEST

/* ---- composites ---- */

START_TEST(composites_refuse_what_has_no_meaning)
{
    put_logits();
    LABELS("target", DIM(2, 4), 0, 1, 2, 7, 0, 9, 1, 0);
    ck_assert_int_eq(run("dice_cross_entropy"), SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 3);
    ck_assert_int_eq(note.count, 2);
    ask("reduction=none");
    ck_assert_int_eq(run("dice_cross_entropy"), SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/reduction");
    args.count = in.count = 0;
    REALS("pred", DIM(1, 1, 2), 1, 2);
    LABELS("target", DIM(1, 2), 0, 1);
    ck_assert_int_eq(run("dice_focal"), SC_BAD_SHAPE);
    in.count = 0;
    REALS("pred", DIM(1, 2, 1), 1, 2);
    REALS("target", DIM(1, 2, 1), 0, 1);
    ck_assert_int_eq(run("dice_focal"), SC_BAD_DTYPE);
    ck_assert_int_eq(run("dice_cross_entropy"), SC_OK);
    in.count = 1;
    LABELS("target", DIM(1, 2, 1), 0, 1);
    ck_assert_int_eq(run("dice_focal"), SC_BAD_SHAPE);
}
END_TEST

/* The gradient is that of the parts asked for alone. */
START_TEST(composites_are_the_sum_of_their_parts)
{
    double total, grad, dice;

    put_logits();
    put_labels();
    ask("grad=true");
    ck_assert_int_eq(run("dice_cross_entropy"), SC_OK);
    total = value("value");
    grad = data("grad.pred")[5];
    ck_assert_double_eq(value("dice.value") + value("cross_entropy.value"), total);
    ck_assert_int_eq(run("cross_entropy"), SC_OK);
    total -= value("value");
    grad -= data("grad.pred")[5];
    ask("input_kind=logits");
    ck_assert_int_eq(run("dice"), SC_OK);
    dice = value("value");
    ck_assert_double_eq_tol(total, dice, 1e-15);
    ck_assert_double_eq_tol(grad, data("grad.pred")[5], 1e-16);
}
END_TEST

START_TEST(composites_merge)
{
    const struct sc_op *op = sc_op_find("losses", "dice_focal");
    struct sc_eval *a, *b;
    uint8_t *bytes;
    size_t size;
    double whole;

    put_logits();
    put_labels();
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &a, &note), SC_OK);
    ck_assert_int_eq(sc_eval_update(a, &in, &exec, &note), SC_OK);
    ck_assert_int_eq(sc_eval_update(a, &in, &exec, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(a, &report, &note), SC_OK);
    whole = value("value");
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &a, &note), SC_OK);
    ck_assert_int_eq(sc_eval_update(a, &in, &exec, &note), SC_OK);
    ck_assert_int_eq(sc_eval_save(a, &arena, &bytes, &size, &note), SC_OK);
    ck_assert_int_eq(sc_eval_load(op, bytes, size, NULL, &arena, &b, &note), SC_OK);
    ck_assert_int_eq(sc_eval_merge(a, b, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(a, &report, &note), SC_OK);
    ck_assert_double_eq(value("value"), whole);
}
END_TEST

START_TEST(nothing_gives_empty)
{
    static const char *const planes[] = {"dice_cross_entropy", "dice_focal", "lovasz_softmax"};
    static const char *const alike[] = {"weighted_cross_entropy", "two_class_dice",
                                        "sensitivity_specificity", "lovasz_hinge"};

    put("pred", SC_FLOAT32, DIM(2, 3, 0), "");
    put("target", SC_UINT8, DIM(2, 0), "");
    ask("grad=true");
    for (size_t i = 0; i < COUNT(planes); i++) {
        ck_assert_int_eq(run(planes[i]), SC_OK);
        ck_assert_str_eq(status(), "empty");
        ck_assert(isnan(value("value")));
        ck_assert_double_eq(value("sum"), 0);
    }
    in.count = 1;
    put("target", SC_UINT8, DIM(2, 3, 0), "");
    for (size_t i = 0; i < COUNT(alike); i++) {
        ck_assert_int_eq(run(alike[i]), SC_OK);
        ck_assert_str_eq(status(), "empty");
    }
}
END_TEST

Suite *suite_region(void);

Suite *suite_region(void)
{
    Suite *s = suite_create("region");
    TCase *t = tcase_create("region");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, empty_classes_without_smoothing);
    tcase_add_test(t, a_class_of_weight_0_takes_no_part);
    tcase_add_test(t, focal_tversky_of_a_perfect_prediction);
    tcase_add_test(t, generalized_dice_of_targets_without_any_class);
    tcase_add_test(t, weighted_cross_entropy_without_predicted_foreground);
    tcase_add_test(t, lovasz_without_a_class);
    tcase_add_test(t, lovasz_of_infinite_and_missing_numbers);
    tcase_add_test(t, lovasz_of_many_places);
    tcase_add_test(t, composites_refuse_what_has_no_meaning);
    tcase_add_test(t, composites_are_the_sum_of_their_parts);
    tcase_add_test(t, composites_merge);
    tcase_add_test(t, nothing_gives_empty);
    suite_add_tcase(s, t);
    return s;
}
