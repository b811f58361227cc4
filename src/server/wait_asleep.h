/* wait_asleep.h - how threads of OpenMP wait for the others of a request. */
#pragma once

/* They would spin for milliseconds: where CPUs are shared, they keep those others from theirs.
 * OpenMP reads its variables when it is loaded, so the program, `self`, begins once more, with
 * what nobody has set, and this does not return. It must be called before the program has read
 * anything that cannot be read twice. Where `self` cannot be executed they spin, and the
 * environment is as it was: as where the loader was executed, with the program as its argument
 * (the kernel has loaded no other). */
void wait_asleep(const char *self, char **argv);
