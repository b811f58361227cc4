/* test_activations.c - edges of the activations that golden cases do not hold: infinities and
 * signs of 0, PyTorch's own values, parameters that are refused. */
#include <math.h>

#include "calls.h"

static enum sc_status run(const char *name)
{
    return sc_run(sc_op_find("activations", name), &in, &args, &exec, &report, &note);
}

static bool same(double a, double b)
{
    return isnan(b) ? isnan(a) : a == b && signbit(a) == signbit(b);
}

/* ---- NaN, infinities and -0, each row of the catalogue by its name ---- */

struct ends {
    const char *name, *parameter, *text;
    bool pytorch;
    double y[3], slope[3]; /* at -inf, inf and -0 */
};

#define INF INFINITY

static const struct ends ends[] = {
    {"relu", NULL, NULL, false, {0, INF, -0.0}, {0, 1, 0}},
    {"relu6", NULL, NULL, false, {0, 6, -0.0}, {0, 0, 0}},
    {"leaky_relu", NULL, NULL, false, {-INF, INF, -0.0}, {0.01, 1, 0.01}},
    {"leaky_relu", "negative_slope", "0", false, {-0.0, INF, -0.0}, {0, 1, 0}},
    {"leaky_relu", "negative_slope", "0", true, {NAN, INF, -0.0}, {0, 1, 0}},
    {"prelu", NULL, NULL, false, {-INF, INF, -0.0}, {0.25, 1, 0.25}},
    {"hardtanh", NULL, NULL, false, {-1, 1, -0.0}, {0, 0, 1}},
    {"softshrink", NULL, NULL, false, {-INF, INF, 0}, {1, 1, 0}},
    {"hardshrink", NULL, NULL, false, {-INF, INF, 0}, {1, 1, 0}},
    {"elu", "alpha", "2", false, {-2, INF, -0.0}, {0, 1, 2}},
    {"elu", "alpha", "-2", false, {2, INF, -0.0}, {-0.0, 1, -2}},
    {"celu", "alpha", "2", false, {-2, INF, -0.0}, {0, 1, 1}},
    {"celu", "alpha", "-2", false, {-INF, INF, -0.0}, {INF, 1, 1}},
    {"sigmoid", NULL, NULL, false, {0, 1, 0.5}, {0, 0, 0.25}},
    {"logsigmoid", NULL, NULL, false, {-INF, -0.0, -0x1.62e42fefa39efp-1}, {1, 0, 0.5}},
    {"hardsigmoid", NULL, NULL, false, {0, 1, 0.5}, {0, 0, 1. / 6}},
    {"softplus", NULL, NULL, false, {0, INF, 0x1.62e42fefa39efp-1}, {0, 1, 0.5}},
    {"softplus", "beta", "1e200", false, {0, INF, 0x1.0fa6da8de6874p-665}, {0, 1, 0.5}},
    {"softplus", "beta", "1e-200", false, {0, INF, 0x1.cfa321696bdc6p+663}, {0, 1, 0.5}},
    {"tanh", NULL, NULL, false, {-1, 1, -0.0}, {0, 0, 1}},
    {"tanhshrink", NULL, NULL, false, {-INF, INF, -0.0}, {1, 1, 0}},
    {"softsign", NULL, NULL, false, {-1, 1, -0.0}, {0, 0, 1}},
    {"softsign", NULL, NULL, true, {NAN, NAN, -0.0}, {NAN, NAN, 1}},
    {"gelu", NULL, NULL, false, {-0.0, INF, -0.0}, {-0.0, 1, 0.5}},
    {"gelu", NULL, NULL, true, {NAN, INF, -0.0}, {NAN, NAN, 0.5}},
    {"gelu", "approximate", "tanh", false, {-0.0, INF, -0.0}, {-0.0, 1, 0.5}},
    {"gelu", "approximate", "tanh", true, {NAN, INF, -0.0}, {NAN, NAN, 0.5}},
    {"silu", NULL, NULL, false, {-0.0, INF, -0.0}, {-0.0, 1, 0.5}},
    {"silu", NULL, NULL, true, {NAN, INF, -0.0}, {NAN, NAN, 0.5}},
    {"hardswish", NULL, NULL, false, {-0.0, INF, -0.0}, {0, 1, 0.5}},
    {"hardswish", NULL, NULL, true, {NAN, INF, -0.0}, {0, 1, 0.5}},
    {"mish", NULL, NULL, false, {-0.0, INF, -0.0}, {-0.0, 1, 0.6}},
    {"mish", NULL, NULL, true, {NAN, INF, -0.0}, {NAN, NAN, 0.6}},
};

