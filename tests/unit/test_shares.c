/* test_shares.c - who may have more memory, by what is held and who is expected back. */
#include <check.h>
#include <string.h>

#include "shares.h"

static struct sc_budget all, held[3];
static struct shares shares;
static struct share share[3];

static void setup(void)
{
    all = (struct sc_budget){.limit = 1200};
    shares = (struct shares){.of = &all};
    memset(held, 0, sizeof held);
    memset(share, 0, sizeof share);
    for (int i = 0; i < 3; i++) share[i] = (struct share){.weight = 1, .budget = &held[i]};
}

static bool may(int who, size_t size, int64_t now)
{
    return share_allows(&shares, &share[who], size, now);
}

START_TEST(who_is_alone_has_all)
{
    ck_assert_uint_eq(share_of(&shares, &share[0], 0), 1200);
    ck_assert(may(0, 5000, 0)); /* whether there is so much is another question */
}
END_TEST

START_TEST(shares_are_by_weight_of_those_who_hold_something)
{
    share[0].weight = 3;
    held[0].used = 1;
    held[1].used = 1;
    ck_assert_uint_eq(share_of(&shares, &share[0], 0), 1200);
    ck_assert_uint_eq(share_of(&shares, &share[1], 0), 300);
    ck_assert_uint_eq(share_of(&shares, &share[0], 0), 900);
    ck_assert_uint_eq(share_of(&shares, &share[2], 0), 240);
    held[1].used = 0;
    ck_assert_uint_eq(share_of(&shares, &share[2], 0), 300);
}
END_TEST

START_TEST(free_memory_is_for_everybody)
{
    held[0].used = 1100;
    held[1].used = 10;
    ck_assert(may(0, 90, 0));
    ck_assert(may(1, 90, 0));
}
END_TEST

START_TEST(nobody_takes_more_than_a_share_while_another_is_expected)
{
    held[0].used = 1100;
    share_of(&shares, &share[0], 0);
    share_missed(&shares, &share[1], 400, 0, 100);
    ck_assert(!may(0, 1, 50));
    ck_assert(may(1, 400, 50));
    held[0].used = 500;
    ck_assert(may(0, 100, 50));
    ck_assert(!may(0, 101, 50));
    ck_assert(may(0, 101, 100)); /* he did not come */
}
END_TEST

START_TEST(who_got_it_is_expected_no_more)
{
    held[0].used = 1100;
    share_of(&shares, &share[0], 0);
    share_missed(&shares, &share[1], 400, 0, 100);
    share_got(&share[1]);
    ck_assert(may(0, 1, 50));
}
END_TEST

START_TEST(who_wants_more_than_a_share_is_not_expected)
{
    held[0].used = 1100;
    share_of(&shares, &share[0], 0);
    share_missed(&shares, &share[1], 601, 0, 100);
    ck_assert(may(0, 1, 50));
    held[1].used = 1;
    share_missed(&shares, &share[0], 1, 0, 100);
    ck_assert(may(1, 700, 50));
}
END_TEST

START_TEST(several_are_expected)
{
    held[0].used = 1200;
    share_of(&shares, &share[0], 0);
    share_missed(&shares, &share[1], 400, 0, 100);
    share_missed(&shares, &share[2], 400, 10, 200);
    ck_assert_uint_eq(share_of(&shares, &share[1], 50), 400);
    ck_assert(may(1, 400, 50));
    ck_assert(!may(1, 401, 50));
    ck_assert(may(2, 600, 150));
    ck_assert(!may(0, 1, 150));
}
END_TEST

Suite *suite_shares(void);

Suite *suite_shares(void)
{
    Suite *suite = suite_create("shares");
    TCase *tcase = tcase_create("shares");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, who_is_alone_has_all);
    tcase_add_test(tcase, shares_are_by_weight_of_those_who_hold_something);
    tcase_add_test(tcase, free_memory_is_for_everybody);
    tcase_add_test(tcase, nobody_takes_more_than_a_share_while_another_is_expected);
    tcase_add_test(tcase, who_got_it_is_expected_no_more);
    tcase_add_test(tcase, who_wants_more_than_a_share_is_not_expected);
    tcase_add_test(tcase, several_are_expected);
    suite_add_tcase(suite, tcase);
    return suite;
}
