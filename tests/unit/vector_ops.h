/* vector_ops.h - what isa/vector.c is given and gives. */
#pragma once

#include <stdbool.h>

#define VECTOR_LANES 8 /* a multiple of the lanes of every level */

struct vector_input {
    double a[VECTOR_LANES], b[VECTOR_LANES], c[VECTOR_LANES];
    double k[VECTOR_LANES]; /* whole, -2044 to 1024 */
    float f[VECTOR_LANES];
};

struct vector_output {
    int lanes;
    double load_float[VECTOR_LANES], abs[VECTOR_LANES], with_sign[VECTOR_LANES];
    double fma[VECTOR_LANES], mul_add[VECTOR_LANES], less[VECTOR_LANES];
    double min[VECTOR_LANES], max[VECTOR_LANES], scale[VECTOR_LANES];
    float round[VECTOR_LANES];
    bool any[VECTOR_LANES], alike[VECTOR_LANES];
};

typedef void vector_ops_fn(const struct vector_input *in, struct vector_output *out);

vector_ops_fn vector_ops_v1, vector_ops_v3, vector_ops_v4, vector_ops_arm64;
