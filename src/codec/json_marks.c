/* json_marks.c - the large arrays of a text, found by where they begin. */
#include <string.h>

#include "json_extent.h"

const struct json_mark *json_mark_at(const struct json_marks *marks, const uint8_t *begin)
{
    size_t low = 0, high = marks ? marks->count : 0;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        const struct json_mark *mark = &marks->item[middle];

        if (mark->begin == begin) return mark;
        if (mark->begin < begin)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void json_mark_add(struct json_marks *marks, const struct json_mark *mark,
                   struct sc_arena *arena)
{
    struct json_mark *item =
        sc_arena_grow(arena, marks->item, marks->count, &marks->capacity, sizeof *item);

    if (item == NULL) return;
    marks->item = item;
    marks->item[marks->count++] = *mark;
}
