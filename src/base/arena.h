/* arena.h - the memory of one request: allocate forward, free once.
 *
 * An arena grows by chunks up to `limit` bytes. Every chunk is first taken from a shared
 * budget, so that the sum over all requests never passes what the program was given. All
 * of it goes back in sc_arena_done. Not thread-safe: one owner at a time (the budget is). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "budget.h"

#define SC_ARENA_ALIGN 64 /* alignment of every allocation: a cache line, an AVX-512 vector */

/* Under AddressSanitizer red zones are between allocations, and no chunk is kept for another
 * arena, so that it sees what is used after it was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define SC_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SC_ARENA_ASAN 1
#endif
#endif

struct sc_arena_chunk;

struct sc_arena {
    struct sc_arena_chunk *chunk; /* newest first */
    size_t held;                  /* bytes of all chunks */
    size_t reserved;              /* bytes of the budget that are kept for chunks to come */
    size_t limit;                 /* `held` never passes this */
    struct sc_budget *budget;     /* may be NULL: no shared budget */
    bool over_limit; /* something was refused that `limit`, or its own budget, can never hold */
    bool over_budget; /* ... that its own budget does not have now; but the parents do */
};

/* An empty one, which holds nothing yet. The budget, if there is one, must outlive it. */
void sc_arena_init(struct sc_arena *arena, size_t limit, struct sc_budget *budget);

/* Takes `size` bytes from the budget now, for chunks to come; false: nothing has changed. What
 * is not used goes back with sc_arena_settle or sc_arena_done. Allocations may go beyond it. */
bool sc_arena_reserve(struct sc_arena *arena, size_t size);
void sc_arena_settle(struct sc_arena *arena);
/* All that is held is from now on of this budget; false: that has not so much, nothing has
 * changed. */
bool sc_arena_charge(struct sc_arena *arena, struct sc_budget *budget);

/* `size` bytes aligned to SC_ARENA_ALIGN, not zeroed; NULL when the limit, the budget or the
 * machine has no more. A size of 0 gives a valid pointer. */
void *sc_arena_alloc(struct sc_arena *arena, size_t size);

/* The same, zeroed; `count * size` is checked for overflow. */
void *sc_arena_calloc(struct sc_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes; NULL when there is no memory. */
char *sc_arena_strndup(struct sc_arena *arena, const char *text, size_t size);

/* printf into the arena; NULL when there is no memory. */
__attribute__((format(printf, 2, 3))) char *sc_arena_printf(struct sc_arena *arena,
                                                            const char *format, ...);

/* Makes the last allocation longer or shorter in place where it can, else copies it.
 * `pointer` must come from this arena and `old_size` be its size. NULL: nothing changed. A
 * large allocation that grows step by step costs no more than the old and the new one while
 * they are copied. */
void *sc_arena_resize(struct sc_arena *arena, void *pointer, size_t old_size, size_t size);

/* Room for one more behind the `count` items of `size` bytes, of which there may be
 * `*capacity`: gives where they are now. NULL: no memory, nothing changed. */
void *sc_arena_grow(struct sc_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t size);

/* Frees everything and gives the bytes back to the budget. The arena may be used again. */
void sc_arena_done(struct sc_arena *arena);

/* An arena for a step of what `parent` is for: it may hold what the parent may still hold, of
 * the same budget. At its end the parent knows what it was refused for. */
void sc_arena_child(struct sc_arena *child, const struct sc_arena *parent);
void sc_arena_child_done(struct sc_arena *child, struct sc_arena *parent);
