/* executor.c - two threads, one lock, a schedule for each lane. */
#include "executor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "priority.h"

#define LOOK_SECONDS 1 /* how often those who wait are looked at */

struct executor {
    pthread_t thread[LANE_COUNT];
    pthread_mutex_t lock;
    pthread_cond_t came[LANE_COUNT]; /* a job for this thread came, or stopping began */
    struct schedule lane[LANE_COUNT];
    struct executor_calls calls;
    int64_t queue_jobs;
    int nice;              /* of the thread of large jobs */
    bool idle[LANE_COUNT]; /* the thread waits */
    _Atomic int64_t wait;  /* of the large lane, as it was at the last change */
    bool stopping;
};

/* A thread, and the job that it has. */
struct worker {
    struct executor *e;
    enum lane own;
    struct schedule *from;
    struct flow *flow;
    int64_t cost;
    int64_t looked; /* when it last looked at those who wait */
};

static bool is_done(const struct executor *e)
{
    return e->stopping && e->lane[LANE_SMALL].places + e->lane[LANE_LARGE].places == 0;
}

static bool is_due(const struct job *job, void *executor)
{
    const struct executor *e = executor;

    return job->expires < sc_clock_us() || (e->calls.dead != NULL && e->calls.dead(job));
}

/* ---- with the lock ---- */

static struct job *take_from(struct worker *w, enum lane lane)
{
    struct job *job = schedule_take(&w->e->lane[lane]);

    if (job == NULL) return NULL;
    w->from = &w->e->lane[lane];
    w->flow = job->flow;
    w->cost = job->cost;
    return job;
}

/* The thread of large jobs helps with small ones, never the other way round. */
static struct job *take(struct worker *w)
{
    struct job *job = take_from(w, w->own);

    if (job == NULL && w->own == LANE_LARGE) job = take_from(w, LANE_SMALL);
    /* It may have been woken for a small job, and have taken another. */
    if (w->e->lane[LANE_SMALL].jobs > 0) pthread_cond_signal(&w->e->came[LANE_SMALL]);
    return job;
}

static void wait(struct worker *w)
{
    struct executor *e = w->e;
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LOOK_SECONDS;
    e->idle[w->own] = true;
    pthread_cond_timedwait(&e->came[w->own], &e->lock, &until);
    e->idle[w->own] = false;
}

/* The thread of small jobs is never busy for long, so it looks after both queues. */
static struct job *look(struct executor *e)
{
    struct job *small = schedule_drop(&e->lane[LANE_SMALL], is_due, e);
    struct job *large = schedule_drop(&e->lane[LANE_LARGE], is_due, e), **end = &small;

    while (*end != NULL) end = &(*end)->next;
    *end = large;
    return small;
}

static void note_wait(struct executor *e)
{
    atomic_store(&e->wait, schedule_wait(&e->lane[LANE_LARGE]));
}

static void wake(struct executor *e)
{
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) pthread_cond_signal(&e->came[lane]);
}

/* ---- the threads ---- */

static void drop_all(struct executor *e, struct job *list)
{
    while (list != NULL) {
        struct job *job = list;

        list = job->next;
        e->calls.run(job, FATE_DROPPED);
    }
}

static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return sc_clock_of(&now);
}

static struct spent run(const struct worker *w, struct job *job)
{
    const int64_t own = cpu_us(), began = sc_clock_us();
    const enum fate fate = w->from == &w->e->lane[LANE_LARGE] ? FATE_PARALLEL : FATE_SERIAL;
    const int64_t others = w->e->calls.run(job, job->expires < began ? FATE_DROPPED : fate);

    return (struct spent){.cpu = cpu_us() - own + others, .wall = sc_clock_us() - began};
}

/* Called, and left, with the lock. */
static void look_at_times(struct worker *w)
{
    struct executor *e = w->e;
    struct job *due;

    if (w->own != LANE_SMALL || sc_clock_us() - w->looked < LOOK_SECONDS * 1000000) return;
    w->looked = sc_clock_us();
    due = look(e);
    note_wait(e);
    pthread_mutex_unlock(&e->lock);
    drop_all(e, due);
    pthread_mutex_lock(&e->lock);
}

