/* test_teams.c - keys, rights, rates with a clock of the test's own, and reading the file
 * again. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "teams.h"

static char path[] = "/tmp/test_teams_XXXXXX";
static struct teams teams;
static struct sc_note note;

/* A team `name` whose key is `key`, with further members. */
static const char *team(char text[512], const char *name, const char *key, const char *members)
{
    const struct digest digest = digest_of(key, strlen(key));
    char hex[DIGEST_TEXT];

    snprintf(text, 512, "{\"team\": \"%s\", \"keys\": [\"sha256:%s\"]%s}", name,
             digest_print(&digest, hex), members);
    return text;
}

static void write_file(const char *one, const char *two)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fprintf(file, "{\"teams\": [%s%s%s]}", one, two ? ",\n" : "", two ? two : "");
    fclose(file);
}

static struct team *find(const char *key)
{
    char mark[HTTP_KEY_MARK];

    return teams_find(&teams, key, strlen(key), mark);
}

static void start(const char *one, const char *two)
{
    write_file(one, two);
    ck_assert_msg(teams_start(&teams, path, NULL, &note) == SC_OK, "%s", note.detail);
}

static void setup(void)
{
    const int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void teardown(void)
{
    teams_done(&teams);
    unlink(path);
}

START_TEST(without_a_file_everybody_may_do_everything)
{
    ck_assert_int_eq(teams_start(&teams, NULL, NULL, &note), SC_OK);
    ck_assert(team_may(&teams, &teams.everybody, RIGHT_SCORE));
    ck_assert(team_may(&teams, &teams.everybody, RIGHT_ADMIN));
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_null(team_enter(&teams, &teams.everybody, 1 << 30, 0).quota);
    ck_assert_int_eq(teams_reload(&teams, &note), SC_OK);
}
END_TEST

START_TEST(a_key_leads_to_its_team)
{
    char a[512], b[512];

    start(team(a, "a", "key-a", ""), team(b, "b", "key-b", ", \"rights\": [\"admin\"]"));
    ck_assert_str_eq(find("key-a")->name, "a");
    ck_assert_str_eq(find("key-b")->name, "b");
    ck_assert_ptr_null(find("key-"));
    ck_assert_ptr_null(find(""));
    ck_assert(team_may(&teams, find("key-a"), RIGHT_SCORE));
    ck_assert(!team_may(&teams, find("key-a"), RIGHT_ADMIN));
    ck_assert(!team_may(&teams, find("key-b"), RIGHT_SCORE));
}
END_TEST

START_TEST(each_of_many_keys_leads_to_its_team)
{
    FILE *file = fopen(path, "w");
    char text[512], key[32];

    ck_assert_ptr_nonnull(file);
    fprintf(file, "{\"teams\": [");
    for (int i = 0; i < 1000; i++) {
        char name[32];

        snprintf(key, sizeof key, "key-%d", i);
        snprintf(name, sizeof name, "t%d", i);
        fprintf(file, "%s%s", i > 0 ? "," : "", team(text, name, key, ""));
    }
    fprintf(file, "]}");
    fclose(file);
    ck_assert_int_eq(teams_start(&teams, path, NULL, &note), SC_OK);
    for (int i = 0; i < 1100; i++) {
        const struct team *found;

        snprintf(key, sizeof key, "key-%d", i);
        found = find(key);
        ck_assert(i < 1000 ? found != NULL && atoi(found->name + 1) == i : found == NULL);
    }
}
END_TEST

START_TEST(a_second_gives_so_many_requests)
{
    char a[512];
    struct team *t;
    const int64_t now = sc_clock_us();
    struct team_verdict v;

    start(team(a, "a", "k", ", \"requests_per_second\": 4"), NULL);
    t = find("k");
    for (int i = 0; i < 4; i++) {
        v = team_enter(&teams, t, 0, now + 2000000);
        ck_assert_ptr_null(v.quota);
        ck_assert_int_eq(v.requests.left, 3 - i);
    }
    v = team_enter(&teams, t, 0, now + 2000000);
    ck_assert_str_eq(v.quota, "requests_per_second");
    ck_assert_int_eq(v.limit, 4);
    ck_assert_int_eq(v.seconds, 1);
    ck_assert_ptr_nonnull(team_enter(&teams, t, 0, now + 2249999).quota);
    ck_assert_ptr_null(team_enter(&teams, t, 0, now + 2250000).quota);
    ck_assert_ptr_nonnull(team_enter(&teams, t, 0, now + 2250000).quota);
    for (int i = 0; i < 4; i++)
        ck_assert_ptr_null(team_enter(&teams, t, 0, now + 3600000000).quota);
    ck_assert_ptr_nonnull(team_enter(&teams, t, 0, now + 3600000000).quota);
    ck_assert_int_eq(team_look(&teams, t).usage.requests, 13);
    ck_assert_int_eq(team_look(&teams, t).usage.refused, 4);
}
END_TEST

/* What is larger than a second's worth comes in, and is paid for. */
START_TEST(bytes_are_paid_afterwards)
{
    char a[512];
    struct team *t;
    const int64_t now = sc_clock_us() + 1000000;
    struct team_verdict v;

    start(team(a, "a", "k", ", \"bytes_per_second\": 1000"), NULL);
    t = find("k");
    ck_assert_ptr_null(team_enter(&teams, t, 5000, now).quota);
    v = team_enter(&teams, t, 1, now + 3000000);
    ck_assert_str_eq(v.quota, "bytes_per_second");
    ck_assert_int_eq(v.bytes.left, 0);
    ck_assert_int_eq(v.seconds, 2);
    ck_assert_ptr_nonnull(team_enter(&teams, t, 1, now + 4000000).quota);
    ck_assert_ptr_null(team_enter(&teams, t, 1, now + 4001000).quota);
    ck_assert_int_eq(team_look(&teams, t).usage.bytes, 5001);
}
END_TEST

START_TEST(a_request_over_one_quota_takes_nothing_of_the_other)
{
    char a[512];
    struct team *t;
    const int64_t now = sc_clock_us() + 1000000;

    start(team(a, "a", "k", ", \"bytes_per_second\": 10, \"requests_per_second\": 3"), NULL);
    t = find("k");
    ck_assert_ptr_null(team_enter(&teams, t, 20, now).quota);
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(team_enter(&teams, t, 1, now).quota, "bytes_per_second");
    ck_assert_int_eq(team_enter(&teams, t, 1, now).requests.left, 2);
    team_charge(&teams, t, -20);
    ck_assert_ptr_null(team_enter(&teams, t, 1, now).quota);
}
END_TEST

START_TEST(keys_are_changed_without_a_gap)
{
    char a[512], b[512];
    struct team *before;

    start(team(a, "a", "old", ", \"requests_per_second\": 2"), NULL);
    before = find("old");
    write_file(team(a, "a", "new", ", \"weight\": 7, \"rights\": [\"admin\"]"),
               team(b, "b", "other", ""));
    ck_assert_int_eq(teams_reload(&teams, &note), SC_OK);
    ck_assert_ptr_null(find("old"));
    ck_assert_ptr_eq(find("new"), before);
    ck_assert_int_eq(before->tenant.weight, 7);
    ck_assert(team_may(&teams, before, RIGHT_ADMIN));
    ck_assert_int_eq(team_look(&teams, before).quotas.requests_per_second, 0);
    ck_assert_str_eq(find("other")->name, "b");
}
END_TEST

START_TEST(a_bad_file_changes_nothing)
{
    char a[512], b[512];

    start(team(a, "a", "k", ""), NULL);
    write_file(team(a, "a", "new", ""), team(b, "a", "other", ""));
    ck_assert_int_ne(teams_reload(&teams, &note), SC_OK);
    ck_assert_ptr_nonnull(strstr(note.detail, ":2: the team a is there twice"));
    ck_assert_str_eq(find("k")->name, "a");
    ck_assert_ptr_null(find("new"));
    unlink(path);
    ck_assert_int_ne(teams_reload(&teams, &note), SC_OK);
    ck_assert_str_eq(find("k")->name, "a");
}
END_TEST

START_TEST(who_left_comes_back_as_the_same)
{
    char a[512], b[512];
    struct team *t;

    start(team(a, "a", "k", ""), team(b, "b", "l", ""));
    t = find("k");
    team_enter(&teams, t, 0, 0);
    write_file(b, NULL);
    ck_assert_int_eq(teams_reload(&teams, &note), SC_OK);
    ck_assert_ptr_null(find("k"));
    ck_assert_uint_eq(team_look(&teams, t).keys, 0);
    write_file(a, NULL);
    ck_assert_int_eq(teams_reload(&teams, &note), SC_OK);
    ck_assert_ptr_eq(find("k"), t);
    ck_assert_int_eq(team_look(&teams, t).usage.requests, 1);
}
END_TEST

START_TEST(buckets_hold_a_second)
{
    struct bucket b = {0};

    bucket_refill(&b, 10, 1000000);
    ck_assert_int_eq(bucket_left(&b), 10);
    bucket_charge(&b, 4);
    bucket_refill(&b, 10, 1100000);
    ck_assert_int_eq(bucket_left(&b), 7);
    ck_assert_int_eq(bucket_seconds(&b, 10), 1);
    bucket_refill(&b, 10, 1050000); /* a clock never goes back; if it did, nothing is lost */
    ck_assert_int_eq(bucket_left(&b), 7);
    bucket_refill(&b, 10, INT64_MAX / 2);
    ck_assert_int_eq(bucket_left(&b), 10);
    ck_assert_int_eq(bucket_seconds(&b, 10), 0);
    bucket_charge(&b, 35);
    ck_assert(!bucket_has(&b));
    ck_assert_int_eq(bucket_left(&b), 0);
    ck_assert_int_eq(bucket_seconds(&b, 10), 4);
}
END_TEST

Suite *suite_teams(void);

Suite *suite_teams(void)
{
    Suite *suite = suite_create("teams");
    TCase *tcase = tcase_create("teams"), *buckets = tcase_create("buckets");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_a_file_everybody_may_do_everything);
    tcase_add_test(tcase, a_key_leads_to_its_team);
    tcase_add_test(tcase, each_of_many_keys_leads_to_its_team);
    tcase_add_test(tcase, a_second_gives_so_many_requests);
    tcase_add_test(tcase, bytes_are_paid_afterwards);
    tcase_add_test(tcase, a_request_over_one_quota_takes_nothing_of_the_other);
    tcase_add_test(tcase, keys_are_changed_without_a_gap);
    tcase_add_test(tcase, a_bad_file_changes_nothing);
    tcase_add_test(tcase, who_left_comes_back_as_the_same);
    tcase_add_test(buckets, buckets_hold_a_second);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, buckets);
    return suite;
}
