/* elements.c - views, copies, byte order and column-major order. */
#include "elements.h"

#include <inttypes.h>
#include <string.h>

void elements_to_bool(uint8_t *data, int64_t count)
{
    for (int64_t i = 0; i < count; i++) data[i] = data[i] != 0;
}

static bool is_bool(const uint8_t *data, int64_t count)
{
    uint8_t any = 0;

    for (int64_t i = 0; i < count; i++) any |= data[i];
    return any <= 1;
}

static bool can_view(const struct sc_tensor *t, const uint8_t *data)
{
    if ((uintptr_t)data % sc_dtype_size(t->dtype) != 0) return false;
    return t->dtype != SC_BOOL || is_bool(data, t->count);
}

enum sc_status elements_take(struct sc_bytes bytes, enum sc_dtype dtype, int rank,
                             const int64_t *dim, struct sc_arena *arena, struct sc_tensor *out,
                             struct sc_note *note)
{
    struct sc_tensor t;
    size_t size;

    SC_TRY(sc_tensor_shape(&t, dtype, rank, dim, &size, note));
    if (size != bytes.size) {
        char shape[80];

        return sc_fail(note, SC_MALFORMED, NULL,
                       "%s of shape %s is %zu bytes, but there are %zu", sc_dtype_name(dtype),
                       sc_tensor_shape_text(&t, shape, sizeof shape), size, bytes.size);
    }
    if (can_view(&t, bytes.data)) {
        t.data = (void *)(uintptr_t)bytes.data; /* tensors of inputs are only read */
    } else {
        SC_TRY(sc_tensor_new(&t, dtype, rank, dim, arena, note));
        memcpy(t.data, bytes.data, size);
        if (dtype == SC_BOOL) elements_to_bool(t.data, t.count);
    }
    *out = t;
    return SC_OK;
}

#define SWAP(bits)                                                                             \
    static void swap##bits(uint##bits##_t *data, int64_t count)                                \
    {                                                                                          \
        for (int64_t i = 0; i < count; i++) data[i] = __builtin_bswap##bits(data[i]);          \
    }
SWAP(16)
SWAP(32)
SWAP(64)

void elements_swap(void *data, int64_t count, size_t size)
{
    if (size == 2) swap16(data, count);
    if (size == 4) swap32(data, count);
    if (size == 8) swap64(data, count);
}

/* A matrix of `rows` x `columns`: element (r, c) is at from[r + c * from_step], and goes to
 * to[r * to_step + c], counted in elements of `size` bytes. In tiles, so that both sides stay
 * in the cache. Neither side need be aligned: a body may stand anywhere. */
#define TILE 32

static inline __attribute__((always_inline)) void
transpose_sized(uint8_t *to, size_t to_step, const uint8_t *from, size_t from_step, size_t rows,
                size_t columns, const size_t size)
{
    for (size_t r0 = 0; r0 < rows; r0 += TILE)
        for (size_t c0 = 0; c0 < columns; c0 += TILE)
            for (size_t r = r0; r < rows && r < r0 + TILE; r++)
                for (size_t c = c0; c < columns && c < c0 + TILE; c++)
                    memcpy(to + (r * to_step + c) * size, from + (r + c * from_step) * size,
                           size);
}

/* With a constant size, so that an element is one load and one store. */
static void transpose(uint8_t *to, size_t to_step, const uint8_t *from, size_t from_step,
                      size_t rows, size_t columns, size_t size)
{
    if (size == 1) transpose_sized(to, to_step, from, from_step, rows, columns, 1);
    if (size == 2) transpose_sized(to, to_step, from, from_step, rows, columns, 2);
    if (size == 4) transpose_sized(to, to_step, from, from_step, rows, columns, 4);
    if (size == 8) transpose_sized(to, to_step, from, from_step, rows, columns, 8);
}

/* The next index over dimensions 1 to rank - 2, last fastest; false after the last one. */
static bool next_middle(const struct sc_tensor *t, int64_t *index)
{
    for (int i = t->rank - 2; i >= 1; i--) {
        if (++index[i] < t->dim[i]) return true;
        index[i] = 0;
    }
    return false;
}

void elements_from_fortran(const struct sc_tensor *shape, const uint8_t *columns)
{
    const size_t size = sc_dtype_size(shape->dtype);
    const int rank = shape->rank, last = rank - 1;
    int64_t from_step[SC_RANK_MAX], to_step[SC_RANK_MAX], index[SC_RANK_MAX] = {0};

    if (shape->count == 0) return;
    if (rank < 2) {
        memcpy(shape->data, columns, sc_tensor_bytes(shape));
        return;
    }
    from_step[0] = to_step[last] = 1;
    for (int i = 1; i < rank; i++) from_step[i] = from_step[i - 1] * shape->dim[i - 1];
    for (int i = last; i > 0; i--) to_step[i - 1] = to_step[i] * shape->dim[i];
    do {
        int64_t from = 0, to = 0;

        for (int i = 1; i < last; i++) {
            from += index[i] * from_step[i];
            to += index[i] * to_step[i];
        }
        transpose((uint8_t *)shape->data + (size_t)to * size, (size_t)to_step[0],
                  columns + (size_t)from * size, (size_t)from_step[last], (size_t)shape->dim[0],
                  (size_t)shape->dim[last], size);
    } while (next_middle(shape, index));
}
