/* test_classes.c - edges of the losses of class scores that golden cases do not hold. */
#include <math.h>

#include "loss_calls.h"

/* ---- what is refused ---- */

static const char *const of_indices[] = {"nll", "sparse_cross_entropy", "focal", "multi_margin",
                                         "multiclass_hinge"};

START_TEST(indices_out_of_range_are_refused)
{
    REALS("pred", DIM(4, 2), 0, 1, 0.5, 0.5, 1, 0, 0.25, 0.75);
    LABELS("target", DIM(4), 1, 2, 0, -1);
    ck_assert_int_eq(run(of_indices[_i]), SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/target");
    ck_assert_double_eq(note.value, 2);
    ck_assert_int_eq(note.index, 1);
    ck_assert_int_eq(note.count, 2);
}
END_TEST

START_TEST(indices_are_integers_of_the_right_shape)
{
    REALS("pred", DIM(2, 2), 0, 1, 0.5, 0.5);
    REALS("target", DIM(2), 1, 0);
    ck_assert_int_eq(run(of_indices[_i]), SC_BAD_DTYPE);
    in.count = 1;
    LABELS("target", DIM(3), 1, 0, 1);
    ck_assert_int_eq(run(of_indices[_i]), SC_BAD_SHAPE);
    ck_assert_str_eq(note.pointer, "#/target");
}
END_TEST

/* An ignored index is not looked at any further, even where it is a class. */
START_TEST(ignoring_comes_before_the_range)
{
    static const char *const ignores[] = {"7", "1"};

    REALS("pred", DIM(2, 2), 0.5, 0.5, 0.25, 0.75);
    LABELS("target", DIM(2), 0, _i % 2 ? 1 : 7);
    set("ignore_index", ignores[_i % 2]);
    ck_assert_int_eq(run(of_indices[_i / 2]), SC_OK);
    ck_assert_double_eq(value("count"), 1);
    ck_assert_double_eq(value("ignored"), 1);
}
END_TEST

START_TEST(probabilities_out_of_range_are_refused)
{
    REALS("pred", DIM(2, 2), 0.5, 0.5, -0.25, 1.25);
    LABELS("target", DIM(2), 0, 0);
    ck_assert_int_eq(run("sparse_cross_entropy"), SC_BAD_PROBABILITY);
    ck_assert_str_eq(note.pointer, "#/pred");
    ck_assert_int_eq(note.index, 2);
    ck_assert_int_eq(note.count, 2);
}
END_TEST

START_TEST(one_class_has_no_best_other)
{
    REALS("pred", DIM(2, 1), 1, 2);
    LABELS("target", DIM(2), 0, 0);
    ck_assert_int_eq(run("multiclass_hinge"), SC_BAD_SHAPE);
    ck_assert_str_eq(note.pointer, "#/pred");
}
END_TEST

START_TEST(alpha_has_as_many_numbers_as_there_are_classes)
{
    static const char *const wrong[] = {"0.5,0.5", "0.1,0.2,0.3,0.4", "0.1,0.2,0.3", "1.5"};

    REALS("pred", DIM(2, 3), 0, 1, 2, 3, 4, 5);
    if (_i < 2)
        LABELS("target", DIM(2), 0, 2);
    else
        LABELS("target", DIM(2, 3), 0, 1, 0, 0, 1, 1);
    set("alpha", wrong[_i]);
    ck_assert_int_eq(run("focal"), SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/alpha");
}
END_TEST

START_TEST(binary_targets_are_0_to_1)
{
    REALS("pred", DIM(3), 0, 1, 2);
    REALS("target", DIM(3), 0.5, -100, 1.5);
    ck_assert_int_eq(run("focal"), SC_BAD_PROBABILITY);
    ck_assert_int_eq(note.index, 2);
    in.count = 1;
    LABELS("target", DIM(3), 1, -100, -1);
    ck_assert_int_eq(run("focal"), SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 2);
    ck_assert_ptr_nonnull(strstr(note.detail, "0 to 1"));
}
END_TEST

START_TEST(a_binary_weight_stands_on_dimension_1)
{
    REALS("pred", DIM(2), 0, 1);
    LABELS("target", DIM(2), 0, 1);
    REALS("weight", DIM(2), 1, 2);
    ck_assert_int_eq(run("focal"), SC_BAD_SHAPE);
    ck_assert_str_eq(note.pointer, "#/weight");
}
END_TEST

START_TEST(pairs_of_rows_have_signs)
{
    REALS("pred", DIM(2, 2), 0, 1, 1, 0);
    REALS("other", DIM(2, 2), 0, 1, 1, 0);
    LABELS("target", DIM(2), 1, 0);
    ck_assert_int_eq(run("cosine_embedding"), SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 1);
    in.count = 2;
    LABELS("target", DIM(2, 1), 1, 1);
    ck_assert_int_eq(run("cosine_embedding"), SC_BAD_SHAPE);
}
END_TEST

/* ---- values ---- */

/* Also where the terms differ by rounding alone: the same function computes them. */
START_TEST(focal_without_gamma_is_cross_entropy)
{
    static const char *const fields[] = {"value", "sum", "weight_sum"};
    double pred[7 * 4], weight[] = {0.3, 1.7, 2.1, 0.9}, want[3], slope[7 * 4];

    for (int i = 0; i < 28; i++) pred[i] = fmod(i * 7.37, 11.3) - 5;
    put("pred", SC_FLOAT64, DIM(7, 4), pred);
    LABELS("target", DIM(7), 0, 1, 2, 3, -100, 1, 0);
    put("weight", SC_FLOAT64, DIM(4), weight);
    set("grad", "true");
    ck_assert_int_eq(run("cross_entropy"), SC_OK);
    for (int i = 0; i < 3; i++) want[i] = value(fields[i]);
    memcpy(slope, data("grad.pred"), sizeof slope);
    set("gamma", "0");
    set("normalizer", "weight_sum");
    ck_assert_int_eq(run("focal"), SC_OK);
    for (int i = 0; i < 3; i++) ck_assert_double_eq(value(fields[i]), want[i]);
    ck_assert_mem_eq(data("grad.pred"), slope, sizeof slope);
}
END_TEST

START_TEST(binary_focal_without_gamma_is_binary_cross_entropy)
{
    double sum, grad[6];

    REALS("pred", DIM(6), -800, -2.25, -1e-3, 0.5, 3, 40);
    REALS("target", DIM(6), 1, 0, 1, 0.25, 1, 0);
    set("grad", "true");
    ck_assert_int_eq(run("binary_cross_entropy_with_logits"), SC_OK);
    sum = value("sum");
    memcpy(grad, data("grad.pred"), sizeof grad);
    set("gamma", "0");
    ck_assert_int_eq(run("focal"), SC_OK);
    ck_assert(value("sum") == sum);
    ck_assert_mem_eq(data("grad.pred"), grad, sizeof grad);
}
END_TEST

/* (1 - p)^(gamma - 1) alone would be infinite where p is 1. */
START_TEST(focal_slopes_are_finite_where_p_is_1)
{
    REALS("pred", DIM(2, 2), 1000, 0, -1e300, 1e300);
    if (_i == 0)
        LABELS("target", DIM(2), 0, 1);
    else
        LABELS("target", DIM(2, 2), 1, 0, 0, 1);
    set("gamma", "0.5");
    set("grad", "true");
    ck_assert_int_eq(run("focal"), SC_OK);
    ck_assert_str_eq(status(), "ok");
    for (int i = 0; i < 4; i++) ck_assert(isfinite(data("grad.pred")[i]));
}
END_TEST

START_TEST(masked_logits_have_no_part_in_focal)
{
    REALS("pred", DIM(2, 3), 1, -INFINITY, -INFINITY, 1, 2, -INFINITY);
    LABELS("target", DIM(2), 0, 1);
    set("reduction", "none");
    set("grad", "true");
    ck_assert_int_eq(run("focal"), SC_OK);
    ck_assert_double_eq(data("loss")[0], 0);
    ck_assert_double_eq_tol(data("loss")[1], pow(1 / (1 + M_E), 2) * log1p(exp(-1)), 1e-15);
    ck_assert_double_eq(data("grad.pred")[5], 0);
}
END_TEST

START_TEST(nan_shows_in_every_loss)
{
    REALS("pred", DIM(2, 3), 0.25, NAN, 0.25, 0.5, 0.25, 0.25);
    LABELS("target", DIM(2), 1, 0);
    ck_assert_int_eq(run(of_indices[_i]), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
    ck_assert(isnan(value("value")));
}
END_TEST

/* ... and in those that look at all classes, wherever it is. */
START_TEST(nan_of_another_class_shows)
{
    static const char *const ops[] = {"focal", "multi_margin", "multiclass_hinge"};

    REALS("pred", DIM(1, 3), 0.25, NAN, -INFINITY);
    LABELS("target", DIM(1), 0);
    ck_assert_int_eq(run(ops[_i]), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
}
END_TEST

START_TEST(narrow_probabilities_may_miss_1_by_their_rounding)
{
    /* 0.33325 three times, and 0.5 with 0.49 */
    const uint16_t thirds[] = {0x3555, 0x3555, 0x3555}, less[] = {0x3800, 0x37d7, 0};

    put("pred", SC_FLOAT16, DIM(1, 3), thirds);
    LABELS("target", DIM(1), 0);
    ck_assert_int_eq(run("sparse_cross_entropy"), SC_OK);
    ck_assert_int_eq(report.warnings, 0);
    in.count = 0;
    put("pred", SC_FLOAT16, DIM(1, 3), less);
    LABELS("target", DIM(1), 0);
    ck_assert_int_eq(run("sparse_cross_entropy"), SC_OK);
    ck_assert_int_eq(report.warnings, 1);
    ck_assert_str_eq(report.warning[0].code, "not_normalized");
}
END_TEST

/* What is infinite must not become a NaN in sums that keep what rounding loses. */
START_TEST(margins_may_overflow)
{
    REALS("pred", DIM(1, 3), -1e200, 1e200, 3e200);
    LABELS("target", DIM(1), 0);
    set("p", "2");
    ck_assert_int_eq(run("multi_margin"), SC_OK);
    ck_assert_double_eq(value("sum"), INFINITY);
}
END_TEST

START_TEST(many_classes_cost_no_more_than_their_number)
{
    const int64_t count = 65536;
    double *pred = sc_arena_calloc(&arena, (size_t)count * 2, sizeof *pred);

    pred[count - 1] = 3;
    put("pred", SC_FLOAT64, DIM(2, 65536), pred);
    LABELS("target", DIM(2), 65535, 0);
    set("reduction", "none");
    ck_assert_int_eq(run("multi_margin"), SC_OK);
    ck_assert_double_eq(data("loss")[0], 0);
    ck_assert_double_eq(data("loss")[1], 65535 / 65536.);
}
END_TEST

START_TEST(rows_of_any_length_and_size_have_an_angle)
{
    static double pred[10000], other[10000];
    static const double sizes[] = {1e-320, 1e-160, 1, 1e160, 1e307};

    for (int i = 0; i < 10000; i++) {
        pred[i] = sizes[_i];
        other[i] = i % 4 ? 1e300 : -1e300;
    }
    put("pred", SC_FLOAT64, DIM(10000), pred);
    put("other", SC_FLOAT64, DIM(10000), other);
    put("target", SC_INT64, 0, NULL, (const int64_t[]){1});
    ck_assert_int_eq(run("cosine_embedding"), SC_OK);
    ck_assert_double_eq_tol(value("value"), 0.5, 1e-16);
}
END_TEST

START_TEST(rows_with_nan_or_infinity_have_none)
{
    static const double odd[] = {NAN, INFINITY};

    REALS("pred", DIM(1, 2), odd[_i], 0);
    REALS("other", DIM(1, 2), 0, 0);
    LABELS("target", DIM(1), -1);
    ck_assert_int_eq(run("cosine_embedding"), SC_OK);
    ck_assert_str_eq(status(), "nonfinite");
}
END_TEST

Suite *suite_classes(void);

static TCase *refusals(void)
{
    TCase *c = tcase_create("refused");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, indices_out_of_range_are_refused, 0, 5);
    tcase_add_loop_test(c, indices_are_integers_of_the_right_shape, 0, 5);
    tcase_add_loop_test(c, ignoring_comes_before_the_range, 0, 6);
    tcase_add_test(c, probabilities_out_of_range_are_refused);
    tcase_add_test(c, one_class_has_no_best_other);
    tcase_add_loop_test(c, alpha_has_as_many_numbers_as_there_are_classes, 0, 4);
    tcase_add_test(c, binary_targets_are_0_to_1);
    tcase_add_test(c, a_binary_weight_stands_on_dimension_1);
    tcase_add_test(c, pairs_of_rows_have_signs);
    return c;
}

static TCase *values(void)
{
    TCase *c = tcase_create("values");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, focal_without_gamma_is_cross_entropy);
    tcase_add_test(c, binary_focal_without_gamma_is_binary_cross_entropy);
    tcase_add_loop_test(c, focal_slopes_are_finite_where_p_is_1, 0, 2);
    tcase_add_test(c, masked_logits_have_no_part_in_focal);
    tcase_add_loop_test(c, nan_shows_in_every_loss, 0, 5);
    tcase_add_loop_test(c, nan_of_another_class_shows, 0, 3);
    tcase_add_test(c, narrow_probabilities_may_miss_1_by_their_rounding);
    tcase_add_test(c, margins_may_overflow);
    tcase_add_test(c, many_classes_cost_no_more_than_their_number);
    tcase_add_loop_test(c, rows_of_any_length_and_size_have_an_angle, 0, 5);
    tcase_add_loop_test(c, rows_with_nan_or_infinity_have_none, 0, 2);
    return c;
}

Suite *suite_classes(void)
{
    Suite *s = suite_create("classes");

    suite_add_tcase(s, refusals());
    suite_add_tcase(s, values());
    return s;
}
