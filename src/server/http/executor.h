/* executor.h - the threads that compute, and the queues before them.
 *
 * Two threads. One owns OpenMP: no other opens a parallel region. It takes large jobs. The
 * other takes small ones and computes each alone, so that none waits for a large one; when it
 * is busy and the first is not, that helps. Each lane is scheduled by itself (schedule.h). */
#pragma once

#include "schedule.h"

enum lane { LANE_SMALL, LANE_LARGE, LANE_COUNT };

/* What becomes of a job. */
enum fate {
    FATE_PARALLEL, /* run it; parallel regions are allowed */
    FATE_SERIAL,   /* run it, on this thread alone */
    FATE_DROPPED   /* it waited past its time, or is dead: say so */
};

struct executor;

/* Called on the executor's threads. `run` may free the job. */
struct executor_calls {
    /* Gives the microseconds of processors that other threads have worked for it. */
    int64_t (*run)(struct job *job, enum fate fate);
    /* Asked once a second of jobs that wait: does nobody want it any more? It may look at the
     * job alone, and only as long as it takes. NULL: never. */
    bool (*dead)(const struct job *job);
};

/* `queue_jobs`: places of one flow in one lane. `nice`: steps by which the thread of large jobs
 * and those of OpenMP are below the others (priority.h). NULL: no memory, or no thread. */
struct executor *executor_start(const struct executor_calls *calls, int64_t queue_jobs,
                                int nice);
/* Keeps a place in the flow's queue; false when it is full or the executor stops. A place must
 * be used: executor_stop waits for its job. */
bool executor_reserve(struct executor *e, enum lane lane, struct flow *flow);
/* Queues a job, whose flow, cost and time are set, in a place that was reserved. From now on
 * `weight` is that of the flow. */
void executor_submit(struct executor *e, enum lane lane, struct job *job, int64_t weight);
/* What the flows of one tenant, one for each lane, have had, and how many of their jobs wait.
 */
struct executor_usage {
    int64_t used_us, waiting;
};
struct executor_usage executor_usage(struct executor *e, const struct flow flow[LANE_COUNT]);
/* Jobs waiting. */
int64_t executor_queued(struct executor *e);
/* When the job came that has waited for the longest; INT64_MAX: none waits. */
int64_t executor_oldest(struct executor *e);
/* Microseconds until the large jobs that wait now have been computed, roughly. Takes no lock.
 */
int64_t executor_wait(const struct executor *e);
/* Reserves no more places, finishes all jobs that have one, then ends the threads. */
void executor_stop(struct executor *e);
/* After executor_stop. */
void executor_free(struct executor *e);
