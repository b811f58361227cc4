/* guard.h - bytes of a fuzzer where nothing can be read behind them, or before them. */
#pragma once

#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"

static inline size_t guard_room(size_t size, size_t padding)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + padding + page - 1) / page * page;
}

/* A copy of the bytes, then `padding` bytes, then a page that cannot be read. */
static inline uint8_t *guarded(const void *data, size_t size, size_t padding)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = guard_room(size, padding);
    uint8_t *base = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                         -1, 0),
            *body = base + room - padding - size;

    if (base == MAP_FAILED || mprotect(base + room, page, PROT_NONE) != 0) abort();
    if (size > 0) memcpy(body, data, size);
    memset(body + size, '7', padding);
    ASAN_POISON_MEMORY_REGION(base, (size_t)(body - base));
    return body;
}

static inline void unguard(uint8_t *body, size_t size, size_t padding)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = guard_room(size, padding);
    uint8_t *base = body + size + padding - room;

    ASAN_UNPOISON_MEMORY_REGION(base, room);
    if (munmap(base, room + page) != 0) abort();
}

/* As a body: with the padding that is promised, and not a byte more. */
static inline uint8_t *guarded_body(const uint8_t *data, size_t size)
{
    return guarded(data, size, SC_BYTES_PADDING);
}

static inline void unguard_body(uint8_t *body, size_t size)
{
    unguard(body, size, SC_BYTES_PADDING);
}
