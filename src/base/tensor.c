/* tensor.c - sizes and names. */
#include "tensor.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    uint8_t size;
    char kind;
} dtypes[] = {
#define ROW(id, name, size, kind) [SC_##id] = {name, size, kind},
    SC_DTYPE_MAP(ROW)
#undef ROW
};

const char *sc_dtype_name(enum sc_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t sc_dtype_size(enum sc_dtype dtype)
{
    return dtypes[dtype].size;
}

char sc_dtype_kind(enum sc_dtype dtype)
{
    return dtypes[dtype].kind;
}

bool sc_dtype_find(const char *name, size_t size, enum sc_dtype *out)
{
    for (int i = 0; i < SC_DTYPE_COUNT; i++) {
        if (strlen(dtypes[i].name) == size && memcmp(dtypes[i].name, name, size) == 0) {
            *out = (enum sc_dtype)i;
            return true;
        }
    }
    return false;
}

#define SIZE_LIMIT ((int64_t)1 << 62)

enum sc_status sc_tensor_shape(struct sc_tensor *t, enum sc_dtype dtype, int rank,
                               const int64_t *dim, size_t *bytes, struct sc_note *note)
{
    int64_t size = (int64_t)sc_dtype_size(dtype), count = 1;
    bool empty = false;

    if (rank < 0 || rank > SC_RANK_MAX)
        return sc_fail(note, SC_TOO_LARGE, NULL, "rank %d; at most %d", rank, SC_RANK_MAX);
    for (int i = 0; i < rank; i++) {
        if (dim[i] < 0)
            return sc_fail(note, SC_MALFORMED, NULL, "dimension %d is negative: %lld", i,
                           (long long)dim[i]);
        if (dim[i] == 0) {
            empty = true;
            continue;
        }
        if (__builtin_mul_overflow(size, dim[i], &size) || size > SIZE_LIMIT)
            return sc_fail(note, SC_TOO_LARGE, NULL,
                           "the product of the shape is past 2^62 bytes");
        count *= dim[i];
    }
    t->dtype = dtype;
    t->rank = rank;
    t->count = empty ? 0 : count;
    for (int i = 0; i < SC_RANK_MAX; i++) t->dim[i] = i < rank ? dim[i] : 0;
    *bytes = empty ? 0 : (size_t)size;
    return SC_OK;
}

enum sc_status sc_tensor_new(struct sc_tensor *t, enum sc_dtype dtype, int rank,
                             const int64_t *dim, struct sc_arena *arena, struct sc_note *note)
{
    struct sc_tensor made;
    size_t bytes;

    SC_TRY(sc_tensor_shape(&made, dtype, rank, dim, &bytes, note));
    made.data = sc_arena_alloc(arena, bytes);
    if (made.data == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a tensor of %zu bytes", bytes);
    *t = made;
    return SC_OK;
}

#define COUNT_ODD(type, exponent)                                                              \
    do {                                                                                       \
        const type *bits = t->data;                                                            \
        for (int64_t i = 0; i < t->count; i++)                                                 \
            odd += (bits[i] & (type)(exponent)) == (type)(exponent);                           \
    } while (0)

int64_t sc_tensor_nonfinite(const struct sc_tensor *t)
{
    int64_t odd = 0;

    if (t->dtype == SC_FLOAT64) COUNT_ODD(uint64_t, 0x7ff0000000000000);
    if (t->dtype == SC_FLOAT32) COUNT_ODD(uint32_t, 0x7f800000);
    if (t->dtype == SC_FLOAT16) COUNT_ODD(uint16_t, 0x7c00);
    if (t->dtype == SC_BFLOAT16) COUNT_ODD(uint16_t, 0x7f80);
    return odd;
}

bool sc_tensor_same_shape(const struct sc_tensor *a, const struct sc_tensor *b)
{
    return a->rank == b->rank &&
           memcmp(a->dim, b->dim, (size_t)a->rank * sizeof a->dim[0]) == 0;
}

char *sc_tensor_shape_text(const struct sc_tensor *t, char *text, size_t size)
{
    size_t used;

    snprintf(text, size, "[");
    for (int i = 0; i < t->rank; i++)
        sc_list_add(text + 1, size - 1, "%lld", (long long)t->dim[i]);
    used = strlen(text);
    snprintf(text + used, size - used, "]");
    return text;
}

enum sc_status sc_tensors_add(struct sc_tensors *set, const char *name,
                              const struct sc_tensor *t, struct sc_arena *arena,
                              struct sc_note *note)
{
    struct sc_named_tensor *item =
        sc_arena_grow(arena, set->item, set->count, &set->capacity, sizeof *item);

    if (item == NULL) return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for tensors");
    set->item = item;
    set->item[set->count++] = (struct sc_named_tensor){.name = name, .tensor = *t};
    return SC_OK;
}
