/* arena.c - chunks, limits, and red zones under AddressSanitizer. */
#include "arena.h"
#include "chunk.h"
#include "spare.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef SC_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define RED_ZONE       SC_ARENA_ALIGN /* poisoned bytes between allocations */
#else
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#define RED_ZONE       0
#endif

#define CHUNK_BYTES     SC_SPARE_FIRST    /* the first chunk; small requests need no second */
#define CHUNK_MAX_BYTES ((size_t)1 << 20) /* later chunks double up to this */

#define FEW 16 /* items of an array that begins to grow */

struct sc_arena_chunk {
    struct sc_arena_chunk *older;
    size_t size; /* of the whole chunk, header included */
    size_t used; /* header included */
};

#define HEADER_BYTES ((size_t)SC_ARENA_ALIGN)
_Static_assert(sizeof(struct sc_arena_chunk) <= HEADER_BYTES, "the header fits its slot");

static size_t round_up(size_t size)
{
    return (size + SC_ARENA_ALIGN - 1) & ~(size_t)(SC_ARENA_ALIGN - 1);
}

/* What the arena keeps comes first. */
static bool take(struct sc_arena *arena, size_t size)
{
    const size_t kept = size < arena->reserved ? size : arena->reserved;
    const struct sc_budget *refused = sc_budget_take(arena->budget, size - kept);

    arena->over_budget = refused != NULL && refused == arena->budget && refused->parent != NULL;
    if (refused != NULL) return false;
    arena->reserved -= kept;
    return true;
}

/* `size` was refused: would it be if the arena were alone with its budget? */
static void note_refused(struct sc_arena *arena, size_t size)
{
    size_t most;

    if (!arena->over_budget) return;
    most = atomic_load(&arena->budget->limit);
    if (arena->held > most || size > most - arena->held) arena->over_limit = true;
}

void sc_arena_init(struct sc_arena *arena, size_t limit, struct sc_budget *budget)
{
    *arena = (struct sc_arena){.limit = limit, .budget = budget};
}

bool sc_arena_reserve(struct sc_arena *arena, size_t size)
{
    const size_t kept = arena->reserved;

    if (size > SIZE_MAX - arena->held - kept) {
        arena->over_limit = true;
        return false;
    }
    arena->reserved = 0;
    if (!take(arena, size)) {
        arena->reserved = kept;
        note_refused(arena, kept + size);
        return false;
    }
    arena->reserved = kept + size;
    return true;
}

void sc_arena_settle(struct sc_arena *arena)
{
    sc_budget_give(arena->budget, arena->reserved);
    arena->reserved = 0;
}

bool sc_arena_charge(struct sc_arena *arena, struct sc_budget *budget)
{
    struct sc_arena other = {.budget = budget};

    if (budget == arena->budget) return true;
    if (!take(&other, arena->held + arena->reserved)) {
        arena->over_budget = other.over_budget;
        note_refused(&other, arena->held + arena->reserved);
        arena->over_limit |= other.over_limit;
        return false;
    }
    sc_budget_give(arena->budget, arena->held + arena->reserved);
    arena->budget = budget;
    return true;
}

/* Gives `size`, or `need` where there is not so much. 0: not even that. */
static size_t take_chunk(struct sc_arena *arena, size_t size, size_t need)
{
    if (take(arena, size)) return size;
    return size > need && take(arena, need) ? need : 0;
}

/* Its part of the budget has not been given back yet. */
static void give_chunk(const struct sc_budget *budget, struct sc_arena_chunk *chunk)
{
    const size_t size = chunk->size;

    UNPOISON(chunk, size);
    sc_chunk_give(budget, chunk, size);
}

static bool add_chunk(struct sc_arena *arena, size_t need)
{
    struct sc_arena_chunk *chunk;
    size_t size = arena->chunk ? arena->held : CHUNK_BYTES;

    if (size > CHUNK_MAX_BYTES) size = CHUNK_MAX_BYTES;
    size = sc_spare_size(size < need ? need : size);
    if (arena->held > arena->limit || size > arena->limit - arena->held) size = need;
    if (arena->held > arena->limit || size > arena->limit - arena->held) {
        arena->over_limit = true;
        return false;
    }
    size = take_chunk(arena, size, need);
    if (size == 0) {
        note_refused(arena, need);
        return false;
    }
    chunk = sc_chunk_take(arena->budget, size);
    if (chunk == NULL) {
        sc_budget_give(arena->budget, size);
        return false;
    }
    *chunk = (struct sc_arena_chunk){.older = arena->chunk, .size = size, .used = HEADER_BYTES};
    POISON((char *)chunk + HEADER_BYTES, size - HEADER_BYTES);
    arena->chunk = chunk;
    arena->held += size;
    return true;
}

