/* vector.c - every operation of vector.h on arrays, compiled for each level. */
#include "vector.h"

#include "../vector_ops.h"

#define PASTE(a, b) a##b
#define NAME(level) PASTE(vector_ops_, level)

void NAME(SC_ISA)(const struct vector_input *in, struct vector_output *out)
{
    for (int i = 0; i < VECTOR_LANES; i += SC_VECTOR) {
        const sc_vec a = sc_vec_load(in->a + i), b = sc_vec_load(in->b + i);
        const sc_vec c = sc_vec_load(in->c + i), k = sc_vec_load(in->k + i);
        const sc_vec_mask less = sc_vec_less(a, b);
        const sc_vec one = sc_vec_all(1), none = sc_vec_all(-0.0);

        sc_vec_store(out->load_float + i, sc_vec_load_float(in->f + i));
        sc_vec_store_float(out->round + i, sc_vec_round(a));
        sc_vec_store(out->abs + i, sc_vec_abs(a));
        sc_vec_store(out->with_sign + i, sc_vec_signed(a, b));
        sc_vec_store(out->fma + i, sc_vec_fma(a, b, c));
        sc_vec_store(out->mul_add + i, sc_vec_mul_add(a, b, c));
        sc_vec_store(out->less + i, sc_vec_select(less, one, none));
        sc_vec_store(out->min + i, sc_vec_min(a, b));
        sc_vec_store(out->max + i, sc_vec_max(a, b));
        sc_vec_store(out->scale + i, sc_vec_scale(a, k));
        out->any[i] = sc_vec_any(less);
        out->alike[i] =
            sc_vec_alike(sc_vec_round(sc_vec_load_float(in->f + i)), sc_vec_round(a));
    }
    out->lanes = SC_VECTOR;
}
