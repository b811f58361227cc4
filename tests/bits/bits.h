/* bits.h - inside tests/bits: one combination of an operation, inputs and parameters. */
#pragma once

#include "score.h"

#define INPUTS_MAX 4
#define LABELS     4 /* integers without a rule are labels below this */

/* UNIT: [0, 1]; WIDE: both signs, many scales; ODD: NaN, infinities and zeros too; BITS: 0
 * and 1. What an input's `values` demands comes before, but for BITS. */
enum values { UNIT, WIDE, ODD, BITS, VALUES };

/* Shapes of a further input, against the first: as it, without dim 1, [C], [1], its last
 * dimension, or 1 on all dimensions but dim 1. */
enum form { SAME, INDEX, CLASS, ONE, LAST, CHANNEL, FORMS };

struct setting {
    const char *name;
    char text[32];
};

struct sample {
    const struct sc_op *op;
    uint64_t seed;
    int rank;
    const int64_t *dim;
    enum values values;
    enum form form[INPUTS_MAX];
    enum sc_dtype dtype[INPUTS_MAX];
    bool given[INPUTS_MAX];
    int images; /* how often repeated inputs come */
    struct setting set[24];
    int sets;
};

/* What a sample has to show; each goal of a row must be reached. A negative member is free. */
struct goal {
    const char *name;
    int shape, values;
    int input, dtype; /* this input is there; with this dtype */
    int param, option;
    int gradient; /* the report has the gradient by this input */
    bool merged;  /* states were cut and merged */
    bool needed;
};

/* goals.c: the goals of a row, one after the other from 0 on; false: there are no more. */
bool goal_of(const struct sc_op *op, int number, struct goal *out);

/* draw.c: a sample for a goal, by a hash; and the k-th value to try of a parameter. */
#define SHAPES_TINY  12
#define SHAPES_SMALL 14
#define SHAPES_ALL   19
void draw(const struct sc_op *op, const struct goal *goal, uint64_t seed, struct sample *out);
bool option_of(const struct sc_param *p, int k, struct setting *out);

/* data.c: inputs and parameters of a sample, the same on every machine. */
uint64_t mix(uint64_t *state);
int shape_of(const struct sample *s, int input, int64_t *dim);
void make_inputs(const struct sample *s, struct sc_arena *arena, struct sc_tensors *in);
void make_args(const struct sample *s, struct sc_arena *arena, struct sc_args *args);
void out_of_memory(void);

/* hash.c: of all values. NaNs hash alike, since their bits are part of no reply. */
uint64_t hash_report(const struct sc_report *r);

/* batches.c: all bytes of the saved state, for any cut of the samples into batches. False: the
 * samples cannot be cut. */
bool same_in_batches(const struct sample *s, int times);

/* main.c */
void check(bool good, const struct sample *s, const char *what);
