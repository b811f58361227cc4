/* data.c - inputs and parameters by the row alone, the same on every machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"

#define INPUTS_MAX 4

uint64_t mix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static double unit(uint64_t *state)
{
    return (double)(mix(state) >> 11) * 0x1p-53;
}

/* Powers of two alone scale, so that no rounding of a library comes in. */
static double value(enum values kind, uint64_t *state)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 0, -0.0};
    const double u = unit(state);

    if (kind == UNIT) return u;
    if (kind == ODD && mix(state) % 61 == 0) return odd[mix(state) % 5];
    return ldexp(u * 16 - 8, mix(state) % 5 == 0 ? (int)(mix(state) % 40) - 30 : 0);
}

static void put(struct sc_tensor *t, int64_t i, double v)
{
    switch (t->dtype) {
    case SC_FLOAT64:
        ((double *)t->data)[i] = v;
        break;
    case SC_FLOAT32:
        ((float *)t->data)[i] = (float)v;
        break;
    case SC_FLOAT16:
        ((uint16_t *)t->data)[i] = sc_to_float16_from_double(v);
        break;
    case SC_BFLOAT16:
        ((uint16_t *)t->data)[i] = sc_to_bfloat16_from_double(v);
        break;
    case SC_UINT16:
    case SC_INT16:
        ((uint16_t *)t->data)[i] = (uint16_t)v;
        break;
    case SC_UINT32:
    case SC_INT32:
        ((uint32_t *)t->data)[i] = (uint32_t)v;
        break;
    case SC_UINT64:
    case SC_INT64:
        ((uint64_t *)t->data)[i] = (uint64_t)v;
        break;
    default:
        ((uint8_t *)t->data)[i] = (uint8_t)v;
        break;
    }
}

static void fill(struct sc_tensor *t, enum values kind, uint64_t *state)
{
    const uint64_t labels = t->dtype == SC_BOOL || kind == UNIT ? 2 : LABELS;

    for (int64_t i = 0; i < t->count; i++)
        put(t, i,
            sc_dtype_is_float(t->dtype) ? value(kind, state) : (double)(mix(state) % labels));
}

void out_of_memory(void)
{
    fputs("bits: out of memory\n", stderr);
    exit(2);
}

/* The shape of input `i`: the first; as the first or without dim 1; [C] or as the first. */
static int shape_of(const struct sample *s, int i, int64_t *dim)
{
    const bool indices = i == 1 && s->style == INDEX;
    int rank = 0;

    if (i >= 1 && !s->op->input[i].required && strcmp(s->op->input[i].shape, "[C]") == 0) {
        dim[0] = s->rank == 1 ? s->dim[0] : s->dim[1];
        return 1;
    }
    for (int d = 0; d < s->rank; d++)
        if (!indices || (s->rank > 1 && d != 1)) dim[rank++] = s->dim[d];
    return rank;
}

enum sc_dtype dtype_of(const struct sample *s, int i)
{
    return i < 2 && (s->op->input[i].dtypes >> s->dtype[i] & 1) ? s->dtype[i] : s->dtype[0];
}

void make_inputs(const struct sample *s, struct sc_arena *arena, struct sc_tensors *in)
{
    uint64_t state = (uint64_t)s->rank * 1000003 + (uint64_t)s->dim[s->rank - 1];

    *in = (struct sc_tensors){0};
    for (int i = 0; i < s->op->inputs && i < INPUTS_MAX; i++) {
        int64_t dim[SC_RANK_MAX];
        struct sc_tensor t;

        if (!s->op->input[i].required && !s->optional) continue;
        if (sc_tensor_new(&t, dtype_of(s, i), shape_of(s, i, dim), dim, arena, NULL) != SC_OK ||
            sc_tensors_add(in, s->op->input[i].name, &t, arena, NULL) != SC_OK)
            out_of_memory();
        fill(&in->item[in->count - 1].tensor, i < 2 ? s->values : UNIT, &state);
    }
}

void make_args(const struct sample *s, struct sc_arena *arena, struct sc_args *args)
{
    *args = (struct sc_args){0};
    for (int i = 0; i < s->sets; i++)
        if (sc_args_add_raw(args, s->set[i].name, s->set[i].text, arena, NULL) != SC_OK)
            out_of_memory();
}
