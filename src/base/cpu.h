/* cpu.h - what this CPU has. */
#pragma once

#include <stdbool.h>

#if defined(__x86_64__)
/* All that a compiler may use with -march=x86-64-v3, and with -march=x86-64-v4; the operating
 * system keeps the registers too. */
bool sc_cpu_has_v3(void);
bool sc_cpu_has_v4(void);

/* v4, and packing of bytes: -mavx512vbmi -mavx512vbmi2. */
bool sc_cpu_has_v4_vbmi(void);
#endif
