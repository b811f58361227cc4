/* machine.c - what this process may use of the machine. */
#include "machine.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

int machine_cpus(void)
{
    const double quota = fmax(floor(cgroup_cpus("")), 1);
    cpu_set_t set;
    int count;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    else
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1) count = 1;
    return quota < count ? (int)quota : count;
}

const char *machine_levels(char text[MACHINE_LEVELS_TEXT], const char *kernels,
                           const char *formats)
{
    if (strcmp(kernels, formats) == 0)
        snprintf(text, MACHINE_LEVELS_TEXT, "%.16s", kernels);
    else
        snprintf(text, MACHINE_LEVELS_TEXT, "%.16s (formats: %.16s)", kernels, formats);
    return text;
}

int64_t machine_memory(void)
{
    const double ram = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

    return (int64_t)fmin(ram, cgroup_memory(""));
}
