/* schedule.c - deficit round robin, after Shreedhar and Varghese (1995), with turns that end
 * when the credit is used up rather than before it would be: costs are known only afterwards.
 */
#include "schedule.h"

#include <stddef.h>

/* ---- credit ---- */

static bool may_run(const struct flow *flow)
{
    return flow->first != NULL && flow->credit > 0;
}

/* Who has nothing to run keeps no credit. */
static void forfeit(struct flow *flow)
{
    if (flow->first == NULL && flow->credit > 0) flow->credit = 0;
}

static void refill(struct flow *flow, int64_t rounds)
{
    flow->credit += rounds * SCHEDULE_QUANTUM * flow->weight;
    forfeit(flow);
}

static void next_turn(struct schedule *s)
{
    forfeit(s->turn);
    s->turn = s->turn->next;
    refill(s->turn, 1);
}

/* Rounds until this one may run. */
static int64_t rounds_until(const struct flow *flow)
{
    return flow->credit > 0 ? 0 : -flow->credit / (SCHEDULE_QUANTUM * flow->weight) + 1;
}

/* Rounds in which nobody may run, all at once: after a long job there are many. */
static void skip_rounds(struct schedule *s)
{
    int64_t least = INT64_MAX;
    struct flow *flow = s->turn;

    do {
        const int64_t rounds = flow->first != NULL ? rounds_until(flow) : INT64_MAX;

        if (rounds < least) least = rounds;
        flow = flow->next;
    } while (flow != s->turn);
    if (least <= 1) return;
    do {
        refill(flow, least - 1);
        flow = flow->next;
    } while (flow != s->turn);
}

static void forget(struct schedule *s)
{
    struct flow *flow = s->turn;

    do {
        flow->credit = 0;
        flow = flow->next;
    } while (flow != s->turn);
}

/* ---- queues ---- */

/* A new flow has the next turn; the first of all has it now. */
static void join(struct schedule *s, struct flow *flow)
{
    if (flow->next != NULL) return;
    if (s->turn == NULL) {
        s->turn = flow->next = flow;
        flow->credit = SCHEDULE_QUANTUM * flow->weight;
    }
    flow->next = s->turn->next;
    s->turn->next = flow;
}

/* A job has left its queue. */
static void leave(struct schedule *s, const struct job *job)
{
    job->flow->places--;
    s->places--;
    s->jobs--;
    s->waiting -= job->cost;
}

bool schedule_reserve(struct schedule *s, struct flow *flow, int64_t most)
{
    if (flow->places >= most) return false;
    flow->places++;
    s->places++;
    return true;
}

void schedule_add(struct schedule *s, struct job *job)
{
    struct flow *flow = job->flow;

    join(s, flow);
    job->next = NULL;
    if (flow->first == NULL)
        flow->first = job;
    else
        flow->last->next = job;
    flow->last = job;
    s->jobs++;
    s->waiting += job->cost;
}

struct job *schedule_take(struct schedule *s)
{
    struct job *job;

    if (s->jobs == 0) return NULL;
    skip_rounds(s);
    while (!may_run(s->turn)) next_turn(s);
    job = s->turn->first;
    s->turn->first = job->next;
    s->turn->credit -= job->cost;
    s->running += job->cost;
    leave(s, job);
    return job;
}

void schedule_finish(struct schedule *s, struct flow *flow, int64_t cost, struct spent spent)
{
    const double pace = (double)spent.wall / (double)(cost > 0 ? cost : 1);

    s->running -= cost;
    flow->used += spent.cpu;
    flow->credit -= spent.cpu - cost;
    s->pace = s->pace > 0 ? s->pace + (pace - s->pace) / 8 : pace;
    if (s->jobs == 0) forget(s);
}

/* Moves the dead of one queue to the end of a list, whose new end is returned. */
static struct job **drop(struct schedule *s, struct flow *flow, struct job **end,
                         bool (*dead)(const struct job *job, void *context), void *context)
{
    struct job **link = &flow->first, *last = NULL;

    while (*link != NULL) {
        struct job *job = *link;

        if (!dead(job, context)) {
            last = job;
            link = &job->next;
            continue;
        }
        *link = job->next;
        leave(s, job);
        *end = job;
        end = &job->next;
        job->next = NULL;
    }
    flow->last = last;
    return end;
}

struct job *schedule_drop(struct schedule *s,
                          bool (*dead)(const struct job *job, void *context), void *context)
{
    struct job *list = NULL, **end = &list;
    struct flow *flow = s->turn;

    if (s->jobs == 0) return NULL;
    do {
        end = drop(s, flow, end, dead, context);
        flow = flow->next;
    } while (flow != s->turn);
    return list;
}

int64_t schedule_oldest(const struct schedule *s)
{
    const struct flow *flow = s->turn;
    int64_t oldest = INT64_MAX;

    if (s->jobs == 0) return oldest;
    do {
        if (flow->first != NULL && flow->first->came < oldest) oldest = flow->first->came;
        flow = flow->next;
    } while (flow != s->turn);
    return oldest;
}

int64_t schedule_wait(const struct schedule *s)
{
    return (int64_t)((double)(s->waiting + s->running) * (s->pace > 0 ? s->pace : 1));
}
