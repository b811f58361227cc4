/* schedule.h - which job is next, when several share one thread: deficit round robin.
 *
 * A plain data structure: no thread, no lock, no clock of its own. Each flow has a queue, first
 * in first out. Flows take turns; at its turn a flow gets credit by its weight, and runs jobs
 * until that is used up. A job is charged what it is thought to cost, and afterwards what it
 * did cost: over time, flows that always have jobs waiting get the thread in proportion to
 * their weights, whatever the size of their jobs. A flow without jobs gathers no credit, but
 * pays what it owes. When nobody waits any more all is forgotten: time that nobody wanted is
 * nobody's debt. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_QUANTUM 1000 /* credit of a turn, for each unit of weight */

struct job {
    struct flow *flow; /* whose it is */
    int64_t cost;      /* microseconds of the thread, estimated */
    int64_t came;      /* when it was queued first, of the owner's clock */
    int64_t expires;   /* of the owner's clock: no use running it later */
    struct job *next;  /* private */
};

/* Zeroed but for the weight; lives as long as the schedule. */
struct flow {
    int64_t weight; /* at least 1 */
    int64_t places; /* jobs waiting, and places kept for jobs to come */
    int64_t used;   /* microseconds of processors that its jobs have taken */
    int64_t credit; /* private from here; negative: it has had more than its turn */
    struct job *first, *last;
    struct flow *next; /* in the ring of all flows; NULL: not yet in it */
};

/* Zeroed. */
struct schedule {
    struct flow *turn; /* whose turn it is, in a ring; NULL: there are no flows */
    int64_t jobs;      /* waiting */
    int64_t places;    /* of all flows */
    int64_t waiting;   /* cost of the jobs that wait */
    int64_t running;   /* ... of those that were taken, and have not ended */
    double pace;       /* how long jobs take, in estimates; 0: none has ended yet */
};

/* What a job has taken, in microseconds. */
struct spent {
    int64_t cpu;  /* of all threads that worked for it: for this it is charged */
    int64_t wall; /* until the thread was free again */
};

/* Keeps a place in the flow's queue; false: it has `most` already. A place must be used. */
bool schedule_reserve(struct schedule *s, struct flow *flow, int64_t most);
/* Queues a job in a place that was kept. */
void schedule_add(struct schedule *s, struct job *job);
/* The next job, charged to its flow; NULL: none waits. */
struct job *schedule_take(struct schedule *s);
/* A job that was taken has ended: corrects its charge, `cost` by estimate. */
void schedule_finish(struct schedule *s, struct flow *flow, int64_t cost, struct spent spent);
/* Takes out all jobs that are dead, at no charge: a list by `next`, NULL: none. */
struct job *schedule_drop(struct schedule *s,
                          bool (*dead)(const struct job *job, void *context), void *context);
/* When the job came that has waited for the longest; INT64_MAX: none waits. */
int64_t schedule_oldest(const struct schedule *s);
/* Microseconds until those who run or wait now have had their turn, at the pace of those
 * before. Of a job that runs all counts, however long it has run. */
int64_t schedule_wait(const struct schedule *s);
