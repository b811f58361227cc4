/* test_vmath.c - vmath.h: its bounds against true values, its edges, its very bits. */
#include <check.h>
#include <inttypes.h>
#include <math.h>

#include "vmath.h"

/* Function; bound in ulps; the checksum that every compiler and machine must give; the values
 * at -inf and inf. */
#define FUNCTIONS(F)                                                                           \
    F(exp, 0.8, 0x772a43edba46d78d, 0.0, INFINITY)                                             \
    F(expm1, 1.25, 0x671f273c7ad63493, -1.0, INFINITY)                                         \
    F(log, 0.65, 0x15ca158e6dbfb240, NAN, INFINITY)                                            \
    F(log1p, 0.65, 0x34c82c6fa200b023, NAN, INFINITY)                                          \
    F(tanh, 0.9, 0x3bf1ef734f389f5f, -1.0, 1.0)                                                \
    F(sigmoid, 0.8, 0xd5587083a158111b, 0.0, 1.0)                                              \
    F(sigmoid_slope, 2.5, 0x1bf56d79689d0fed, 0.0, 0.0)                                        \
    F(softplus, 1.7, 0xfd1f15bfd75a129c, 0.0, INFINITY)                                        \
    F(silu, 0.8, 0xc32f4c43a3e13ec0, -0.0, INFINITY)                                           \
    F(silu_slope, 2.5, 0x31e6b35e21e68116, -0.0, 1.0)                                          \
    F(gelu, 1.5, 0x599f22859f907bf9, -0.0, INFINITY)                                           \
    F(gelu_slope, 2.7, 0xf7d7c05a18d48186, -0.0, 1.0)                                          \
    F(gelu_tanh, 0.8, 0xb69f477d8479e4cf, -0.0, INFINITY)                                      \
    F(gelu_tanh_slope, 3.6, 0x08f642b3feedf617, -0.0, 1.0)

/* A loop over the function, which the compiler may turn into vector code. */
#define LOOP(name, ...)                                                                        \
    static void each_##name(const double *x, double *restrict y, int n)                        \
    {                                                                                          \
        for (int i = 0; i < n; i++) y[i] = sc_##name(x[i]);                                    \
    }
FUNCTIONS(LOOP)
#undef LOOP

