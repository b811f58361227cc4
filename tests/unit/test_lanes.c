/* test_lanes.c - the fixed sum of a block. */
#include <check.h>
#include <math.h>

#include "exact.h"
#include "lanes.h"

/* The definition, word by word, on a block that is padded with `padding`. */
static double by_definition(const double *x, int n, double padding)
{
    double lane[SC_LANES] = {0};

    for (int i = 0; i < SC_BLOCK; i++) lane[i % SC_LANES] += i < n ? x[i] : padding;
    for (int half = SC_LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; j++) lane[j] += lane[j + half];
    return lane[0];
}

static void assert_defined(const double *x, int n)
{
    const uint64_t got = sc_double_bits(sc_block_sum(x, n));

    ck_assert_msg(got == sc_double_bits(by_definition(x, n, 0.0)), "%d elements, +0.0", n);
    ck_assert_msg(got == sc_double_bits(by_definition(x, n, -0.0)), "%d elements, -0.0", n);
}

START_TEST(sum_keeps_its_order)
{
    double x[SC_BLOCK];

    for (int i = 0; i < SC_BLOCK; i++) x[i] = sin(i) * exp(i % 97);
    for (int n = 0; n <= SC_BLOCK; n += n < 100 ? 1 : 333) assert_defined(x, n);
}
END_TEST

START_TEST(padding_changes_no_bits)
{
    const double x[] = {-0.0, 0.0, 0x1p-1074, -0x1p-1074, -0.0, INFINITY};

    for (int n = 0; n <= 6; n++) assert_defined(x, n);
}
END_TEST

START_TEST(nan_stays)
{
    const double x[] = {1, NAN, INFINITY};

    ck_assert(isnan(sc_block_sum(x, 3)));
}
END_TEST

Suite *suite_lanes(void);

Suite *suite_lanes(void)
{
    Suite *suite = suite_create("lanes");
    TCase *block = tcase_create("block");

    tcase_add_test(block, sum_keeps_its_order);
    tcase_add_test(block, padding_changes_no_bits);
    tcase_add_test(block, nan_stays);
    suite_add_tcase(suite, block);
    return suite;
}
