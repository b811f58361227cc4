/* data.c - inputs and parameters by the row alone, the same on every machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../put.h"
#include "bits.h"

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
static double free_value(enum values kind, uint64_t *state)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 0, -0.0};
    const double u = unit(state);

    if (kind == UNIT) return u;
    if (kind == ODD && mix(state) % 61 == 0) return odd[mix(state) % 5];
    return ldexp(u * 16 - 8, mix(state) % 5 == 0 ? (int)(mix(state) % 40) - 30 : 0);
}

/* A value that the rule of the input allows. */
static double value(const struct sc_input *input, enum values kind, uint64_t *state)
{
    static const double ends[] = {0, 1, -0.0, NAN};
    const bool end = kind == ODD && mix(state) % 23 == 0;

    if (kind == BITS) return (double)(mix(state) % 2);
    if (strcmp(input->values, "-1 or 1") == 0) return mix(state) % 2 ? 1 : -1;
    if (strcmp(input->values, "0 or 1") == 0) return (double)(mix(state) % 2);
    if (strcmp(input->values, "0 to 1") == 0) return end ? ends[mix(state) % 4] : unit(state);
    if (strcmp(input->values, "0 or more") == 0) return fabs(free_value(kind, state));
    return free_value(input->required ? kind : kind == ODD ? WIDE : UNIT, state);
}

/* The same for integers; those without a rule are labels. */
static double integer(const struct sc_input *input, enum sc_dtype dtype, enum values kind,
                      uint64_t *state)
{
    const bool sign = kind != BITS && strcmp(input->values, "-1 or 1") == 0;
    const bool two = kind == BITS || kind == UNIT || dtype == SC_BOOL ||
                     input->values[0] == '0';
    const uint64_t draw = mix(state);

    if (sign) return sc_dtype_kind(dtype) == 'i' && draw % 2 ? -1 : 1;
    return (double)(draw % (two ? 2 : LABELS));
}

static void fill(const struct sc_input *input, enum values kind, uint64_t *state,
                 struct sc_tensor *t)
{
    for (int64_t i = 0; i < t->count; i++)
        put(t, i,
            sc_dtype_is_float(t->dtype) ? value(input, kind, state)
                                        : integer(input, t->dtype, kind, state));
}

void out_of_memory(void)
{
    fputs("bits: out of memory\n", stderr);
    exit(2);
}

int shape_of(const struct sample *s, int i, int64_t *dim)
{
    const int axis = s->rank > 1 ? 1 : 0;
    int rank = 0;

    switch (s->form[i]) {
    case ONE:
        dim[0] = 1;
        return 1;
    case CLASS:
    case LAST:
        dim[0] = s->rank == 0 ? 1 : s->dim[s->form[i] == LAST ? s->rank - 1 : axis];
        return 1;
    default:
        for (int d = 0; d < s->rank; d++)
            if (s->form[i] != INDEX || d != axis)
                dim[rank++] = s->form[i] == CHANNEL && d != axis ? 1 : s->dim[d];
        return rank;
    }
}

static void make_input(const struct sample *s, int i, uint64_t *state, struct sc_arena *arena,
                       struct sc_tensors *in)
{
    const struct sc_input *input = &s->op->input[i];
    int64_t dim[SC_RANK_MAX];
    struct sc_tensor t;
    const int rank = shape_of(s, i, dim);

    if (sc_tensor_new(&t, s->dtype[i], rank, dim, arena, NULL) != SC_OK) out_of_memory();
    fill(input, s->values, state, &t);
    if (sc_tensors_add(in, input->name, &t, arena, NULL) != SC_OK) out_of_memory();
}

void make_inputs(const struct sample *s, struct sc_arena *arena, struct sc_tensors *in)
{
    uint64_t state = s->seed;

    *in = (struct sc_tensors){0};
    for (int image = 0; image < s->images; image++)
        for (int i = 0; i < s->op->inputs; i++)
            if (s->given[i] && (image == 0 || s->op->input[i].repeated))
                make_input(s, i, &state, arena, in);
}

void make_args(const struct sample *s, struct sc_arena *arena, struct sc_args *args)
{
    *args = (struct sc_args){0};
    for (int i = 0; i < s->sets; i++)
        if (sc_args_add_raw(args, s->set[i].name, s->set[i].text, arena, NULL) != SC_OK)
            out_of_memory();
}