static const struct function {
    const char *name;
    double (*of)(double);
    void (*each)(const double *x, double *restrict y, int n);
    double bound;
    uint64_t checksum;
    double at_minus_inf, at_inf;
} functions[] = {
#define FUNCTION(name, bound, checksum, below, above)                                          \
    {#name, sc_##name, each_##name, bound, UINT64_C(checksum), below, above},
    FUNCTIONS(FUNCTION)
#undef FUNCTION
};

enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

/* The true value is y + rest 2^unit; see tests/golden/make_vmath.py. */
static const struct row {
    double (*of)(double);
    double x, y;
    int unit;
    double rest;
} rows[] = {
#define ROW(name, ...) {sc_##name, __VA_ARGS__},
#include "../golden/vmath.def"
#undef ROW
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static double ulps_off(const struct row *row)
{
    const double got = row->of(row->x);

    return got == row->y ? fabs(row->rest) : fabs(ldexp(got - row->y, -row->unit) - row->rest);
}

START_TEST(values_are_within_the_bound)
{
    const struct function *f = &functions[_i];
    int seen = 0;

    for (int i = 0; i < ROW_COUNT; i++) {
        if (rows[i].of != f->of) continue;
        const double off = ulps_off(&rows[i]);
        seen++;
        ck_assert_msg(off <= f->bound, "%s(%a) is %a, true is %a: %.3f ulp, at most %.2f",
                      f->name, rows[i].x, f->of(rows[i].x), rows[i].y, off, f->bound);
    }
    ck_assert_int_ge(seen, 100);
}
END_TEST

static void assert_same(const struct function *f, double x, double want)
{
    const double got = f->of(x);

    ck_assert_msg(isnan(want) ? isnan(got) : sc_double_bits(got) == sc_double_bits(want),
                  "%s(%a) is %a, want %a", f->name, x, got, want);
}

START_TEST(infinities_give_limits)
{
    assert_same(&functions[_i], -INFINITY, functions[_i].at_minus_inf);
    assert_same(&functions[_i], INFINITY, functions[_i].at_inf);
}
END_TEST

START_TEST(nan_stays)
{
    ck_assert(isnan(functions[_i].of(NAN)));
    ck_assert(isnan(functions[_i].of(-NAN)));
}
END_TEST

START_TEST(largest_numbers_are_in_the_domain)
{
    const struct function *f = &functions[_i];
    const double largest = 0x1.fffffffffffffp1023, got = f->of(largest);

    if (isfinite(f->at_inf))
        assert_same(f, largest, f->at_inf);
    else
        ck_assert_msg(got == largest || (got > 700 && got < 710) || isinf(got), "%a", got);
    if (!isnan(f->at_minus_inf)) assert_same(f, -largest, f->at_minus_inf);
}
END_TEST

START_TEST(zero_keeps_its_sign_where_the_function_is_odd)
{
    static double (*const through_zero[])(double) = {sc_expm1, sc_log1p, sc_tanh,
                                                     sc_silu,  sc_gelu,  sc_gelu_tanh};

    for (size_t i = 0; i < sizeof through_zero / sizeof *through_zero; i++) {
        ck_assert(sc_double_bits(through_zero[i](0.0)) == sc_double_bits(0.0));
        ck_assert(sc_double_bits(through_zero[i](-0.0)) == sc_double_bits(-0.0));
    }
}
END_TEST

START_TEST(logarithms_have_a_domain)
{
    ck_assert(sc_log(0.0) == -INFINITY && sc_log(-0.0) == -INFINITY);
    ck_assert(isnan(sc_log(-1.0)) && isnan(sc_log(-0x1p-1074)));
    ck_assert(sc_log1p(-1.0) == -INFINITY);
    ck_assert(isnan(sc_log1p(-1.0 - 0x1p-52)) && isnan(sc_log1p(-1e300)));
    ck_assert(sc_log(1.0) == 0.0 && !signbit(sc_log(1.0)));
}
END_TEST

START_TEST(exp_overflows_and_vanishes_where_it_must)
{
    ck_assert(isfinite(sc_exp(0x1.62e42fefa39efp+9)) && isinf(sc_exp(0x1.62e42fefa39f0p+9)));
    ck_assert(isfinite(sc_expm1(0x1.62e42fefa39efp+9)) &&
              isinf(sc_expm1(0x1.62e42fefa39f0p+9)));
    ck_assert(sc_exp(-745.13) == 0x1p-1074 && sc_exp(-745.14) == 0.0);
    ck_assert(sc_exp(0.0) == 1.0);
}
END_TEST

/* ---- the bits ---- */

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Every fourth input is any bits at all; the others lie in [-800, 800], [-40, 40], [-2, 2]. */
static double input(uint64_t i)
{
    static const double reach[] = {0, 800, 40, 2};
    const uint64_t bits = mixed(i * UINT64_C(0x9e3779b97f4a7c15));

    return i % 4 == 0 ? sc_double_of(bits) : (double)(int64_t)bits * 0x1p-63 * reach[i % 4];
}

enum { INPUTS = 20001 };

START_TEST(bits_are_the_same_everywhere)
{
    const struct function *f = &functions[_i];
    static double x[INPUTS], y[INPUTS];
    uint64_t sum = 0;

    for (int i = 0; i < INPUTS; i++) x[i] = input((uint64_t)i);
    f->each(x, y, INPUTS);
    for (int i = 0; i < INPUTS; i++) {
        ck_assert_msg(sc_double_bits(f->of(x[i])) == sc_double_bits(y[i]), "%s(%a) in a loop",
                      f->name, x[i]);
        sum = mixed(sum ^ sc_double_bits(y[i]));
    }
    ck_assert_msg(sum == f->checksum, "%s: 0x%016" PRIx64, f->name, sum);
}
END_TEST

Suite *suite_vmath(void);

Suite *suite_vmath(void)
{
    Suite *suite = suite_create("vmath");
    TCase *each = tcase_create("each"), *edges = tcase_create("edges");

    tcase_add_loop_test(each, values_are_within_the_bound, 0, FUNCTION_COUNT);
    tcase_add_loop_test(each, infinities_give_limits, 0, FUNCTION_COUNT);
    tcase_add_loop_test(each, nan_stays, 0, FUNCTION_COUNT);
    tcase_add_loop_test(each, largest_numbers_are_in_the_domain, 0, FUNCTION_COUNT);
    tcase_add_loop_test(each, bits_are_the_same_everywhere, 0, FUNCTION_COUNT);
    tcase_add_test(edges, zero_keeps_its_sign_where_the_function_is_odd);
    tcase_add_test(edges, logarithms_have_a_domain);
    tcase_add_test(edges, exp_overflows_and_vanishes_where_it_must);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, edges);
    return suite;
}
