/* machine.h - what this process may use of the machine: affinity, containers, RAM. */
#pragma once

#include <stdint.h>

/* CPUs: those of the affinity mask, but at most the whole CPUs of the quota, and at least 1. */
int machine_cpus(void);

#define MACHINE_LEVELS_TEXT 48

/* The instruction set level of the kernels and, where it is another, that of the formats: "v4",
 * "v4 (formats: v3)". Gives `text`. */
const char *machine_levels(char text[MACHINE_LEVELS_TEXT], const char *kernels,
                           const char *formats);

/* Bytes: those of the machine, or of the container when that is less. */
int64_t machine_memory(void);
