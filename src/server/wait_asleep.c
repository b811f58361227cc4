/* wait_asleep.c - the program once more, with variables for OpenMP. */
#include "wait_asleep.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#define POLICY "OMP_WAIT_POLICY"
#define SPINS  "GOMP_SPINCOUNT"

void wait_asleep(const char *self, char **argv)
{
    if (getenv(POLICY) != NULL || getenv(SPINS) != NULL) return;
    if (getauxval(AT_BASE) == 0) return;
    if (setenv(POLICY, "passive", 0) == 0 &&
        setenv(SPINS, "1000", 0) == 0) /* some microseconds */
        execv(self, argv);
    unsetenv(POLICY);
    unsetenv(SPINS);
}
