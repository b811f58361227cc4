/* executor.c - one thread, one bounded queue. */
#include "http.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
    void (*run)(void *job);
    void *argument;
};

struct executor {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a job came, or stopping began */
    struct job *ring;
    size_t capacity, first, count; /* of the ring */
    size_t reserved;               /* places for jobs to come */
    bool stopping;
};

/* Waits for a job; false when there is none left and none will come. */
static bool take(struct executor *e, struct job *out)
{
    bool taken;

    pthread_mutex_lock(&e->lock);
    while (e->count == 0 && (!e->stopping || e->reserved > 0))
        pthread_cond_wait(&e->changed, &e->lock);
    taken = e->count > 0;
    if (taken) {
        *out = e->ring[e->first];
        e->first = (e->first + 1) % e->capacity;
        e->count--;
    }
    pthread_mutex_unlock(&e->lock);
    return taken;
}

static void *work(void *argument)
{
    struct job job;

    while (take(argument, &job)) job.run(job.argument);
    return NULL;
}

struct executor *executor_start(int64_t queue_jobs)
{
    struct executor *e = calloc(1, sizeof *e);

    if (e == NULL) return NULL;
    e->capacity = (size_t)queue_jobs;
    e->ring = calloc(e->capacity, sizeof *e->ring);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    if (e->ring != NULL && pthread_create(&e->thread, NULL, work, e) == 0) return e;
    executor_free(e);
    return NULL;
}

bool executor_reserve(struct executor *e)
{
    bool reserved;

    pthread_mutex_lock(&e->lock);
    reserved = e->count + e->reserved < e->capacity && !e->stopping;
    e->reserved += reserved;
    pthread_mutex_unlock(&e->lock);
    return reserved;
}

void executor_submit(struct executor *e, void (*run)(void *job), void *job)
{
    pthread_mutex_lock(&e->lock);
    e->ring[(e->first + e->count) % e->capacity] = (struct job){run, job};
    e->count++;
    e->reserved--;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

int64_t executor_queued(struct executor *e)
{
    int64_t count;

    pthread_mutex_lock(&e->lock);
    count = (int64_t)e->count;
    pthread_mutex_unlock(&e->lock);
    return count;
}

void executor_stop(struct executor *e)
{
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
}

void executor_free(struct executor *e)
{
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e->ring);
    free(e);
}
