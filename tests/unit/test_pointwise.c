/* test_pointwise.c - pointwise losses: what is refused, and gradients by central differences.
 */
#include <math.h>
#include <stdio.h>

#include "loss_calls.h"

static const struct refusal {
    const char *op, *input;
    double bad, good;
    enum sc_status status;
} refusals[] = {
    {"hinge", "target", 0, -1, SC_BAD_LABEL},
    {"hinge_embedding", "target", NAN, 1, SC_BAD_LABEL},
    {"soft_margin", "target", 2, 1, SC_BAD_LABEL},
    {"poisson_nll", "target", -1, 0, SC_BAD_VALUE},
    {"kl_div", "target", -1e-9, 0, SC_BAD_VALUE},
    {"gaussian_nll", "var", -1, 0, SC_BAD_VALUE},
    {"binary_cross_entropy", "pred", 1.5, 1, SC_BAD_PROBABILITY},
    {"binary_cross_entropy", "target", -0.5, 0, SC_BAD_PROBABILITY},
    {"binary_cross_entropy_with_logits", "target", INFINITY, 1, SC_BAD_PROBABILITY},
};

START_TEST(values_out_of_range_are_refused)
{
    const struct refusal *r = &refusals[_i];
    char pointer[32];

    for (int i = 0; i < (strcmp(r->op, "gaussian_nll") == 0 ? 3 : 2); i++) {
        const char *name = (const char *[]){"pred", "target", "var"}[i];
        const bool here = strcmp(name, r->input) == 0;

        REALS(name, DIM(4), here ? r->good : 1, here ? r->bad : 1, 1, here ? r->bad : 1);
    }
    ck_assert_int_eq(run(r->op), r->status);
    snprintf(pointer, sizeof pointer, "#/%s", r->input);
    ck_assert_str_eq(note.pointer, pointer);
    ck_assert_int_eq(note.index, 1);
    ck_assert_int_eq(note.count, 2);
    ck_assert(note.has_value && (note.value == r->bad || isnan(r->bad)));
}
END_TEST

START_TEST(labels_follow_their_encoding)
{
    REALS("pred", DIM(3), 1, 2, 3);
    LABELS("target", DIM(3), 1, 0, -1);
    set("label_encoding", "01");
    ck_assert_int_eq(run("hinge"), SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 2);
    ck_assert_ptr_nonnull(strstr(note.detail, "neither 0 nor 1"));
}
END_TEST

START_TEST(logarithms_may_be_negative)
{
    REALS("pred", DIM(1), -1);
    REALS("target", DIM(1), -2);
    set("log_target", "true");
    ck_assert_int_eq(run("kl_div"), SC_OK);
    ck_assert_double_eq_tol(value("value"), -0.1353352832366127, 1e-16);
}
END_TEST

static const char *const bounds[][3] = {
    {"huber", "delta", "0"},      {"huber", "delta", "-1"},       {"smooth_l1", "beta", "-1"},
    {"quantile", "q", "0"},       {"quantile", "q", "1"},         {"quantile", "q", "1.5"},
    {"gaussian_nll", "eps", "0"}, {"poisson_nll", "eps", "-1e-9"}};

START_TEST(parameters_out_of_bounds_are_refused)
{
    char pointer[32];

    REALS("pred", DIM(1), 1);
    REALS("target", DIM(1), 1);
    if (strcmp(bounds[_i][0], "gaussian_nll") == 0) REALS("var", DIM(1), 1);
    set(bounds[_i][1], bounds[_i][2]);
    ck_assert_int_eq(run(bounds[_i][0]), SC_OUT_OF_BOUNDS);
    snprintf(pointer, sizeof pointer, "#/params/%s", bounds[_i][1]);
    ck_assert_str_eq(note.pointer, pointer);
}
END_TEST

START_TEST(weights_must_broadcast)
{
    static const int64_t shapes[][3] = {{3}, {2, 2, 2}, {1, 2}};
    static const int ranks[] = {1, 3, 2};
    const double ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    REALS("pred", DIM(2, 2), 0.5, 0.5, 0.5, 0.5);
    REALS("target", DIM(2, 2), 0, 1, 0, 1);
    put("weight", SC_FLOAT64, ranks[_i], shapes[_i], ones);
    ck_assert_int_eq(run("binary_cross_entropy"), _i < 2 ? SC_BAD_SHAPE : SC_OK);
    if (_i < 2) ck_assert_str_eq(note.pointer, "#/weight");
}
END_TEST

START_TEST(a_weight_of_0_hides_an_infinity_but_no_nan)
{
    REALS("pred", DIM(2), 0, NAN);
    REALS("target", DIM(2), 1, 1);
    REALS("weight", DIM(1), 0);
    set("reduction", "none");
    ck_assert_int_eq(run("binary_cross_entropy"), SC_OK);
    ck_assert_double_eq(data("loss")[0], 0);
    ck_assert(isnan(data("loss")[1]));
}
END_TEST

