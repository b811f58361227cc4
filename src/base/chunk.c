/* chunk.c - memory for chunks: kept, or fresh. */
#include "chunk.h"

#include <stdlib.h>

#include "arena.h"
#include "spare.h"

#ifdef SC_ARENA_ASAN
#define KEEP false /* so that it sees what is used after it was freed */
#else
#define KEEP true
#endif

/* Memory that is kept counts too. */
static bool fits(const struct sc_budget *budget)
{
    while (budget->parent != NULL) budget = budget->parent;
    return atomic_load(&budget->used) + sc_spare_kept() <= atomic_load(&budget->limit);
}

/* Others, which no limit had room for, are of no size that comes again. */
static bool is_spare(size_t size)
{
    return KEEP && size >= SC_SPARE_LEAST && size == sc_spare_size(size);
}

static bool is_first(size_t size)
{
    return KEEP && size == SC_SPARE_FIRST;
}

void *sc_chunk_take(const struct sc_budget *budget, size_t size)
{
    void *memory = NULL;

    if (is_spare(size))
        memory = sc_spare_take(size);
    else if (is_first(size))
        memory = sc_spare_first();
    else if (posix_memalign(&memory, SC_ARENA_ALIGN, size) != 0)
        return NULL;
    while (budget != NULL && sc_spare_kept() > 0 && !fits(budget) && sc_spare_drop()) continue;
    return memory;
}

void sc_chunk_give(const struct sc_budget *budget, void *memory, size_t size)
{
    if (is_spare(size))
        sc_spare_give(memory, size, budget != NULL && fits(budget));
    else if (is_first(size))
        sc_spare_give_first(memory);
    else
        free(memory);
}
