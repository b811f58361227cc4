/* parallel.c - the one parallel region of the program. */
#include <time.h>

#include "op.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* Of this thread. */
static int64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

enum sc_status sc_parallel(const struct sc_exec *exec, int threads, int64_t count,
                           void (*run)(void *context, int worker, int64_t i), void *context)
{
    int64_t next = 0;
    int stopped = 0;

    (void)threads; /* without OpenMP there is one */
#pragma omp parallel num_threads(threads) if (threads > 1) shared(next, stopped)
    {
        const int64_t began = exec->others_ns != NULL ? cpu_ns() : 0;
        int worker = 0;

#ifdef _OPENMP
        worker = omp_get_thread_num();
#endif
        for (;;) {
            const int64_t i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);

            if (i >= count || __atomic_load_n(&stopped, __ATOMIC_RELAXED)) break;
            if (worker == 0 && exec->stop != NULL && exec->stop(exec->context)) {
                __atomic_store_n(&stopped, 1, __ATOMIC_RELAXED);
                break;
            }
            run(context, worker, i);
        }
        if (worker > 0 && exec->others_ns != NULL)
            __atomic_fetch_add(exec->others_ns, cpu_ns() - began, __ATOMIC_RELAXED);
    }
    return stopped ? SC_STOPPED : SC_OK;
}
