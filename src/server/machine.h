/* machine.h - what this process may use of the machine: affinity, containers, RAM. */
#pragma once

#include <stdint.h>

/* CPUs: those of the affinity mask, but at most the whole CPUs of the quota, and at least 1. */
int machine_cpus(void);

/* Bytes: those of the machine, or of the container when that is less. */
int64_t machine_memory(void);
