/* chunk.h - inside base: the memory of the chunks that arenas are made of, kept for the next
 * one where its size comes again (spare.h). */
#pragma once

#include "budget.h"

/* `size` bytes, aligned to SC_ARENA_ALIGN, of which the budget (NULL: none) has been charged;
 * what is kept makes room for them. NULL: the machine has no more. */
void *sc_chunk_take(const struct sc_budget *budget, size_t size);

/* Gives them back, while the budget is still charged. */
void sc_chunk_give(const struct sc_budget *budget, void *memory, size_t size);
