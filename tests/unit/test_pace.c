/* test_pace.c - who is too slow, by numbers. */
#include <check.h>

#include "pace.h"

#define S PACE_SECOND

static struct sc_limits limits;
static struct pace pace;

static void setup(void)
{
    limits = sc_limits_preset();
    limits.body_rate = 1000;
    limits.body_rate_after = 10;
    limits.idle_seconds = 60;
    pace_start(&pace, &limits, 100 * S, 500);
}

START_TEST(the_first_seconds_are_free)
{
    ck_assert(pace_keeps(&pace, &limits, 110 * S, 500));
    ck_assert(!pace_keeps(&pace, &limits, 110 * S + 1, 500));
}
END_TEST

START_TEST(the_rate_keeps_it_alive_for_ever)
{
    for (int64_t s = 1; s < 4000; s++) {
        ck_assert(pace_keeps(&pace, &limits, (100 + s) * S, 500 + 1000 * s));
        ck_assert(!pace_lags(&pace, &limits, (100 + s) * S));
    }
}
END_TEST

START_TEST(a_byte_less_does_not)
{
    int64_t s = 1;

    while (pace_keeps(&pace, &limits, (100 + s) * S, 500 + 900 * s)) {
        ck_assert(pace_lags(&pace, &limits, (100 + s) * S));
        s++;
    }
    ck_assert_int_eq(s, 101); /* the ten seconds are used up by a tenth a second */
}
END_TEST

START_TEST(what_came_fast_counts_for_later_but_not_for_ever)
{
    ck_assert(pace_keeps(&pace, &limits, 101 * S, INT64_MAX / 2));
    ck_assert(pace_keeps(&pace, &limits, 161 * S, INT64_MAX / 2));
    ck_assert(!pace_keeps(&pace, &limits, 161 * S + 1, INT64_MAX / 2));
}
END_TEST

Suite *suite_pace(void);
Suite *suite_pace(void)
{
    Suite *suite = suite_create("pace");
    TCase *tests = tcase_create("pace");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, the_first_seconds_are_free);
    tcase_add_test(tests, the_rate_keeps_it_alive_for_ever);
    tcase_add_test(tests, a_byte_less_does_not);
    tcase_add_test(tests, what_came_fast_counts_for_later_but_not_for_ever);
    suite_add_tcase(suite, tests);
    return suite;
}
