/* test_schedule.c - whose job is next, exactly: no threads, no clock. */
#include <check.h>
#include <string.h>

#include "schedule.h"

#define FLOWS 4
#define JOBS  4096

static struct schedule s;
static struct flow flow[FLOWS];
static struct job job[JOBS];
static int used;

static void setup(void)
{
    memset(&s, 0, sizeof s);
    memset(flow, 0, sizeof flow);
    for (int i = 0; i < FLOWS; i++) flow[i].weight = 1;
    used = 0;
}

static struct job *add(int to, int64_t cost)
{
    struct job *j = &job[used++];

    *j = (struct job){.flow = &flow[to], .cost = cost};
    ck_assert(schedule_reserve(&s, &flow[to], JOBS));
    schedule_add(&s, j);
    return j;
}

/* Takes a job that costs what was thought; which flow's? */
static int run(void)
{
    struct job *j = schedule_take(&s);
    const int of = (int)(j->flow - flow);

    schedule_finish(&s, j->flow, j->cost, (struct spent){j->cost, j->cost});
    return of;
}

/* The next jobs are of these flows: "0012". */
static void order(const char *flows)
{
    for (const char *f = flows; *f != '\0'; f++)
        ck_assert_msg(run() == *f - '0', "at %d of %s", (int)(f - flows), flows);
}

START_TEST(one_flow_is_first_in_first_out)
{
    struct job *a = add(0, 5), *b = add(0, 1000000), *c = add(0, 1);

    ck_assert_ptr_eq(schedule_take(&s), a);
    ck_assert_ptr_eq(schedule_take(&s), b);
    ck_assert_ptr_eq(schedule_take(&s), c);
    ck_assert_ptr_null(schedule_take(&s));
}
END_TEST

START_TEST(equal_flows_alternate)
{
    for (int i = 0; i < 4; i++) add(0, SCHEDULE_QUANTUM), add(1, SCHEDULE_QUANTUM);
    order("01010101");
}
END_TEST

START_TEST(a_flow_of_small_jobs_gets_as_much_time_as_one_of_large_ones)
{
    for (int i = 0; i < 3; i++) add(0, 4 * SCHEDULE_QUANTUM);
    for (int i = 0; i < 12; i++) add(1, SCHEDULE_QUANTUM);
    order("0111101111"
          "01111");
}
END_TEST

START_TEST(weights_are_turns)
{
    flow[0].weight = 3;
    for (int i = 0; i < 9; i++) add(0, SCHEDULE_QUANTUM);
    for (int i = 0; i < 3; i++) add(1, SCHEDULE_QUANTUM);
    order("000100010001");
}
END_TEST

/* Whatever the costs, what a flow has had differs from its share by one turn and one job. */
START_TEST(shares_follow_weights)
{
    static const int64_t weight[] = {5, 3, 1};
    int64_t had[3] = {0}, largest = 0;
    unsigned random = 1;

    for (int i = 0; i < 3; i++) flow[i].weight = weight[i];
    for (int i = 0; i < 1200; i++)
        for (int f = 0; f < 3; f++) {
            random = random * 1664525 + 1013904223;
            add(f, 1 + random % 40000);
            if (job[used - 1].cost > largest) largest = job[used - 1].cost;
        }
    for (int i = 0; i < 1000; i++) {
        struct job *j = schedule_take(&s);

        had[j->flow - flow] += j->cost;
        schedule_finish(&s, j->flow, j->cost, (struct spent){j->cost, j->cost});
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                ck_assert_int_le(had[a] / weight[a] - had[b] / weight[b],
                                 2 * SCHEDULE_QUANTUM + largest / weight[a] +
                                     largest / weight[b]);
    }
    ck_assert_int_gt(had[2], 100000);
}
END_TEST

/* It says that its jobs cost a tenth of what they do: that gains it nothing. */
START_TEST(estimates_are_corrected)
{
    int64_t had[2] = {0};

    for (int i = 0; i < 1000; i++) add(0, 100), add(1, 1000);
    for (int i = 0; i < 1000; i++) {
        struct job *j = schedule_take(&s);

        had[j->flow - flow] += 1000;
        schedule_finish(&s, j->flow, j->cost, (struct spent){.cpu = 1000});
    }
    ck_assert_int_le(had[0] - had[1], 2000);
    ck_assert_int_le(had[1] - had[0], 2000);
}
END_TEST

START_TEST(who_was_away_gathers_nothing)
{
    for (int i = 0; i < 100; i++) add(0, SCHEDULE_QUANTUM);
    add(1, SCHEDULE_QUANTUM);
    order("01");
    for (int i = 0; i < 40; i++) ck_assert_int_eq(run(), 0);
    for (int i = 0; i < 5; i++) add(1, SCHEDULE_QUANTUM);
    order("1010101010");
}
END_TEST

