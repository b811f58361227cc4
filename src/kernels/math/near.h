/* near.h - activations to 38 bits: enough to round to float32, but for a few arguments.
 *
 * A float32 result is the exact path's float64 (vmath.h), rounded. Where `y` is so near to that
 * that y - off and y + off round to one float32, that is the result too, bit for bit; elsewhere
 * the exact path is asked (elementwise.inc). So these need no pairs, fewer terms and a cheap
 * quotient, and their own bits are free: they may differ from level to level.
 *
 * Each has two parts, f_first and f: one long chain of operations would fill the processor's
 * window before it reaches the next vector, so each part has a loop of its own.
 *
 * What each promises: where y is a number, |y - exact| <= off / 2, and y has its sign. NaN
 * says: ask the exact path. float32 arguments, all of them, have been tried
 * (tests/near). */
#pragma once

#include "polynomial.h"
#include "vector.h"

struct sc_near {
    sc_vec y, off;
};

#define SC_NEAR 0x1p-38

/* A polynomial of coefficients.h: name(x, z), z = x x. */
#define SC_NEAR_POLYNOMIAL(name, LIST)                                                         \
    SC_POLYNOMIAL(name, LIST, sc_vec, sc_vec_all, sc_vec_mul_add)

static inline struct sc_near sc_near(sc_vec y)
{
    return (struct sc_near){.y = y, .off = y * SC_NEAR};
}

/* x in [-bound, bound]; NaN stays. */
static inline sc_vec sc_near_clamp(sc_vec x, double bound)
{
    return sc_vec_max(sc_vec_all(-bound), sc_vec_min(sc_vec_all(bound), x));
}

/* ---- e^x ---- */

/* e^x = power (1 + rise), power = 2^k, |rise| < 0.42 */
struct sc_near_exp {
    sc_vec power, rise;
};

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2, to 2^-43.5 of e^r - 1; z = r r */
SC_NEAR_POLYNOMIAL(sc_near_exp_rest, SC_NEAR_EXP_REST)

/* x = k ln 2 + r, |r| < ln 2 / 2, and 2^k; for |x| < 700, or NaN. */
struct sc_near_split {
    sc_vec power, k;
};

static inline struct sc_near_split sc_near_split(sc_vec x)
{
    /* Adding 1.5 2^52 rounds to an integer, and leaves k + 1023 in the low bits. */
    const sc_vec shift = sc_vec_all(0x1.8p52 + 1023);
    const sc_vec shifted = sc_vec_mul_add(x, sc_vec_all(VM_LOG2E), shift);

    return (struct sc_near_split){.power = (sc_vec)((sc_vec_bits)shifted << 52),
                                  .k = shifted - shift};
}

static inline struct sc_near_exp sc_near_parts(sc_vec x)
{
    const struct sc_near_split s = sc_near_split(x);
    const sc_vec r = sc_vec_mul_add(s.k, sc_vec_all(-VM_LN2), x), z = r * r;

    return (struct sc_near_exp){
        .power = s.power,
        .rise = sc_vec_mul_add(z, sc_near_exp_rest(r, z), r),
    };
}

static inline sc_vec sc_near_exp(sc_vec x)
{
    const struct sc_near_exp e = sc_near_parts(x);

    return sc_vec_mul_add(e.power, e.rise, e.power);
}

/* e^x - 1 */
static inline sc_vec sc_near_expm1(sc_vec x)
{
    const struct sc_near_exp e = sc_near_parts(x);

    return sc_vec_mul_add(e.power, e.rise, e.power - 1.0);
}

/* ---- sigmoids ---- */

#define SC_NEAR_FAR 150.0 /* e^-150 is 0 in float32 */

static inline sc_vec sc_near_sigmoid_first(sc_vec x)
{
    return sc_near_exp(-sc_near_clamp(x, SC_NEAR_FAR));
}

static inline struct sc_near sc_near_sigmoid(sc_vec x, sc_vec e)
{
    (void)x;
    return sc_near(1.0 / (1.0 + e));
}