enum { ENDS = sizeof ends / sizeof *ends };

START_TEST(ends_are_limits_and_nan_stays)
{
    const struct ends *e = &ends[_i];

    REALS("x", DIM(4), -INFINITY, INFINITY, -0.0, NAN);
    set("grad", "true");
    if (e->parameter) set(e->parameter, e->text);
    if (e->pytorch) set("compat", "pytorch");
    ck_assert_msg(run(e->name) == SC_OK, "%s: %s", e->name, note.detail);
    for (int i = 0; i < 3; i++) {
        const double y = data("y")[i], slope = data("grad.x")[i];

        ck_assert_msg(same(y, e->y[i]), "%s %d: %a, want %a", e->name, i, y, e->y[i]);
        ck_assert_msg(same(slope, e->slope[i]), "%s' %d: %a, want %a", e->name, i, slope,
                      e->slope[i]);
    }
    ck_assert(isnan(data("y")[3]) && isnan(data("grad.x")[3]));
    ck_assert_str_eq(sc_report_find(&report, "status")->as.text, "nonfinite");
}
END_TEST

START_TEST(every_activation_takes_compat)
{
    for (int i = 0; i < sc_op_count; i++) {
        bool known = sc_ops[i].family != SC_ACTIVATIONS;

        for (int k = 0; k < sc_ops[i].params; k++)
            known |= strcmp(sc_ops[i].param[k].name, "compat") == 0;
        ck_assert_msg(known, "%s", sc_ops[i].name);
    }
}
END_TEST

START_TEST(softshrink_of_nan_is_0_in_pytorch_alone)
{
    REALS("x", DIM(1), NAN);
    set("compat", "pytorch");
    ck_assert_int_eq(run("softshrink"), SC_OK);
    ck_assert_double_eq(data("y")[0], 0);
}
END_TEST

START_TEST(corners_have_one_side)
{
    REALS("x", DIM(4), -3, 3, 0, 6);
    set("grad", "true");
    ck_assert_int_eq(run("hardswish"), SC_OK);
    ck_assert(data("grad.x")[0] == 0 && data("grad.x")[1] == 1);
    ck_assert_int_eq(run("hardsigmoid"), SC_OK);
    ck_assert(data("grad.x")[0] == 0 && data("grad.x")[1] == 0);
    ck_assert_int_eq(run("relu6"), SC_OK);
    ck_assert(data("grad.x")[2] == 0 && data("grad.x")[3] == 0);
    set("compat", "pytorch");
    ck_assert_int_eq(run("hardswish"), SC_OK);
    ck_assert(data("grad.x")[0] == -0.5 && data("grad.x")[1] == 1.5);
}
END_TEST

/* ---- parameters ---- */

static const struct refused {
    const char *name, *parameter, *text, *other, *other_text;
    enum sc_status status;
} refused[] = {
    {"hardtanh", "min_val", "2", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"hardtanh", "min_val", "1", "max_val", "1", SC_OUT_OF_BOUNDS},
    {"celu", "alpha", "0", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"softplus", "beta", "0", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"softplus", "beta", "-1", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"softshrink", "lambd", "-0.5", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"hardshrink", "lambd", "-0.5", NULL, NULL, SC_OUT_OF_BOUNDS},
    {"threshold", "threshold", "1", NULL, NULL, SC_BAD_PARAM},
    {"threshold", "value", "1", NULL, NULL, SC_BAD_PARAM},
    {"elu", "alpha", "inf", NULL, NULL, SC_BAD_PARAM},
    {"gelu", "compat", "tensorflow", NULL, NULL, SC_BAD_PARAM},
};

enum { REFUSED = sizeof refused / sizeof *refused };

START_TEST(parameters_without_meaning_are_refused)
{
    const struct refused *r = &refused[_i];

    REALS("x", DIM(1), 1);
    set(r->parameter, r->text);
    if (r->other) set(r->other, r->other_text);
    ck_assert_int_eq(run(r->name), r->status);
    ck_assert_ptr_nonnull(strstr(note.pointer, "#/params/"));
}
END_TEST

START_TEST(a_parameter_rounds_nothing)
{
    REALS("x", DIM(2), 0x1p-60, -0x1p-60);
    set("alpha", "1e300");
    ck_assert_int_eq(run("celu"), SC_OK);
    ck_assert(data("y")[0] == 0x1p-60 && data("y")[1] == -0x1p-60);
}
END_TEST

