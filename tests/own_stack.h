/* own_stack.h - runs a function where a place in memory that nobody has written shows: on a
 * stack of ones, behind which nothing can be read, as far as 16 bits reach. */
#pragma once

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define OWN_STACK       ((size_t)512 << 10)
#define OWN_STACK_GUARD ((size_t)128 << 10)

static inline void on_own_stack(void *(*run)(void *), void *data)
{
    char *base = mmap(NULL, OWN_STACK + OWN_STACK_GUARD, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;

    if (base == MAP_FAILED || mprotect(base + OWN_STACK, OWN_STACK_GUARD, PROT_NONE) != 0)
        abort();
    memset(base, 0xff, OWN_STACK);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, base, OWN_STACK) != 0 ||
        pthread_create(&thread, &attributes, run, data) != 0 || pthread_join(thread, NULL) != 0)
        abort();
    pthread_attr_destroy(&attributes);
    if (munmap(base, OWN_STACK + OWN_STACK_GUARD) != 0) abort();
}