static inline sc_vec sc_near_tanh_first(sc_vec x)
{
    return sc_near_expm1(2.0 * sc_near_clamp(x, 12.0));
}

static inline struct sc_near sc_near_tanh(sc_vec x, sc_vec e)
{
    return sc_near(sc_vec_signed(e / (e + 2.0), x));
}

/* x / (1 + e^-x) */
static inline sc_vec sc_near_silu_first(sc_vec x)
{
    return sc_near_sigmoid_first(x);
}

static inline struct sc_near sc_near_silu(sc_vec x, sc_vec e)
{
    return sc_near(sc_vec_max(sc_vec_all(-SC_NEAR_FAR), x) / (1.0 + e));
}

#define SC_NEAR_GELU_TANH_FAR 12.0 /* there v is 142 */

/* v = 2 sqrt(2/pi) (x + 0.044715 x^3) */
static inline sc_vec sc_near_gelu_tanh_first(sc_vec x)
{
    const sc_vec in = sc_near_clamp(x, SC_NEAR_GELU_TANH_FAR);
    const sc_vec slope =
        sc_vec_mul_add(in * in, sc_vec_all(VM_GELU_C3_HEAD), sc_vec_all(VM_GELU_C1));

    return sc_near_exp(-(in * slope));
}

static inline struct sc_near sc_near_gelu_tanh(sc_vec x, sc_vec e)
{
    return sc_near(sc_vec_max(sc_vec_all(-SC_NEAR_GELU_TANH_FAR), x) / (1.0 + e));
}

/* tanh(log(1 + e^x)) = n / (n + 2), n = e^x (e^x + 2): nothing cancels */
static inline sc_vec sc_near_mish_first(sc_vec x)
{
    return sc_near_exp(sc_vec_max(sc_vec_all(-SC_NEAR_FAR), sc_vec_min(sc_vec_all(40.0), x)));
}

static inline struct sc_near sc_near_mish(sc_vec x, sc_vec e)
{
    const sc_vec n = e * (e + 2.0);

    return sc_near(sc_vec_max(sc_vec_all(-SC_NEAR_FAR), x) * n / (n + 2.0));
}

/* ---- elu ---- */

static inline sc_vec sc_near_elu_first(sc_vec x)
{
    return sc_near_expm1(sc_near_clamp(x, SC_NEAR_FAR));
}

/* below (e^x - 1) for x < 0, else above x; no factor may be 0: the sign of the result is not
 * told */
static inline struct sc_near sc_near_elu(sc_vec x, sc_vec e, double below, double above)
{
    return sc_near(sc_vec_select(sc_vec_less(x, sc_vec_all(0.0)), below * e, above * x));
}

/* ---- gelu ---- */

/* e^(a^2/2) Q(a) = num / den, Q the upper tail of the normal, for 0 <= a <= 15; to 2^-45.3. All
 * coefficients are positive: nothing cancels. z = a a */
SC_NEAR_POLYNOMIAL(sc_near_tail_num, SC_NEAR_TAIL_NUM)
SC_NEAR_POLYNOMIAL(sc_near_tail_den, SC_NEAR_TAIL_DEN)

/* a = |x| up to where Q(a) is 0 in float32 */
static inline sc_vec sc_near_gelu_size(sc_vec x)
{
    return sc_vec_min(sc_vec_all(15.0), sc_vec_abs(x));
}

static inline sc_vec sc_near_gelu_first(sc_vec x)
{
    const sc_vec a = sc_near_gelu_size(x);

    return sc_near_exp(-0.5 * (a * a));
}

/* x Phi(x) = max(x, 0) - a Q(a) */
static inline struct sc_near sc_near_gelu(sc_vec x, sc_vec e)
{
    const sc_vec a = sc_near_gelu_size(x), z = a * a;
    const sc_vec tail = a * sc_near_tail_num(a, z) / sc_near_tail_den(a, z);

    return sc_near(sc_vec_mul_add(-tail, e, sc_vec_max(sc_vec_all(0.0), x)));
}
