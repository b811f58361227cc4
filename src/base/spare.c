/* spare.c - a few places; who takes what is in one has it for itself. */
#include "spare.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define GRAIN     ((size_t)64 << 10) /* sizes that differ by less are one */
#define PLACES    16
#define FIRSTS    32 /* places of those of SC_SPARE_FIRST */
#define OLD       2  /* trims that a spare lives through */

/* At the start of one that is kept. */
struct kept {
    size_t size;
    int age;
};

static struct {
    _Atomic(struct kept *) place[PLACES];
    atomic_size_t size_at[PLACES]; /* of the one that came there last, or of one before */
    atomic_size_t size;            /* of all */
} kept;

static _Atomic(void *) first[FIRSTS];

size_t sc_spare_size(size_t size)
{
    if (size < SC_SPARE_LEAST) return size;
    return (size + GRAIN - 1) / GRAIN * GRAIN;
}

static struct kept *take_out(int place)
{
    if (atomic_load_explicit(&kept.place[place], memory_order_relaxed) == NULL) return NULL;
    return atomic_exchange(&kept.place[place], NULL);
}

static bool put_in(int place, struct kept *spare)
{
    const size_t size = spare->size; /* later, it may be another's */
    struct kept *nothing = NULL;

    if (!atomic_compare_exchange_strong(&kept.place[place], &nothing, spare)) return false;
    atomic_store_explicit(&kept.size_at[place], size, memory_order_relaxed);
    return true;
}

static void end(struct kept *spare)
{
    atomic_fetch_sub(&kept.size, spare->size);
    free(spare);
}

/* Back to where it was, unless another came there meanwhile. */
static void put_back(int place, struct kept *spare)
{
    if (!put_in(place, spare)) end(spare);
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

void *sc_spare_take(size_t size)
{
    const size_t whole = sc_spare_size(size);

    for (int place = 0; place < PLACES; place++) {
        struct kept *spare;

        if (atomic_load_explicit(&kept.size_at[place], memory_order_relaxed) != whole) continue;
        spare = take_out(place);
        if (spare != NULL && spare->size == whole) {
            atomic_fetch_sub(&kept.size, whole);
            return spare;
        }
        if (spare != NULL) put_back(place, spare);
    }
    return fresh(whole);
}

void sc_spare_give(void *memory, size_t size, bool keep)
{
    struct kept *given = memory;

    if (!keep) {
        free(memory);
        return;
    }
    *given = (struct kept){.size = sc_spare_size(size)};
    atomic_fetch_add(&kept.size, given->size);
    for (int place = 0; place < PLACES; place++)
        if (put_in(place, given)) return;
    end(given);
}

void *sc_spare_first(void)
{
    void *spare = NULL;

    for (int i = 0; i < FIRSTS; i++) {
        if (atomic_load_explicit(&first[i], memory_order_relaxed) == NULL) continue;
        spare = atomic_exchange(&first[i], NULL);
        if (spare != NULL) return spare;
    }
    return posix_memalign(&spare, SC_ARENA_ALIGN, SC_SPARE_FIRST) == 0 ? spare : NULL;
}

void sc_spare_give_first(void *spare)
{
    for (int i = 0; i < FIRSTS; i++) {
        void *nothing = NULL;

        if (atomic_load_explicit(&first[i], memory_order_relaxed) != NULL) continue;
        if (atomic_compare_exchange_strong(&first[i], &nothing, spare)) return;
    }
    free(spare);
}

size_t sc_spare_kept(void)
{
    return atomic_load(&kept.size);
}

bool sc_spare_drop(void)
{
    for (int place = 0; place < PLACES; place++) {
        struct kept *spare = take_out(place);

        if (spare == NULL) continue;
        end(spare);
        return true;
    }
    return false;
}

void sc_spare_trim(void)
{
    for (int place = 0; place < PLACES; place++) {
        struct kept *spare = take_out(place);

        if (spare == NULL) continue;
        if (++spare->age < OLD)
            put_back(place, spare);
        else
            end(spare);
    }
}