START_TEST(who_comes_anew_is_next)
{
    for (int i = 0; i < 10; i++) add(0, SCHEDULE_QUANTUM), add(1, SCHEDULE_QUANTUM);
    order("01");
    add(2, SCHEDULE_QUANTUM);
    order("2");
}
END_TEST

START_TEST(debts_are_paid_while_away)
{
    add(0, 10 * SCHEDULE_QUANTUM);
    for (int i = 0; i < 40; i++) add(1, SCHEDULE_QUANTUM);
    order("0111111111");
    add(0, SCHEDULE_QUANTUM);
    order("10");
}
END_TEST

START_TEST(time_that_nobody_wanted_is_no_debt)
{
    add(0, 1000 * SCHEDULE_QUANTUM);
    order("0");
    for (int i = 0; i < 3; i++) add(1, SCHEDULE_QUANTUM), add(0, SCHEDULE_QUANTUM);
    order("101010");
}
END_TEST

START_TEST(a_very_long_job_takes_no_long_search)
{
    add(0, INT64_C(1) << 50);
    add(0, 1);
    add(1, INT64_C(1) << 50);
    add(1, 1);
    order("0101");
}
END_TEST

START_TEST(places_are_bounded_for_each_flow)
{
    struct job j = {.flow = &flow[0]};

    ck_assert(schedule_reserve(&s, &flow[0], 2));
    ck_assert(schedule_reserve(&s, &flow[0], 2));
    ck_assert(!schedule_reserve(&s, &flow[0], 2));
    ck_assert(schedule_reserve(&s, &flow[1], 2));
    schedule_add(&s, &j);
    ck_assert(!schedule_reserve(&s, &flow[0], 2));
    ck_assert_ptr_eq(schedule_take(&s), &j);
    ck_assert(schedule_reserve(&s, &flow[0], 2));
    ck_assert_int_eq(s.places, 3);
}
END_TEST

static bool is_past(const struct job *j, void *now)
{
    return j->expires < *(const int64_t *)now;
}

START_TEST(the_dead_are_taken_out)
{
    int64_t now = 10;
    struct job *a[6], *dead;

    for (int i = 0; i < 6; i++) {
        a[i] = add(i / 3, 100);
        a[i]->expires = i % 3 == 1 ? 20 : 5; /* the middle one of each queue stays */
    }
    dead = schedule_drop(&s, is_past, &now);
    ck_assert_ptr_eq(dead, a[0]);
    ck_assert_ptr_eq(dead->next, a[2]);
    ck_assert_ptr_eq(dead->next->next, a[3]);
    ck_assert_ptr_eq(dead->next->next->next, a[5]);
    ck_assert_ptr_null(a[5]->next);
    ck_assert_int_eq(s.jobs, 2);
    ck_assert_int_eq(s.places, 2);
    ck_assert_int_eq(schedule_wait(&s), 200);
    add(0, 100);
    order("001");
    ck_assert_ptr_null(schedule_drop(&s, is_past, &now));
}
END_TEST

START_TEST(the_wait_is_at_the_pace_of_those_before)
{
    struct job *j;

    for (int i = 0; i < 11; i++) add(0, 1000);
    ck_assert_int_eq(schedule_wait(&s), 11000);
    j = schedule_take(&s);
    ck_assert_int_eq(schedule_wait(&s), 11000); /* one of them runs */
    schedule_finish(&s, j->flow, j->cost, (struct spent){.wall = 4000});
    ck_assert_int_eq(schedule_wait(&s), 40000);
    j = schedule_take(&s);
    schedule_finish(&s, j->flow, j->cost, (struct spent){.wall = 4000});
    ck_assert_int_eq(schedule_wait(&s), 36000);
}
END_TEST

Suite *suite_schedule(void);

Suite *suite_schedule(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tcase = tcase_create("schedule");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, one_flow_is_first_in_first_out);
    tcase_add_test(tcase, equal_flows_alternate);
    tcase_add_test(tcase, a_flow_of_small_jobs_gets_as_much_time_as_one_of_large_ones);
    tcase_add_test(tcase, weights_are_turns);
    tcase_add_test(tcase, shares_follow_weights);
    tcase_add_test(tcase, estimates_are_corrected);
    tcase_add_test(tcase, who_was_away_gathers_nothing);
    tcase_add_test(tcase, who_comes_anew_is_next);
    tcase_add_test(tcase, debts_are_paid_while_away);
    tcase_add_test(tcase, time_that_nobody_wanted_is_no_debt);
    tcase_add_test(tcase, a_very_long_job_takes_no_long_search);
    tcase_add_test(tcase, places_are_bounded_for_each_flow);
    tcase_add_test(tcase, the_dead_are_taken_out);
    tcase_add_test(tcase, the_wait_is_at_the_pace_of_those_before);
    suite_add_tcase(suite, tcase);
    return suite;
}
