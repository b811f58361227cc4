/* label_map.h - labels to the codes of load.h through a map of old to new labels.
 *
 * A label that is listed becomes the new one, where -1 is ignored; any other stays what it is.
 * ignore_index and the range check are about what comes out. */
#pragma once

#include "load.h"

struct sc_label_map {
    int64_t classes;
    const struct sc_param_value *map, *ignore;
    int64_t size;
    /* Of the labels 0 .. size - 1, among them every class; NULL: not filled yet. */
    int32_t *code;
};

/* The map for predictions or for targets: label_map, or that input's own; unset: none. */
const struct sc_param_value *sc_label_map_of(const struct sc_params *params, bool target);

/* label_map together with another is SC_BAD_PARAM. */
enum sc_status sc_label_map_check(const struct sc_params *params, struct sc_note *note);

/* Bytes of `code` for this map. */
size_t sc_label_map_bytes(const struct sc_param_value *map, int64_t classes);

/* Fills `code`, which has that many bytes. */
void sc_label_map_fill(struct sc_label_map *m, const struct sc_param_value *map,
                       const struct sc_param_value *ignore, int64_t classes, int32_t *code);

/* The code of a label that `code` has not. */
int32_t sc_label_map_find(const struct sc_label_map *m, int64_t label);

#define SC_MAP_BLOCK 512 /* labels of any dtype, widened in L1 */

static inline int64_t sc_widen_uint64(uint64_t label)
{
    return label > INT64_MAX ? INT64_MAX : (int64_t)label;
}

#define SC_WIDEN_BY(type, widen)                                                               \
    do {                                                                                       \
        const type *from = (const type *)t->data + at;                                         \
        for (int i = 0; i < n; i++) out[i] = widen(from[i]);                                   \
    } while (0)
#define SC_WIDEN_FROM(type) SC_WIDEN_BY(type, (int64_t))

/* Labels as int64. What of uint64 lies beyond becomes INT64_MAX, which is no class. */
static inline void sc_widen_labels(const struct sc_tensor *t, int64_t at, int n, int64_t *out)
{
    switch (t->dtype) {
    case SC_BOOL:
    case SC_UINT8:
        SC_WIDEN_FROM(uint8_t);
        break;
    case SC_UINT16:
        SC_WIDEN_FROM(uint16_t);
        break;
    case SC_UINT32:
        SC_WIDEN_FROM(uint32_t);
        break;
    case SC_UINT64:
        SC_WIDEN_BY(uint64_t, sc_widen_uint64);
        break;
    case SC_INT8:
        SC_WIDEN_FROM(int8_t);
        break;
    case SC_INT16:
        SC_WIDEN_FROM(int16_t);
        break;
    case SC_INT32:
        SC_WIDEN_FROM(int32_t);
        break;
    case SC_INT64:
        SC_WIDEN_FROM(int64_t);
        break;
    default:
        break;
    }
}

static inline int32_t sc_label_code(const struct sc_label_map *m, int64_t label)
{
    return (uint64_t)label < (uint64_t)m->size ? m->code[label] : sc_label_map_find(m, label);
}

/* As sc_load_labels, through the map. */
static inline void sc_load_mapped(const struct sc_label_map *m, const struct sc_tensor *t,
                                  int64_t from, int n, int32_t *code,
                                  struct sc_trouble *trouble)
{
    int64_t label[SC_MAP_BLOCK];

    for (int done = 0; done < n; done += SC_MAP_BLOCK) {
        const int size = sc_part_size(n - done, SC_MAP_BLOCK);

        sc_widen_labels(t, from + done, size, label);
        for (int i = 0; i < size; i++) {
            code[done + i] = sc_label_code(m, label[i]);
            if (code[done + i] > m->classes)
                sc_note_trouble(trouble, SC_LABEL, from + done + i,
                                sc_label_value(t, from + done + i));
        }
    }
}