/* ---- prelu ---- */

START_TEST(weights_of_prelu_fit_dimension_1)
{
    REALS("x", DIM(2, 3), 0, 0, 0, 0, 0, 0);
    REALS("weight", DIM(2), 1, 1);
    ck_assert_int_eq(run("prelu"), SC_BAD_SHAPE);
    ck_assert_str_eq(note.pointer, "#/weight");
    in.count = 0;
    REALS("x", DIM(3), 0, 0, 0);
    REALS("weight", DIM(3), 1, 1, 1);
    ck_assert_int_eq(run("prelu"), SC_BAD_SHAPE);
}
END_TEST

/* In any other order than the exact one, 1 is lost in 1e20. */
START_TEST(the_gradient_by_a_weight_is_an_exact_sum)
{
    static double x[9000];
    const int64_t dim[] = {2, 2, 2250};

    for (int i = 0; i < 9000; i++) x[i] = i % 2250 == 7 ? -1e20 : i % 5 ? -1 : 3;
    put("x", SC_FLOAT64, 3, dim, x);
    REALS("weight", DIM(2), 0.5, 2);
    set("grad", "true");
    exec.threads = 2;
    ck_assert_int_eq(run("prelu"), SC_OK);
    ck_assert_double_eq(data("grad.weight")[0], -2e20 - 3598);
    ck_assert_double_eq(data("grad.weight")[1], -2e20 - 3598);
    ck_assert_double_eq(data("y")[2251], -2);
    ck_assert_double_eq(data("grad.x")[4501], 0.5);
}
END_TEST

START_TEST(prelu_without_a_gradient_sums_nothing)
{
    REALS("x", DIM(2), -4, 4);
    ck_assert_int_eq(run("prelu"), SC_OK);
    ck_assert(data("y")[0] == -1 && data("y")[1] == 4);
    ck_assert_ptr_null(sc_report_find(&report, "grad.weight"));
}
END_TEST

/* ---- log_softmax ---- */

START_TEST(log_softmax_keeps_its_infinities)
{
    REALS("x", DIM(3, 2), -INFINITY, 1, INFINITY, 1, -INFINITY, -INFINITY);
    REALS("grad_output", DIM(3, 2), 0.25, 3, 1, 1, 1, 1);
    set("grad", "true");
    ck_assert_int_eq(run("log_softmax"), SC_OK);
    ck_assert(data("y")[0] == -INFINITY && data("y")[1] == 0);
    ck_assert(data("grad.x")[0] == 0.25 && data("grad.x")[1] == 3 - 3.25);
    for (int i = 2; i < 6; i++) ck_assert(isnan(data("y")[i]) && isnan(data("grad.x")[i]));
}
END_TEST

START_TEST(log_softmax_asks_for_what_multiplies_its_jacobian)
{
    REALS("x", DIM(2), 0, 1);
    set("grad", "true");
    ck_assert_int_eq(run("log_softmax"), SC_BAD_INPUT);
    ck_assert_str_eq(note.pointer, "#/grad_output");
}
END_TEST

Suite *suite_activations(void);

Suite *suite_activations(void)
{
    Suite *suite = suite_create("activations");
    TCase *edges = tcase_create("edges"), *params = tcase_create("params");
    TCase *rest = tcase_create("prelu and log_softmax");

    tcase_add_checked_fixture(edges, setup, teardown);
    tcase_add_checked_fixture(params, setup, teardown);
    tcase_add_checked_fixture(rest, setup, teardown);
    tcase_add_loop_test(edges, ends_are_limits_and_nan_stays, 0, ENDS);
    tcase_add_test(edges, every_activation_takes_compat);
    tcase_add_test(edges, softshrink_of_nan_is_0_in_pytorch_alone);
    tcase_add_test(edges, corners_have_one_side);
    tcase_add_loop_test(params, parameters_without_meaning_are_refused, 0, REFUSED);
    tcase_add_test(params, a_parameter_rounds_nothing);
    tcase_add_test(rest, weights_of_prelu_fit_dimension_1);
    tcase_add_test(rest, the_gradient_by_a_weight_is_an_exact_sum);
    tcase_add_test(rest, prelu_without_a_gradient_sums_nothing);
    tcase_add_test(rest, log_softmax_keeps_its_infinities);
    tcase_add_test(rest, log_softmax_asks_for_what_multiplies_its_jacobian);
    suite_add_tcase(suite, edges);
    suite_add_tcase(suite, params);
    suite_add_tcase(suite, rest);
    return suite;
}
