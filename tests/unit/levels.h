/* levels.h - what tests of code that is compiled for each level share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cpu.h"

/* Rows {name, function} of a function that every level has: LEVELS_OF(planes_ops). */
#if defined(__x86_64__)
#define LEVELS_OF(function)                                                                    \
    {"v1", function##_v1}, {"v3", function##_v3},                                              \
    {                                                                                          \
        "v4", function##_v4                                                                    \
    }
#else
#define LEVELS_OF(function)                                                                    \
    {                                                                                          \
        "arm64", function##_arm64                                                              \
    }
#endif

/* Has this machine the level? */
static inline bool is_here(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "v3") == 0) return sc_cpu_has_v3();
    if (strcmp(name, "v4") == 0) return sc_cpu_has_v4();
#endif
    return name != NULL;
}
