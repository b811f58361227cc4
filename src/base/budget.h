/* budget.h - a number of bytes that many share. Any thread may take and give. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes that may be held at once by all arenas that name this budget, and by those of all
 * budgets below it: what is taken from a budget is taken from its parent too. */
struct sc_budget {
    atomic_size_t limit;
    atomic_size_t used;
    atomic_size_t peak;       /* highest `used` so far */
    struct sc_budget *parent; /* NULL: none */
};

/* Takes `size` from this budget and all its parents, or from none. NULL: taken; else the one
 * that has not so much. No budget (NULL) has any number. */
const struct sc_budget *sc_budget_take(struct sc_budget *budget, size_t size);

/* Gives back what was taken. */
void sc_budget_give(struct sc_budget *budget, size_t size);
