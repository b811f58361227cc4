/* priority.c - of one thread at a time: in Linux each has a nice value of its own. */
#include "priority.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE_MOST 19
#define TURN_NS   100000 /* the least that the kernel knows */

/* As sched_setattr(2) takes it; <linux/sched/types.h> cannot be included beside <sched.h>. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* of SCHED_OTHER the first alone: its turn, 0: usual */
};

/* Of this thread: its number, unlike 0, is never that of the process. */
static bool set(int nice, uint64_t turn)
{
    const struct attributes attributes = {
        .size = sizeof attributes, .policy = SCHED_NORMAL, .nice = nice, .runtime = turn};

    return syscall(SYS_sched_setattr, 0, &attributes, 0U) == 0;
}

/* The value -1 is one too. */
static bool get(int *nice)
{
    errno = 0;
    *nice = getpriority(PRIO_PROCESS, 0);
    return errno == 0;
}

/* One under another policy, as real time, is left alone. */
static bool is_usual(void)
{
    return syscall(SYS_sched_getscheduler, 0) == SCHED_NORMAL;
}

bool priority_prompt(void)
{
    int nice;

    return is_usual() && get(&nice) && set(nice, TURN_NS);
}

bool priority_lower(int steps)
{
    int nice;

    if (!is_usual() || !get(&nice)) return false;
    nice = nice + steps < NICE_MOST ? nice + steps : NICE_MOST;
    return set(nice, 0);
}