void *sc_arena_alloc(struct sc_arena *arena, size_t size)
{
    struct sc_arena_chunk *chunk = arena->chunk;
    size_t need;
    void *pointer;

    if (size > SIZE_MAX / 2) return NULL;
    need = round_up(size) + RED_ZONE;
    if (chunk == NULL || chunk->size - chunk->used < need) {
        if (!add_chunk(arena, HEADER_BYTES + need)) return NULL;
        chunk = arena->chunk;
    }
    pointer = (char *)chunk + chunk->used;
    chunk->used += need;
    UNPOISON(pointer, size);
    return pointer;
}

void *sc_arena_calloc(struct sc_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    void *pointer;

    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    pointer = sc_arena_alloc(arena, bytes);
    return pointer ? memset(pointer, 0, bytes) : NULL;
}

char *sc_arena_strndup(struct sc_arena *arena, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? sc_arena_alloc(arena, size + 1) : NULL;

    if (copy == NULL) return NULL;
    if (size > 0) memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *sc_arena_printf(struct sc_arena *arena, const char *format, ...)
{
    va_list args, again;
    int size;
    char *text = NULL;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size >= 0) text = sc_arena_alloc(arena, (size_t)size + 1);
    if (text != NULL) vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

/* The chunk below the newest: nothing is left in it. */
static void drop_second(struct sc_arena *arena)
{
    struct sc_arena_chunk *empty = arena->chunk->older;
    const size_t size = empty->size;

    arena->chunk->older = empty->older;
    arena->held -= size;
    give_chunk(arena->budget, empty);
    sc_budget_give(arena->budget, size);
}

/* A copy in another place; the chunk of the old goes back when it had nothing else. */
static void *move(struct sc_arena *arena, void *pointer, size_t old_size, size_t size)
{
    struct sc_arena_chunk *chunk = arena->chunk;
    const bool alone = (char *)pointer == (char *)chunk + HEADER_BYTES &&
                       chunk->used == HEADER_BYTES + round_up(old_size) + RED_ZONE;
    void *copy = sc_arena_alloc(arena, size);

    if (copy == NULL) return NULL;
    memcpy(copy, pointer, old_size < size ? old_size : size);
    if (alone && arena->chunk != chunk) drop_second(arena);
    return copy;
}

void *sc_arena_resize(struct sc_arena *arena, void *pointer, size_t old_size, size_t size)
{
    struct sc_arena_chunk *chunk = arena->chunk;
    const size_t old_need = round_up(old_size) + RED_ZONE;
    const size_t need = round_up(size) + RED_ZONE;

    if (size > SIZE_MAX / 2) return NULL;
    if (pointer != (char *)chunk + chunk->used - old_need ||
        chunk->size - (chunk->used - old_need) < need)
        return move(arena, pointer, old_size, size);
    chunk->used = chunk->used - old_need + need;
    POISON(pointer, chunk->size - (size_t)((char *)pointer - (char *)chunk));
    UNPOISON(pointer, size);
    return pointer;
}

void *sc_arena_grow(struct sc_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t size)
{
    const size_t wanted = *capacity ? 2 * *capacity : FEW;
    size_t bytes;
    void *larger;

    if (count < *capacity) return items;
    if (__builtin_mul_overflow(wanted, size, &bytes)) return NULL;
    larger = items ? sc_arena_resize(arena, items, *capacity * size, bytes)
                   : sc_arena_alloc(arena, bytes);
    if (larger != NULL) *capacity = wanted;
    return larger;
}

void sc_arena_done(struct sc_arena *arena)
{
    struct sc_arena_chunk *chunk = arena->chunk;

    while (chunk != NULL) {
        struct sc_arena_chunk *older = chunk->older;

        give_chunk(arena->budget, chunk);
        chunk = older;
    }
    sc_budget_give(arena->budget, arena->held + arena->reserved);
    arena->reserved = 0;
    arena->chunk = NULL;
    arena->held = 0;
}

void sc_arena_child(struct sc_arena *child, const struct sc_arena *parent)
{
    const size_t left = parent->held < parent->limit ? parent->limit - parent->held : 0;

    sc_arena_init(child, left, parent->budget);
}

void sc_arena_child_done(struct sc_arena *child, struct sc_arena *parent)
{
    parent->over_limit |= child->over_limit;
    parent->over_budget |= child->over_budget;
    sc_arena_done(child);
}
