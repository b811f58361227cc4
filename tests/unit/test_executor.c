/* test_executor.c - two lanes, in order, bounded, and nothing queued is lost. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "exchange.h"
#include "executor.h"

#define JOBS 1000

struct work {
    struct job job;
    void (*run)(struct work *work, enum fate fate);
    pthread_mutex_t lock; /* of a gate */
    atomic_bool entered, dead;
    atomic_int fate; /* -1: not yet run */
    int order;
    int64_t others; /* what other threads have worked for it */
};

static struct flow flow[LANE_COUNT];
static struct work work[JOBS + 16], gate;
static atomic_int count;
static pthread_t thread[LANE_COUNT];

static void note_down(struct work *w, enum fate fate)
{
    w->order = atomic_fetch_add(&count, 1);
    thread[fate == FATE_SERIAL ? LANE_SMALL : LANE_LARGE] = pthread_self();
    atomic_store(&w->fate, fate);
}

/* Holds its thread until it is opened. */
static void wait_at(struct work *w, enum fate fate)
{
    atomic_store(&w->entered, true);
    pthread_mutex_lock(&w->lock);
    pthread_mutex_unlock(&w->lock);
    atomic_store(&w->fate, fate);
}

static int64_t run(struct job *job, enum fate fate)
{
    struct work *w = (struct work *)job; /* its first member */

    w->run(w, fate);
    return w->others;
}

static bool is_dead(const struct job *job)
{
    return atomic_load(&((const struct work *)job)->dead);
}

static struct executor *start(int64_t queue_jobs)
{
    const struct executor_calls calls = {.run = run, .dead = is_dead};

    return executor_start(&calls, queue_jobs, 0);
}

static bool submit(struct executor *e, enum lane lane, struct work *w)
{
    if (!executor_reserve(e, lane, &flow[lane])) return false;
    w->job =
        (struct job){.flow = &flow[lane], .cost = 100, .expires = sc_clock_us() + 3600000000};
    executor_submit(e, lane, &w->job, 1);
    return true;
}

/* Keeps the thread of large jobs busy. */
static void hold(struct executor *e)
{
    gate.run = wait_at;
    pthread_mutex_init(&gate.lock, NULL);
    pthread_mutex_lock(&gate.lock);
    ck_assert(submit(e, LANE_LARGE, &gate));
    while (!atomic_load(&gate.entered)) usleep(100);
}

static void release(void)
{
    pthread_mutex_unlock(&gate.lock);
}

static void end(struct executor *e)
{
    executor_stop(e);
    executor_free(e);
}

static void setup(void)
{
    memset(flow, 0, sizeof flow);
    memset(work, 0, sizeof work);
    memset(&gate, 0, sizeof gate);
    atomic_store(&count, 0);
    for (size_t i = 0; i < sizeof work / sizeof *work; i++) {
        work[i].run = note_down;
        atomic_store(&work[i].fate, -1);
    }
}

START_TEST(large_jobs_run_in_order_on_one_thread_that_is_parallel)
{
    struct executor *e = start(JOBS);

    for (int i = 0; i < JOBS; i++) ck_assert(submit(e, LANE_LARGE, &work[i]));
    end(e);
    ck_assert_int_eq(atomic_load(&count), JOBS);
    for (int i = 0; i < JOBS; i++) {
        ck_assert_int_eq(work[i].order, i);
        ck_assert_int_eq(work[i].fate, FATE_PARALLEL);
    }
    ck_assert(!pthread_equal(thread[LANE_LARGE], pthread_self()));
}
END_TEST

START_TEST(small_jobs_do_not_wait_for_a_large_one)
{
    struct executor *e = start(JOBS);

    hold(e);
    for (int i = 0; i < 10; i++) ck_assert(submit(e, LANE_SMALL, &work[i]));
    while (atomic_load(&count) < 10) usleep(100);
    for (int i = 0; i < 10; i++) ck_assert_int_eq(work[i].fate, FATE_SERIAL);
    ck_assert_int_eq(gate.fate, 0);
    release();
    end(e);
}
END_TEST

/* One that is idle takes a small job; the other takes those that come meanwhile. */
START_TEST(no_small_job_is_left_behind)
{
    struct executor *e = start(JOBS);

    for (int i = 0; i < JOBS; i++) {
        ck_assert(submit(e, i % 3 == 2 ? LANE_LARGE : LANE_SMALL, &work[i]));
        if (i % 7 == 0) usleep(50);
        if (i % 50 == 0)
            for (int ms = 0; atomic_load(&count) <= i; ms++) {
                ck_assert_msg(ms < 500, "job %d is left behind", i);
                usleep(1000);
            }
    }
    end(e);
    ck_assert_int_eq(atomic_load(&count), JOBS);
}
END_TEST

START_TEST(a_full_queue_refuses_and_recovers)
{
    struct executor *e = start(3);

    hold(e);
    for (int i = 0; i < 3; i++) ck_assert(submit(e, LANE_LARGE, &work[i]));
    ck_assert(!submit(e, LANE_LARGE, &work[3]));
    ck_assert_int_eq(executor_queued(e), 3);
    ck_assert_int_eq(executor_wait(e), 400); /* the one that runs is one of them */
    release();
    while (executor_queued(e) > 0) usleep(100);
    ck_assert(submit(e, LANE_LARGE, &work[4]));
    end(e);
    ck_assert_int_eq(atomic_load(&count), 4);
    ck_assert_int_eq(work[4].order, 3);
}
END_TEST

