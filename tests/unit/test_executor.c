/* test_executor.c - one thread, in order, bounded, and nothing queued is lost. */
#include <check.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "http.h"

#define JOBS 1000

/* What the jobs of one executor write down. */
static struct {
    int order[JOBS];
    atomic_int count;
    pthread_t thread;
    bool one_thread;
} log_;

static int number[JOBS];

static void note_down(void *job)
{
    const int at = atomic_fetch_add(&log_.count, 1);

    if (at == 0) log_.thread = pthread_self();
    log_.one_thread = (at == 0 || log_.one_thread) &&
                      pthread_equal(log_.thread, pthread_self());
    log_.order[at] = *(int *)job;
}

/* Holds the executor until it is opened. */
struct gate {
    pthread_mutex_t lock;
    atomic_bool entered;
};

static void wait_at(void *job)
{
    struct gate *gate = job;

    atomic_store(&gate->entered, true);
    pthread_mutex_lock(&gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static bool submit(struct executor *e, void (*run)(void *job), void *job)
{
    if (!executor_reserve(e)) return false;
    executor_submit(e, run, job);
    return true;
}

static void hold(struct executor *e, struct gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_mutex_lock(&gate->lock);
    ck_assert(submit(e, wait_at, gate));
    while (!atomic_load(&gate->entered)) usleep(100);
}

static void setup(void)
{
    memset(&log_, 0, sizeof log_);
    for (int i = 0; i < JOBS; i++) number[i] = i;
}

START_TEST(jobs_run_in_order_on_one_thread)
{
    struct executor *e = executor_start(JOBS);

    for (int i = 0; i < JOBS; i++) ck_assert(submit(e, note_down, &number[i]));
    executor_stop(e);
    executor_free(e);
    ck_assert_int_eq(atomic_load(&log_.count), JOBS);
    for (int i = 0; i < JOBS; i++) ck_assert_int_eq(log_.order[i], i);
    ck_assert(log_.one_thread);
    ck_assert(!pthread_equal(log_.thread, pthread_self()));
}
END_TEST

START_TEST(a_full_queue_refuses_and_recovers)
{
    struct executor *e = executor_start(3);
    struct gate gate = {0};

    hold(e, &gate);
    for (int i = 0; i < 3; i++) ck_assert(submit(e, note_down, &number[i]));
    ck_assert(!submit(e, note_down, &number[3]));
    ck_assert_int_eq(executor_queued(e), 3);
    pthread_mutex_unlock(&gate.lock);
    while (executor_queued(e) > 0) usleep(100);
    ck_assert(submit(e, note_down, &number[4]));
    executor_stop(e);
    executor_free(e);
    ck_assert_int_eq(atomic_load(&log_.count), 4);
    ck_assert_int_eq(log_.order[3], 4);
}
END_TEST

static void *stop(void *executor)
{
    executor_stop(executor);
    return NULL;
}

START_TEST(stopping_finishes_what_is_queued_and_takes_no_more)
{
    struct executor *e = executor_start(JOBS);
    struct gate gate = {0};
    pthread_t stopper;
    int taken = 10;

    hold(e, &gate);
    for (int i = 0; i < taken; i++) ck_assert(submit(e, note_down, &number[i]));
    pthread_create(&stopper, NULL, stop, e);
    /* Until the stopper has begun, jobs are taken, and then they must run too. */
    while (submit(e, note_down, &number[taken])) taken++, usleep(1000);
    pthread_mutex_unlock(&gate.lock);
    pthread_join(stopper, NULL);
    ck_assert_int_eq(atomic_load(&log_.count), taken);
    ck_assert(!submit(e, note_down, &number[0]));
    executor_free(e);
}
END_TEST

START_TEST(stopping_waits_for_reserved_places)
{
    struct executor *e = executor_start(1);
    pthread_t stopper;

    ck_assert(executor_reserve(e));
    ck_assert(!executor_reserve(e));
    pthread_create(&stopper, NULL, stop, e);
    usleep(20000);
    executor_submit(e, note_down, &number[0]);
    pthread_join(stopper, NULL);
    ck_assert_int_eq(atomic_load(&log_.count), 1);
    executor_free(e);
}
END_TEST

START_TEST(an_idle_executor_stops)
{
    struct executor *e = executor_start(1);

    executor_stop(e);
    executor_free(e);
}
END_TEST

Suite *suite_executor(void);

Suite *suite_executor(void)
{
    Suite *suite = suite_create("executor");
    TCase *tcase = tcase_create("executor");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, jobs_run_in_order_on_one_thread);
    tcase_add_test(tcase, a_full_queue_refuses_and_recovers);
    tcase_add_test(tcase, stopping_finishes_what_is_queued_and_takes_no_more);
    tcase_add_test(tcase, stopping_waits_for_reserved_places);
    tcase_add_test(tcase, an_idle_executor_stops);
    suite_add_tcase(suite, tcase);
    return suite;
}
