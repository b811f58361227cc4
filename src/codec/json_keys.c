/* json_keys.c - sorts the keys of an object; equal ones are neighbours then. */
#include "json_keys.h"

#include <string.h>

#include "json_cursor.h"
#include "sort.h"

enum sc_status json_keys_add(struct json_keys *keys, struct sc_bytes string, size_t place,
                             struct sc_note *note)
{
    struct json_name *item =
        sc_arena_grow(keys->arena, keys->item, keys->count, &keys->capacity, sizeof *item);

    if (item == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for the keys of an object");
    keys->item = item;
    SC_TRY(json_resolve(string, keys->arena, &string, note));
    keys->item[keys->count++] = (struct json_name){string, place};
    return SC_OK;
}

static int compare(const void *one, const void *other)
{
    const struct json_name *a = one, *b = other;

    if (a->text.size != b->text.size) return a->text.size < b->text.size ? -1 : 1;
    return memcmp(a->text.data, b->text.data, a->text.size);
}

enum sc_status json_keys_close(struct json_keys *keys, size_t first, size_t *place,
                               struct sc_note *note)
{
    const size_t count = keys->count - first;
    struct json_name *name;

    keys->count = first;
    if (count < 2) return SC_OK;
    name = keys->item + first;
    sc_sort(name, count, sizeof *name, compare);
    for (size_t i = 1; i < count; i++) {
        const struct json_name *a = &name[i - 1], *b = &name[i];

        if (compare(a, b) != 0) continue;
        *place = a->place > b->place ? a->place : b->place;
        return sc_fail(note, SC_MALFORMED, NULL,
                       "JSON: the key '%.*s' at byte %zu comes twice in one object",
                       (int)(b->text.size < 64 ? b->text.size : 64), (const char *)b->text.data,
                       *place);
    }
    return SC_OK;
}
