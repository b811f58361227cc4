/* test_target.c - paths and queries, as they come in a request line. */
#include <check.h>
#include <string.h>

#include "http.h"

static struct http_request rq;

static void setup(void)
{
    memset(&rq, 0, sizeof rq);
    sc_arena_init(&rq.arena, (size_t)1 << 20, NULL);
}

static void teardown(void)
{
    sc_arena_done(&rq.arena);
}

static int judge(const char *target)
{
    const struct sc_limits limits = sc_limits_preset();

    return http_target(&rq, target, &limits).status;
}

static const struct {
    const char *target, *path;
} good[] = {
    {"/", "/"},
    {"/v1/losses/mse", "/v1/losses/mse"},
    {"/v1/losses/mse?delta=2", "/v1/losses/mse"},
    {"/a%20b%41+c", "/a bA+c"},
    {"/a%2Fb%2fc", "/a%2Fb%2fc"},
    {"/%252F", "/%2F"},
    {"*", "*"},
    {"http://h:80/a?b", "/a"},
    {"HTTPS://h", "/"},
    {"http://h?x=1", "/"},
};

START_TEST(paths_are_decoded)
{
    ck_assert_int_eq(judge(good[_i].target), 0);
    ck_assert_str_eq(rq.path, good[_i].path);
}
END_TEST

static const char *const bad[] = {
    "a",       "mailto:x", "//%",   "/%0",  "/%zz",  "/a%00b",
    "/?a=%00", "/?%0=1",   "/?a=%", "/a b", "/a\tb", "/a\x7f",
};

START_TEST(broken_targets_are_400)
{
    ck_assert_msg(judge(bad[_i]) == 400, "%s", bad[_i]);
}
END_TEST

START_TEST(long_targets_are_414)
{
    const struct sc_limits limits = sc_limits_preset();
    char target[17 << 10];

    memset(target, 'a', sizeof target);
    target[0] = '/';
    target[limits.target_bytes] = '\0';
    ck_assert_int_eq(judge(target), 0);
    target[limits.target_bytes] = 'a';
    target[limits.target_bytes + 1] = '\0';
    ck_assert_int_eq(judge(target), 414);
}
END_TEST

START_TEST(many_query_fields_are_414)
{
    const struct sc_limits limits = sc_limits_preset();
    char target[1 << 10] = "/?";

    memset(target + 2, '&', (size_t)limits.query_fields);
    target[limits.query_fields + 1] = '\0';
    ck_assert_int_eq(judge(target), 0);
    target[limits.query_fields + 1] = '&';
    ck_assert_int_eq(judge(target), 414);
}
END_TEST

START_TEST(query_fields_are_decoded_in_order)
{
    static const char *const expected[][2] = {
        {"a", "1"},  {"b", "x y/z"}, {"losses/dice.smooth", "2"}, {"c", ""}, {"d", ""},
        {"a", "=&"}, {"", "e"},
    };

    ck_assert_int_eq(judge("/p?a=1&b=x+y%2Fz&losses/dice.smooth=2&c&&d=&a=%3d%26&=e&"), 0);
    ck_assert_uint_eq(rq.query.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < rq.query.count; i++) {
        ck_assert_str_eq(rq.query.item[i].name, expected[i][0]);
        ck_assert_str_eq(rq.query.item[i].value, expected[i][1]);
        ck_assert_uint_eq(rq.query.item[i].value_size, strlen(expected[i][1]));
    }
}
END_TEST

Suite *suite_target(void);

Suite *suite_target(void)
{
    Suite *suite = suite_create("target");
    TCase *tcase = tcase_create("target");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, paths_are_decoded, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tcase, broken_targets_are_400, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tcase, long_targets_are_414);
    tcase_add_test(tcase, many_query_fields_are_414);
    tcase_add_test(tcase, query_fields_are_decoded_in_order);
    suite_add_tcase(suite, tcase);
    return suite;
}