START_TEST(late_and_unwanted_jobs_are_dropped_while_they_wait)
{
    struct executor *e = start(3);

    hold(e);
    for (int i = 0; i < 3; i++) ck_assert(submit(e, LANE_LARGE, &work[i]));
    atomic_store(&work[1].dead, true);
    for (int ms = 0; atomic_load(&work[1].fate) < 0 && ms < 5000; ms++) usleep(1000);
    ck_assert_int_eq(work[1].fate, FATE_DROPPED);
    ck_assert_int_eq(work[0].fate, -1);
    ck_assert(executor_reserve(e, LANE_LARGE, &flow[LANE_LARGE]));
    work[3].job = (struct job){.flow = &flow[LANE_LARGE], .expires = sc_clock_us()};
    executor_submit(e, LANE_LARGE, &work[3].job, 1);
    usleep(1000);
    release();
    end(e);
    ck_assert_int_eq(work[0].fate, FATE_PARALLEL);
    ck_assert_int_eq(work[2].fate, FATE_PARALLEL);
    ck_assert_int_eq(work[3].fate, FATE_DROPPED);
}
END_TEST

static void *stop(void *executor)
{
    executor_stop(executor);
    return NULL;
}

START_TEST(stopping_finishes_what_is_queued_and_takes_no_more)
{
    struct executor *e = start(JOBS);
    pthread_t stopper;
    int taken = 10;

    hold(e);
    for (int i = 0; i < taken; i++) ck_assert(submit(e, LANE_LARGE, &work[i]));
    pthread_create(&stopper, NULL, stop, e);
    /* Until the stopper has begun, jobs are taken, and then they must run too. */
    while (submit(e, LANE_LARGE, &work[taken])) taken++, usleep(1000);
    ck_assert(!submit(e, LANE_SMALL, &work[taken]));
    release();
    pthread_join(stopper, NULL);
    ck_assert_int_eq(atomic_load(&count), taken);
    ck_assert(!submit(e, LANE_LARGE, &work[taken]));
    executor_free(e);
}
END_TEST

START_TEST(stopping_waits_for_reserved_places)
{
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        struct executor *e = start(1);
        pthread_t stopper;

        ck_assert(executor_reserve(e, lane, &flow[lane]));
        ck_assert(!executor_reserve(e, lane, &flow[lane]));
        pthread_create(&stopper, NULL, stop, e);
        usleep(20000);
        work[lane].job = (struct job){.flow = &flow[lane], .expires = INT64_MAX};
        executor_submit(e, lane, &work[lane].job, 1);
        pthread_join(stopper, NULL);
        ck_assert_int_eq(atomic_load(&count), lane + 1);
        executor_free(e);
    }
}
END_TEST

START_TEST(the_time_of_all_threads_is_charged)
{
    struct executor *e = start(JOBS);

    work[0].others = 5000000;
    ck_assert(submit(e, LANE_LARGE, &work[0]));
    executor_stop(e);
    ck_assert_int_ge(executor_usage(e, flow).used_us, 5000000);
    ck_assert_int_lt(executor_usage(e, flow).used_us, 6000000);
    executor_free(e);
}
END_TEST

START_TEST(an_idle_executor_stops)
{
    end(start(1));
}
END_TEST

START_TEST(a_refused_request_may_come_back_when_the_others_are_done)
{
    ck_assert_int_eq(queue_retry_after(0, 0), 1);
    ck_assert_int_eq(queue_retry_after(0, 1), 2);
    ck_assert_int_eq(queue_retry_after(0, 2), 1);
    ck_assert_int_eq(queue_retry_after(10500000, 0), 11);
    ck_assert_int_eq(queue_retry_after(10500000, 6), 17);
    ck_assert_int_eq(queue_retry_after(10500000, 7), 11);
    ck_assert_int_eq(queue_retry_after(INT64_MAX, UINT32_MAX), 60);
}
END_TEST

Suite *suite_executor(void);

Suite *suite_executor(void)
{
    Suite *suite = suite_create("executor");
    TCase *tcase = tcase_create("executor");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, large_jobs_run_in_order_on_one_thread_that_is_parallel);
    tcase_add_test(tcase, small_jobs_do_not_wait_for_a_large_one);
    tcase_add_test(tcase, no_small_job_is_left_behind);
    tcase_add_test(tcase, a_full_queue_refuses_and_recovers);
    tcase_add_test(tcase, late_and_unwanted_jobs_are_dropped_while_they_wait);
    tcase_add_test(tcase, stopping_finishes_what_is_queued_and_takes_no_more);
    tcase_add_test(tcase, stopping_waits_for_reserved_places);
    tcase_add_test(tcase, the_time_of_all_threads_is_charged);
    tcase_add_test(tcase, an_idle_executor_stops);
    tcase_add_test(tcase, a_refused_request_may_come_back_when_the_others_are_done);
    suite_add_tcase(suite, tcase);
    return suite;
}
