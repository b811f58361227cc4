/* test_trace.c - which traceparent is followed, and how. */
#include <check.h>
#include <string.h>

#include "trace.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

START_TEST(good_ones)
{
    ck_assert(trace_is_valid("00-" TRACE "-" PARENT "-01"));
    ck_assert(trace_is_valid("00-" TRACE "-" PARENT "-00"));
    ck_assert(trace_is_valid("cc-" TRACE "-" PARENT "-01"));
    ck_assert(trace_is_valid("cc-" TRACE "-" PARENT "-01-what-the-future-will-be"));
}
END_TEST

START_TEST(bad_ones)
{
    static const char *const bad[] = {
        "",
        "00",
        "00-" TRACE "-" PARENT "-0",
        "00-" TRACE "-" PARENT "-01-more",
        "00-" TRACE "-" PARENT "-01 ",
        "cc-" TRACE "-" PARENT "-01.more",
        "ff-" TRACE "-" PARENT "-01",
        "0x-" TRACE "-" PARENT "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-" TRACE "-" PARENT "-0X",
        "00-" TRACE "_" PARENT "-01",
        "00-" TRACE "-" PARENT "--1",
        "00-4bf92f3577b34da6a3ce929d0e0e473-" PARENT "-010",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!trace_is_valid(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(it_is_continued)
{
    char one[TRACE_SIZE], two[TRACE_SIZE];

    trace_continue("cc-" TRACE "-" PARENT "-ff-more", one);
    trace_continue("00-" TRACE "-" PARENT "-00", two);
    ck_assert(trace_is_valid(one) && trace_is_valid(two));
    ck_assert_int_eq(strncmp(one, "00-" TRACE "-", 36), 0);
    ck_assert_str_eq(one + 52, "-03");
    ck_assert_str_eq(two + 52, "-00");
    ck_assert_int_ne(strncmp(one + 36, PARENT, 16), 0);
    ck_assert_int_ne(strncmp(one + 36, two + 36, 16), 0);
}
END_TEST

Suite *suite_trace(void);
Suite *suite_trace(void)
{
    Suite *suite = suite_create("trace");
    TCase *tests = tcase_create("trace");

    tcase_add_test(tests, good_ones);
    tcase_add_test(tests, bad_ones);
    tcase_add_test(tests, it_is_continued);
    suite_add_tcase(suite, tests);
    return suite;
}
