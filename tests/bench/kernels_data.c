/* kernels_data.c - inputs that look like those of evaluations, and parameters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../put.h"
#include "kernels.h"

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static double unit(uint64_t seed, uint64_t i)
{
    return (double)(mix(seed * 0x100000001b3 + i) >> 11) * 0x1p-53;
}

void out_of_memory(void)
{
    fputs("kernels: out of memory\n", stderr);
    exit(2);
}

/* ---- labels ---- */

#define CELL                                                                                   \
    88 /* pixels between the seeds of regions: about one edge in 64 pixels of a row            \
        */

/* The seed of a cell, and the class of the region around it. A prediction has its seeds a few
 * pixels off, and takes some regions for others. */
static double seed_distance(bool pred, int64_t row, int64_t column, int64_t y, int64_t x)
{
    const uint64_t cell = (uint64_t)row * 65536 + (uint64_t)column;
    const double slip = pred ? 4 : 0;
    const double sy = ((double)row + unit(1, cell)) * CELL + slip * (unit(3, cell) - 0.5);
    const double sx = ((double)column + unit(2, cell)) * CELL + slip * (unit(4, cell) - 0.5);

    return (sy - (double)y) * (sy - (double)y) + (sx - (double)x) * (sx - (double)x);
}

static int64_t region_label(bool pred, int64_t labels, int64_t y, int64_t x)
{
    double best = 1e30;
    uint64_t nearest = 0;

    for (int64_t row = y / CELL - 1; row <= y / CELL + 1; row++)
        for (int64_t column = x / CELL - 1; column <= x / CELL + 1; column++) {
            const double d = seed_distance(pred, row, column, y, x);

            if (d < best) best = d, nearest = (uint64_t)row * 65536 + (uint64_t)column;
        }
    if (pred && unit(5, nearest) < 0.1) nearest++;
    return (int64_t)(mix(nearest) % (uint64_t)labels);
}

static int64_t label_at(const struct work *w, bool pred, int64_t y, int64_t x)
{
    const int64_t by = pred ? 3 : 0, bx = pred ? 5 : 0;

    switch (w->data) {
    case ONE_CLASS:
        return 1 % w->labels;
    case NOISE:
        return (int64_t)(mix((uint64_t)((pred << 30) + y) * 65536 + (uint64_t)x) %
                         (uint64_t)w->labels);
    case RECTANGLES:
        return (int64_t)(mix((uint64_t)((y + by) / 128 * 4096 + (x + bx) / 128)) %
                         (uint64_t)w->labels);
    default:
        return region_label(pred, w->labels, y, x);
    }
}

/* ---- values ---- */

static double value(const struct sc_input *input, uint64_t i, uint64_t seed)
{
    const double u = unit(seed, i);

    if (strcmp(input->values, "-1 or 1") == 0) return u < 0.5 ? -1 : 1;
    if (strcmp(input->values, "0 or 1") == 0) return u < 0.5 ? 0 : 1;
    if (strcmp(input->values, "0 to 1") == 0) return u;
    if (strcmp(input->values, "0 or more") == 0) return 4 * u;
    /* nearly normal, of deviation 2 */
    return 2 * (unit(seed + 100, i) + unit(seed + 200, i) + unit(seed + 300, i) + u - 2) /
           0.577;
}

static void fill(const struct work *w, int input, const struct sc_tensor *t)
{
    const struct sc_input *row = &w->op->input[input];
    const int64_t width = t->rank > 0 && t->dim[t->rank - 1] > 0 ? t->dim[t->rank - 1] : 1;
    const bool labels = !sc_dtype_is_float(t->dtype) && w->labels > 0;
    /* a period of values is enough: they are dear to make */
    const int64_t period = labels ? 1 << 21 : 1 << 18;

    for (int64_t i = 0; i < t->count; i++) {
        if (i >= period)
            memcpy((uint8_t *)t->data + (size_t)i * sc_dtype_size(t->dtype),
                   (uint8_t *)t->data + (size_t)(i % period) * sc_dtype_size(t->dtype),
                   sc_dtype_size(t->dtype));
        else if (labels)
            put(t, i, (double)label_at(w, input == 0, i / width, i % width));
        else
            put(t, i, value(row, (uint64_t)i, (uint64_t)input));
    }
}

void make_inputs(const struct work *w, struct sc_arena *arena, struct sc_tensors *in)
{
    *in = (struct sc_tensors){0};
    for (int i = 0; i < w->op->inputs; i++) {
        struct sc_tensor t;

        if (!w->input[i].given) continue;
        if (sc_tensor_new(&t, w->input[i].dtype, w->input[i].rank, w->input[i].dim, arena,
                          NULL) != SC_OK)
            out_of_memory();
        fill(w, i, &t);
        if (sc_tensors_add(in, w->op->input[i].name, &t, arena, NULL) != SC_OK) out_of_memory();
    }
}

/* ---- parameters ---- */

void add_args(const struct work *w, struct sc_arena *arena, struct sc_args *args)
{
    char text[200], *rest = text, *item;

    snprintf(text, sizeof text, "%s", w->args);
    while ((item = strsep(&rest, "&")) != NULL) {
        char *value = strchr(item, '=');

        if (value == NULL) continue;
        *value++ = '\0';
        if (sc_args_add_raw(args, sc_arena_strndup(arena, item, strlen(item)),
                            sc_arena_strndup(arena, value, strlen(value)), arena,
                            NULL) != SC_OK)
            out_of_memory();
    }
}