/* Batches of other sizes count their own samples. */
START_TEST(batchmean_counts_samples_of_all_batches)
{
    const struct sc_op *op = sc_op_find("losses", "kl_div");
    struct sc_eval *eval;

    set("reduction", "batchmean");
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    for (int samples = 1; samples <= 2; samples++) {
        in.count = 0;
        REALS("pred", DIM(samples, 2), -1, -1, -1, -1);
        REALS("target", DIM(samples, 2), 1, 1, 1, 1);
        ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_OK);
    }
    ck_assert_int_eq(sc_eval_finish(eval, &report, &note), SC_OK);
    ck_assert_double_eq(value("weight_sum"), 3);
    ck_assert_double_eq(value("count"), 6);
    ck_assert_double_eq(value("value"), 2);
}
END_TEST

static const struct smooth {
    const char *op, *param, *text;
    double pred, target, third;
} smooths[] = {
    {"mse", NULL, NULL, 2.5, 1, 0},
    {"mae", NULL, NULL, 2.5, 3, 0},
    {"mean_bias_error", NULL, NULL, 2.5, 3, 0},
    {"log_cosh", NULL, NULL, 0.5, 0.25, 0},
    {"log_cosh", NULL, NULL, 1, 3.5, 0},
    {"huber", "delta", "0.5", 1, 1.25, 0},
    {"huber", "delta", "0.5", 1, 2, 0},
    {"smooth_l1", "beta", "0.5", 1, 1.25, 0},
    {"smooth_l1", "beta", "0.5", 2, 1, 0},
    {"quantile", "q", "0.2", 2, 1, 0},
    {"quantile", "q", "0.2", 2, 3, 0},
    {"poisson_nll", NULL, NULL, 0.75, 3, 0},
    {"poisson_nll", "log_input", "false", 0.75, 3, 0},
    {"gaussian_nll", "full", "true", 0.75, 3, 1.5},
    {"hinge", NULL, NULL, 0.75, 1, 0},
    {"hinge", "squared", "true", 0.75, -1, 0},
    {"hinge_embedding", NULL, NULL, 0.75, -1, 0},
    {"soft_margin", NULL, NULL, 0.75, -1, 0},
    {"binary_cross_entropy", NULL, NULL, 0.75, 0.5, 0},
    {"binary_cross_entropy_with_logits", NULL, NULL, 0.75, 0.25, 0},
    {"kl_div", NULL, NULL, -0.75, 0.25, 0},
    {"kl_div", "log_target", "true", -0.75, -0.25, 0},
};

static double value_at(const struct smooth *s, double pred, double third)
{
    in.count = 0;
    REALS("pred", DIM(1), pred);
    REALS("target", DIM(1), s->target);
    if (third > 0) REALS("var", DIM(1), third);
    ck_assert_int_eq(run(s->op), SC_OK);
    return value("value");
}

START_TEST(gradients_are_central_differences)
{
    const struct smooth *s = &smooths[_i];
    const double h = 0x1p-17;
    double slope, slope_of_third = 0;

    set("grad", "true");
    if (s->param != NULL) set(s->param, s->text);
    value_at(s, s->pred, s->third);
    slope = *data("grad.pred");
    if (s->third > 0) slope_of_third = *data("grad.var");
    ck_assert_double_eq_tol(
        slope,
        (value_at(s, s->pred + h, s->third) - value_at(s, s->pred - h, s->third)) / (2 * h),
        1e-9);
    if (s->third == 0) return;
    ck_assert_double_eq_tol(
        slope_of_third,
        (value_at(s, s->pred, s->third + h) - value_at(s, s->pred, s->third - h)) / (2 * h),
        1e-9);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *suite_pointwise(void);

Suite *suite_pointwise(void)
{
    Suite *s = suite_create("pointwise");
    TCase *c = tcase_create("elements");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, values_out_of_range_are_refused, 0, COUNT(refusals));
    tcase_add_test(c, labels_follow_their_encoding);
    tcase_add_test(c, logarithms_may_be_negative);
    tcase_add_loop_test(c, parameters_out_of_bounds_are_refused, 0, COUNT(bounds));
    tcase_add_loop_test(c, weights_must_broadcast, 0, 3);
    tcase_add_test(c, a_weight_of_0_hides_an_infinity_but_no_nan);
    tcase_add_test(c, batchmean_counts_samples_of_all_batches);
    tcase_add_loop_test(c, gradients_are_central_differences, 0, COUNT(smooths));
    suite_add_tcase(s, c);
    return s;
}
