/* budget.c - counters that all threads share. */
#include "budget.h"

static bool take_one(struct sc_budget *budget, size_t size)
{
    const size_t limit = atomic_load_explicit(&budget->limit, memory_order_relaxed);
    size_t used = atomic_load_explicit(&budget->used, memory_order_relaxed), peak;

    do {
        if (size > limit || used > limit - size) return false;
    } while (!atomic_compare_exchange_weak(&budget->used, &used, used + size));
    peak = atomic_load_explicit(&budget->peak, memory_order_relaxed);
    while (peak < used + size &&
           !atomic_compare_exchange_weak(&budget->peak, &peak, used + size)) {
    }
    return true;
}

/* Back to this budget and its parents, up to `end`. */
static void give_up_to(struct sc_budget *budget, const struct sc_budget *end, size_t size)
{
    for (; budget != end; budget = budget->parent) atomic_fetch_sub(&budget->used, size);
}

void sc_budget_give(struct sc_budget *budget, size_t size)
{
    if (size > 0) give_up_to(budget, NULL, size);
}

const struct sc_budget *sc_budget_take(struct sc_budget *budget, size_t size)
{
    for (struct sc_budget *b = budget; b != NULL; b = b->parent)
        if (!take_one(b, size)) {
            give_up_to(budget, b, size);
            return b;
        }
    return NULL;
}
