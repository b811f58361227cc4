/* block.c - a few places; who takes what is in one has it for itself. */
#include "block.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define GRAIN     ((size_t)64 << 10) /* sizes that differ by less are one */
#define PLACES    16
#define FIRSTS    32 /* places of those of SC_BLOCK_FIRST */
#define OLD       2  /* trims that a block lives through */

/* At the start of a block that is kept. */
struct kept {
    size_t size;
    int age;
};

static struct {
    _Atomic(struct kept *) place[PLACES];
    atomic_size_t size_at[PLACES]; /* of the block that came there last, or of one before */
    atomic_size_t size;            /* of all */
} kept;

static _Atomic(void *) first[FIRSTS];

size_t sc_block_size(size_t size)
{
    if (size < SC_BLOCK_LEAST) return size;
    return (size + GRAIN - 1) / GRAIN * GRAIN;
}

static struct kept *take_out(int place)
{
    if (atomic_load_explicit(&kept.place[place], memory_order_relaxed) == NULL) return NULL;
    return atomic_exchange(&kept.place[place], NULL);
}

static bool put_in(int place, struct kept *block)
{
    const size_t size = block->size; /* later, it may be another's */
    struct kept *nothing = NULL;

    if (!atomic_compare_exchange_strong(&kept.place[place], &nothing, block)) return false;
    atomic_store_explicit(&kept.size_at[place], size, memory_order_relaxed);
    return true;
}

static void end(struct kept *block)
{
    atomic_fetch_sub(&kept.size, block->size);
    free(block);
}

/* Back to where it was, unless another came there meanwhile. */
static void put_back(int place, struct kept *block)
{
    if (!put_in(place, block)) end(block);
}

static void *fresh(size_t size)
{
    const bool huge = size >= 2 * HUGE_PAGE;
    void *memory;

    if (posix_memalign(&memory, huge ? HUGE_PAGE : SC_ARENA_ALIGN, size) != 0) return NULL;
    if (huge) /* where there are none, it fails */
        madvise(memory, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    return memory;
}

void *sc_block_take(size_t size)
{
    const size_t whole = sc_block_size(size);

    for (int place = 0; place < PLACES; place++) {
        struct kept *block;

        if (atomic_load_explicit(&kept.size_at[place], memory_order_relaxed) != whole) continue;
        block = take_out(place);
        if (block != NULL && block->size == whole) {
            atomic_fetch_sub(&kept.size, whole);
            return block;
        }
        if (block != NULL) put_back(place, block);
    }
    return fresh(whole);
}

void sc_block_give(void *block, size_t size, bool keep)
{
    struct kept *given = block;

    if (!keep) {
        free(block);
        return;
    }
    *given = (struct kept){.size = sc_block_size(size)};
    atomic_fetch_add(&kept.size, given->size);
    for (int place = 0; place < PLACES; place++)
        if (put_in(place, given)) return;
    end(given);
}

void *sc_block_first(void)
{
    void *block = NULL;

    for (int i = 0; i < FIRSTS; i++) {
        if (atomic_load_explicit(&first[i], memory_order_relaxed) == NULL) continue;
        block = atomic_exchange(&first[i], NULL);
        if (block != NULL) return block;
    }
    return posix_memalign(&block, SC_ARENA_ALIGN, SC_BLOCK_FIRST) == 0 ? block : NULL;
}

void sc_block_give_first(void *block)
{
    for (int i = 0; i < FIRSTS; i++) {
        void *nothing = NULL;

        if (atomic_load_explicit(&first[i], memory_order_relaxed) != NULL) continue;
        if (atomic_compare_exchange_strong(&first[i], &nothing, block)) return;
    }
    free(block);
}

size_t sc_block_kept(void)
{
    return atomic_load(&kept.size);
}

bool sc_block_drop(void)
{
    for (int place = 0; place < PLACES; place++) {
        struct kept *block = take_out(place);

        if (block == NULL) continue;
        end(block);
        return true;
    }
    return false;
}

void sc_block_trim(void)
{
    for (int place = 0; place < PLACES; place++) {
        struct kept *block = take_out(place);

        if (block == NULL) continue;
        if (++block->age < OLD)
            put_back(place, block);
        else
            end(block);
    }
}