/* Called, and left, with the lock. */
static void run_one(struct worker *w)
{
    struct executor *e = w->e;
    struct job *job = take(w);
    struct spent spent;

    if (job == NULL) {
        wait(w);
        return;
    }
    pthread_mutex_unlock(&e->lock);
    spent = run(w, job);
    pthread_mutex_lock(&e->lock);
    schedule_finish(w->from, w->flow, w->cost, spent);
    note_wait(e);
}

static void work(struct executor *e, enum lane own)
{
    struct worker w = {.e = e, .own = own, .looked = sc_clock_us()};

    pthread_mutex_lock(&e->lock);
    while (!is_done(e)) {
        look_at_times(&w);
        run_one(&w);
    }
    wake(e);
    pthread_mutex_unlock(&e->lock);
}

static void *work_small(void *executor)
{
    work(executor, LANE_SMALL);
    return NULL;
}

/* Before its first parallel region, whose threads have the priority of the one that starts
 * them.
 */
static void *work_large(void *executor)
{
    const struct executor *e = executor;

    priority_lower(e->nice);
    work(executor, LANE_LARGE);
    return NULL;
}

/* ---- for the others ---- */

static void init(struct executor *e)
{
    pthread_condattr_t clock;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++)
        pthread_cond_init(&e->came[lane], &clock);
    pthread_condattr_destroy(&clock);
}

static void stop(struct executor *e)
{
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    wake(e);
    pthread_mutex_unlock(&e->lock);
}

struct executor *executor_start(const struct executor_calls *calls, int64_t queue_jobs,
                                int nice)
{
    struct executor *e = calloc(1, sizeof *e);

    if (e == NULL) return NULL;
    e->calls = *calls;
    e->queue_jobs = queue_jobs;
    e->nice = nice;
    init(e);
    if (pthread_create(&e->thread[LANE_SMALL], NULL, work_small, e) == 0) {
        if (pthread_create(&e->thread[LANE_LARGE], NULL, work_large, e) == 0) return e;
        stop(e);
        pthread_join(e->thread[LANE_SMALL], NULL);
    }
    executor_free(e);
    return NULL;
}

bool executor_reserve(struct executor *e, enum lane lane, struct flow *flow)
{
    bool reserved;

    pthread_mutex_lock(&e->lock);
    reserved = !e->stopping && schedule_reserve(&e->lane[lane], flow, e->queue_jobs);
    pthread_mutex_unlock(&e->lock);
    return reserved;
}

void executor_submit(struct executor *e, enum lane lane, struct job *job, int64_t weight)
{
    enum lane to = lane;

    pthread_mutex_lock(&e->lock);
    job->flow->weight = weight;
    schedule_add(&e->lane[lane], job);
    note_wait(e);
    if (lane == LANE_SMALL && !e->idle[LANE_SMALL] && e->idle[LANE_LARGE]) to = LANE_LARGE;
    e->idle[to] = false;
    pthread_cond_signal(&e->came[to]);
    pthread_mutex_unlock(&e->lock);
}

struct executor_usage executor_usage(struct executor *e, const struct flow flow[LANE_COUNT])
{
    struct executor_usage usage = {0};

    pthread_mutex_lock(&e->lock);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        usage.used_us += flow[lane].used;
        usage.waiting += flow[lane].places;
    }
    pthread_mutex_unlock(&e->lock);
    return usage;
}

int64_t executor_queued(struct executor *e)
{
    int64_t jobs = 0;

    pthread_mutex_lock(&e->lock);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) jobs += e->lane[lane].jobs;
    pthread_mutex_unlock(&e->lock);
    return jobs;
}

int64_t executor_oldest(struct executor *e)
{
    int64_t oldest = INT64_MAX;

    pthread_mutex_lock(&e->lock);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        const int64_t came = schedule_oldest(&e->lane[lane]);

        if (came < oldest) oldest = came;
    }
    pthread_mutex_unlock(&e->lock);
    return oldest;
}

int64_t executor_wait(const struct executor *e)
{
    return atomic_load(&e->wait);
}

void executor_stop(struct executor *e)
{
    stop(e);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) pthread_join(e->thread[lane], NULL);
}

void executor_free(struct executor *e)
{
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) pthread_cond_destroy(&e->came[lane]);
    pthread_mutex_destroy(&e->lock);
    free(e);
}
