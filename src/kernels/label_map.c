/* label_map.c - tables of codes, and the labels that are in none. */
#include "label_map.h"

#define TABLE_MAX 65536 /* labels from here on are looked up in the map */

const struct sc_param_value *sc_label_map_of(const struct sc_params *params, bool target)
{
    const struct sc_param_value *both = sc_param(params, "label_map");

    return both->set ? both : sc_param(params, target ? "target_label_map" : "pred_label_map");
}

enum sc_status sc_label_map_check(const struct sc_params *params, struct sc_note *note)
{
    if (!sc_param(params, "label_map")->set || (!sc_param(params, "pred_label_map")->set &&
                                                !sc_param(params, "target_label_map")->set))
        return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, "#/params/label_map",
                   "label_map and %s are both given; label_map is for pred and target, so give "
                   "it alone, or pred_label_map and target_label_map",
                   sc_param(params, "pred_label_map")->set ? "pred_label_map"
                                                           : "target_label_map");
}

/* Up to the last class, and the last key that a table can have. */
static int64_t table_size(const struct sc_param_value *map, int64_t classes)
{
    int64_t size = classes;

    for (int i = 0; i < map->count; i++)
        if (map->keys[i] >= size && map->keys[i] < TABLE_MAX) size = map->keys[i] + 1;
    return (size + 1) & ~(int64_t)1; /* whole doubles: what follows it in memory is aligned */
}

size_t sc_label_map_bytes(const struct sc_param_value *map, int64_t classes)
{
    return map->set ? (size_t)table_size(map, classes) * sizeof(int32_t) : 0;
}

/* The code of a label as it is: ignored, a class, or bad. */
static int32_t code_of(const struct sc_label_map *m, int64_t label)
{
    for (int i = 0; i < m->ignore->count; i++)
        if (m->ignore->integers[i] == label) return (int32_t)m->classes;
    return label >= 0 && label < m->classes ? (int32_t)label : (int32_t)m->classes + 1;
}

/* The code of a label that the map gives. */
static int32_t new_code(const struct sc_label_map *m, int64_t label)
{
    return label == -1 ? (int32_t)m->classes : code_of(m, label);
}

void sc_label_map_fill(struct sc_label_map *m, const struct sc_param_value *map,
                       const struct sc_param_value *ignore, int64_t classes, int32_t *code)
{
    *m = (struct sc_label_map){classes, map, ignore, table_size(map, classes), code};
    for (int64_t label = 0; label < m->size; label++)
        code[label] = (int32_t)(label < classes ? label : classes + 1);
    for (int i = 0; i < ignore->count; i++)
        if (ignore->integers[i] >= 0 && ignore->integers[i] < m->size)
            code[ignore->integers[i]] = (int32_t)classes;
    for (int i = 0; i < map->count; i++)
        if (map->keys[i] >= 0 && map->keys[i] < m->size)
            code[map->keys[i]] = new_code(m, map->integers[i]);
}

int32_t sc_label_map_find(const struct sc_label_map *m, int64_t label)
{
    int from = 0, to = m->map->count;

    while (from < to) {
        const int middle = from + (to - from) / 2;

        if (m->map->keys[middle] == label) return new_code(m, m->map->integers[middle]);
        if (m->map->keys[middle] < label)
            from = middle + 1;
        else
            to = middle;
    }
    return code_of(m, label);
}
