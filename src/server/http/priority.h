/* priority.h - which threads the kernel shall let wait for a CPU.
 *
 * Threads that read, write and compute small requests need a CPU seldom, for a moment and at
 * once; those that compute large ones take all there is. Linux has both of a priority and a
 * length of turns for each thread, and lets any thread lower its own without a privilege. Where
 * it does not, under a filter of system calls, threads stay as they are, and all else works. */
#pragma once

#include <stdbool.h>

/* This thread, and those that it starts, get short turns: then a waking one comes in at once,
 * rather than after the turn of another (Linux 6.12; older ones take no notice). False: it may
 * not. */
bool priority_prompt(void);
/* This thread, and those that it starts, go `nice` steps below the others of the process, and
 * have turns as usual. False: they may not. */
bool priority_lower(int nice);
