/* cgroup.h - what the container allows this process: cgroup v1 and v2. */
#pragma once

/* CPUs by quota (1.5: one and a half) and bytes of memory: the least of the process's own group
 * and all above it; infinite where nothing is limited. `root` is "" but in tests: it goes
 * before /proc and /sys. */
double cgroup_cpus(const char *root);
double cgroup_memory(const char *root);

/* Seconds for which it was held back by a quota of CPUs, so far: the most of the same groups.
 */
double cgroup_throttled(const char *root);
