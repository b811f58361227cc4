/* vector_math.h - exp and log of vmath.h for a vector at a time: the same operations, and so
 * the same bits in every lane (tests/unit/test_vector_math.c compares them). For loops whose
 * values are to stay in registers; a plain loop over vmath.h does elsewhere.
 *
 * Operations are the cost: each of some thirty takes half a cycle, whatever it is. So what
 * vmath.h does for arguments that a caller cannot have is left out here, as said at each. */
#pragma once

#include "vector.h"
#include "vmath.h"

/* vm_exp_rest(r, z), z = r r */
SC_POLYNOMIAL(sc_vec_exp_rest, VM_EXP_REST, sc_vec, sc_vec_all, sc_vec_fma)

/* exp's result before its power of two: sum 2^k */
struct sc_vec_power {
    sc_vec sum, k;
};

/* vm_exp(x, x_lo) */
static inline struct sc_vec_power sc_vec_exp_parts(sc_vec x, sc_vec x_lo)
{
    const sc_vec shift = sc_vec_all(0x1.8p52 + VM_BIAS);
    const sc_vec k = sc_vec_fma(x, sc_vec_all(VM_LOG2E), shift) - shift;
    const sc_vec r = sc_vec_fma(k, sc_vec_all(-VM_LN2_HEAD), x);
    const sc_vec rest = sc_vec_fma(k, sc_vec_all(-VM_LN2_TAIL), x_lo);
    const sc_vec s = r + rest, z = s * s;
    const sc_vec tail = sc_vec_fma(z, sc_vec_exp_rest(s, z), rest);
    const sc_vec one = 1.0 + r;

    return (struct sc_vec_power){.sum = one + (((1.0 - one) + r) + tail), .k = k};
}

/* sc_exp(x) for x <= 0, and for NaN */
static inline sc_vec sc_vec_exp_below(sc_vec x)
{
    const struct sc_vec_power e =
        sc_vec_exp_parts(sc_vec_max(sc_vec_all(-746.0), x), sc_vec_all(0.0));

    return sc_vec_scale(e.sum, e.k);
}

/* sc_exp_below(x, max) for x <= max, and for NaN: exp(x - max) with what x - max rounds away.
 */
static inline sc_vec sc_vec_exp_difference(sc_vec x, sc_vec max)
{
    const sc_vec d = x - max, v = x - d;
    const sc_vec lost = (x - (d + v)) + (v - max);
    const sc_vec_mask counts = sc_vec_less(sc_vec_all(-746.0), d);
    const struct sc_vec_power e = sc_vec_exp_parts(
        sc_vec_max(sc_vec_all(-746.0), d), sc_vec_select(counts, lost, sc_vec_all(0.0)));

    return sc_vec_scale(e.sum, e.k);
}

/* ---- shares of a sum in two words ---- */

/* A sum, 1 to 2^20, and what it lacks, at most 2^-30 of it; and about the inverse. */
struct sc_vec_divisor {
    sc_vec sum, rest, inverse;
    sc_vec below, above; /* the inverse, 2^-40 of it smaller and larger */
};

static inline struct sc_vec_divisor sc_vec_divisor(sc_vec sum, sc_vec rest)
{
    const sc_vec inverse = 1.0 / sum;

    return (struct sc_vec_divisor){.sum = sum,
                                   .rest = rest,
                                   .inverse = inverse,
                                   .below = inverse * (1 - 0x1p-40),
                                   .above = inverse * (1 + 0x1p-40)};
}

/* x / (sum + rest) in one fixed way, which costs two divisions. */
static inline sc_vec sc_vec_divide(sc_vec x, const struct sc_vec_divisor *by)
{
    const sc_vec q = x / by->sum;
    const sc_vec left = sc_vec_fma(-q, by->sum, x) - q * by->rest;

    return q + left / by->sum;
}

/* The same bits for 0 <= x <= 1 in `y`, without a division, but for the lanes it gives.
 *
 * Let u be an ulp of q. Any q near x / sum will do, as what it lacks is added: q + left / sum
 * is the same number for all of them, but for errors of at most 2^-48 (u + |left / sum|), that
 * is of left, which is rounded, and of q rest / sum, where q differs by 2 u at most. Adding
 * rounds to the same double, unless that is where the rounding turns. So left is multiplied by
 * less than the inverse and by more: where both give one double, what lies between gives that
 * too. Where |left / sum| < u / 8 the two are nearer to each other than the errors, but then
 * far from where the rounding turns, and q is the sum. All this holds where no digit is lost
 * below 2^-1074. */
static inline sc_vec_mask sc_vec_share(sc_vec x, const struct sc_vec_divisor *by, sc_vec *y)
{
    const sc_vec q = x * by->inverse;
    const sc_vec left = sc_vec_fma(-q, by->rest, sc_vec_fma(-q, by->sum, x));
    const sc_vec low = sc_vec_fma(left, by->below, q), high = sc_vec_fma(left, by->above, q);

    *y = low;
    return sc_vec_less(x, sc_vec_all(0x1p-900)) | sc_vec_less(low, high) |
           sc_vec_less(high, low);
}
