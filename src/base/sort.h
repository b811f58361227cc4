/* sort.h - sorting in place, in n log n steps whatever the order, for what is sorted comes from
 * outside. It takes no memory; qsort may, and no budget sees it. */
#pragma once

#include <stddef.h>

/* Below, at or above 0, as for qsort. */
typedef int sc_compare(const void *a, const void *b);

/* Sorts `count` items of `size` bytes each. Equal ones may change places. */
void sc_sort(void *items, size_t count, size_t size, sc_compare *compare);
