/* bits.h - inside tests/bits: one combination of an operation, inputs and parameters. */
#pragma once

#include "score.h"

#define LABELS                                                                                 \
    4 /* every integer input is a label below this, and num_classes where it is asked */

enum style {
    SAME,
    INDEX,
    STYLES
}; /* the second input: shaped as the first, or without dim 1 */
enum values { UNIT, WIDE, ODD, VALUES }; /* [0, 1]; both signs, many scales; NaN, inf, 0 too */

struct setting {
    const char *name;
    char text[32];
};

struct sample {
    const struct sc_op *op;
    int rank;
    const int64_t *dim;
    enum style style;
    enum values values;
    enum sc_dtype dtype[2]; /* of the first input, and of the second */
    bool optional;          /* with the inputs that are not required */
    struct setting set[24];
    int sets;
};

/* data.c: inputs and parameters of a sample, the same on every machine. */
uint64_t mix(uint64_t *state);
enum sc_dtype dtype_of(const struct sample *s, int input);
void make_inputs(const struct sample *s, struct sc_arena *arena, struct sc_tensors *in);
void make_args(const struct sample *s, struct sc_arena *arena, struct sc_args *args);
void out_of_memory(void);

/* hash.c: of all values. NaNs hash alike, since their bits are part of no reply. */
uint64_t hash_report(const struct sc_report *r);

/* batches.c: all bytes of the saved state, for any cut of the samples into batches. */
void same_in_batches(const struct sample *s);

/* main.c */
void check(bool good, const struct sample *s, const char *what);
