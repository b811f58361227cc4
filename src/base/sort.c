/* sort.c - a heap sort: its worst case is as good as any. */
#include "sort.h"

#include <string.h>

#define CHUNK 64 /* bytes that are exchanged at once */

struct heap {
    char *items;
    size_t size; /* of an item */
    sc_compare *compare;
};

static char *at(const struct heap *h, size_t i)
{
    return h->items + i * h->size;
}

static void exchange(const struct heap *h, size_t i, size_t j)
{
    char *a = at(h, i), *b = at(h, j), kept[CHUNK];

    for (size_t left = h->size, n; left > 0; left -= n, a += n, b += n) {
        n = left < CHUNK ? left : CHUNK;
        memcpy(kept, a, n);
        memcpy(a, b, n);
        memcpy(b, kept, n);
    }
}

/* Lets the item at `root` sink to its place in a heap of `count`. */
static void sink(const struct heap *h, size_t root, size_t count)
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && h->compare(at(h, child), at(h, child + 1)) < 0) child++;
        if (h->compare(at(h, root), at(h, child)) >= 0) return;
        exchange(h, root, child);
        root = child;
    }
}

void sc_sort(void *items, size_t count, size_t size, sc_compare *compare)
{
    const struct heap h = {items, size, compare};

    for (size_t root = count / 2; root-- > 0;) sink(&h, root, count);
    for (size_t last = count; last-- > 1;) {
        exchange(&h, 0, last);
        sink(&h, 0, last);
    }
}
