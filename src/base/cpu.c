/* cpu.c - levels of x86-64, as its psABI defines them. */
#include "cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* The three that some compilers have no name for in __builtin_cpu_supports. */
static bool has_unnamed(void)
{
    unsigned a, b, basic, extended, d;

    return __get_cpuid(1, &a, &b, &basic, &d) && (basic & bit_MOVBE) != 0 &&
           (basic & bit_F16C) != 0 && __get_cpuid(0x80000001, &a, &b, &extended, &d) &&
           (extended & bit_LZCNT) != 0;
}

bool sc_cpu_has_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("popcnt") && has_unnamed();
}

bool sc_cpu_has_v4(void)
{
    return sc_cpu_has_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool sc_cpu_has_v4_vbmi(void)
{
    return sc_cpu_has_v4() && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512vbmi2");
}
#endif
