/* cgroup.c - reading limits of cgroup v1 and v2. */
#include "cgroup.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 1024

typedef double read_fn(const char *folder);

static bool read_line(const char *folder, const char *name, char *line, size_t size)
{
    char path[PATH_SIZE + 64];
    FILE *file;
    bool ok;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "re");
    if (file == NULL) return false;
    ok = fgets(line, (int)size, file) != NULL;
    fclose(file);
    return ok;
}

/* A number of a file; infinite when it is not there, not a number ("max") or negative. */
static double read_number(const char *folder, const char *name)
{
    char line[64], *end;
    double value;

    if (!read_line(folder, name, line, sizeof line)) return INFINITY;
    value = strtod(line, &end);
    return end == line || value < 0 ? INFINITY : value;
}

static double v2_cpus(const char *folder)
{
    char line[64];
    double quota, period;

    if (!read_line(folder, "cpu.max", line, sizeof line)) return INFINITY;
    return sscanf(line, "%lf %lf", &quota, &period) == 2 && period > 0 ? quota / period
                                                                       : INFINITY;
}

static double v1_cpus(const char *folder)
{
    const double period = read_number(folder, "cpu.cfs_period_us");

    return period > 0 ? read_number(folder, "cpu.cfs_quota_us") / period : INFINITY;
}

static double v2_memory(const char *folder)
{
    return read_number(folder, "memory.max");
}

static double v1_memory(const char *folder)
{
    return read_number(folder, "memory.limit_in_bytes");
}

/* A line "key number" of cpu.stat; 0 when it is not there. */
static double read_stat(const char *folder, const char *key)
{
    const size_t size = strlen(key);
    char path[PATH_SIZE + 64], line[128];
    double value = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/cpu.stat", folder);
    file = fopen(path, "re");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, size) == 0 && line[size] == ' ')
            value = strtod(line + size, NULL);
    fclose(file);
    return value;
}

static double v2_throttled(const char *folder)
{
    return read_stat(folder, "throttled_usec") / 1e6;
}

static double v1_throttled(const char *folder)
{
    return read_stat(folder, "throttled_time") / 1e9;
}

/* Is `word` one of the words of "cpu,cpuacct"? The list of version 2 is empty. */
static bool lists(const char *list, const char *word)
{
    const size_t size = strlen(word);

    for (;; list++) {
        const size_t length = strcspn(list, ",:");

        if (length == size && memcmp(list, word, size) == 0) return true;
        list += length;
        if (*list != ',') return false;
    }
}

/* Where this process is in the hierarchy of a controller; "" for that of version 2. */
static bool find_group(const char *root, const char *controller, char *path, size_t size)
{
    char name[PATH_SIZE], line[PATH_SIZE];
    bool found = false;
    FILE *file;

    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    file = fopen(name, "re");
    if (file == NULL) return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        const char *list = strchr(line, ':'), *group = list ? strchr(list + 1, ':') : NULL;

        if (group == NULL || !lists(list + 1, controller)) continue;
        snprintf(path, size, "%.*s", (int)strcspn(group + 1, "\n"), group + 1);
        found = true;
    }
    fclose(file);
    return found;
}

/* From the process's group up to the mount, the one that `choose` prefers, or `none`. A path
 * that leads out of the mount (the group is outside of the container's view) counts as the
 * mount itself. */
static double fold(const char *root, const char *mount, const char *controller, read_fn *read,
                   double (*choose)(double, double), double none)
{
    char folder[PATH_SIZE], group[PATH_SIZE];
    double chosen = none;
    size_t base;

    if (!find_group(root, controller, group, sizeof group)) return none;
    base = (size_t)snprintf(folder, sizeof folder, "%s%s", root, mount);
    if (base >= sizeof folder) return none;
    if (strstr(group, "..") == NULL) snprintf(folder + base, sizeof folder - base, "%s", group);
    for (;;) {
        chosen = choose(chosen, read(folder));
        if (strlen(folder) <= base) return chosen;
        *strrchr(folder, '/') = '\0';
    }
}

static double least(const char *root, const char *mount, const char *controller, read_fn *read)
{
    return fold(root, mount, controller, read, fmin, INFINITY);
}

static double most(const char *root, const char *mount, const char *controller, read_fn *read)
{
    return fold(root, mount, controller, read, fmax, 0);
}

double cgroup_cpus(const char *root)
{
    return fmin(least(root, "/sys/fs/cgroup", "", v2_cpus),
                least(root, "/sys/fs/cgroup/cpu", "cpu", v1_cpus));
}

double cgroup_memory(const char *root)
{
    return fmin(least(root, "/sys/fs/cgroup", "", v2_memory),
                least(root, "/sys/fs/cgroup/memory", "memory", v1_memory));
}

double cgroup_throttled(const char *root)
{
    return fmax(most(root, "/sys/fs/cgroup", "", v2_throttled),
                most(root, "/sys/fs/cgroup/cpu", "cpu", v1_throttled));
}
