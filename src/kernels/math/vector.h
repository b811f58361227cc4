/* vector.h - vectors of float64 as wide as the level has them, for what loops do not become by
 * themselves: a value kept from the load to the store, without arrays between.
 *
 * +, -, *, / and comparisons of bits are the compilers' own, lane by lane, also with a number
 * on one side. Each function below gives the bits of its plain version, at the end, at every
 * level; only sc_vec_mul_add may differ, and serves approximations alone. */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <immintrin.h>
#define SC_VECTOR 8 /* lanes */
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define SC_VECTOR 4
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define SC_VECTOR 2
#else
#define SC_VECTOR       2
#define SC_VECTOR_PLAIN 1 /* no fma: sc_vec_fma is right, but slow */
#endif

typedef double sc_vec __attribute__((vector_size(SC_VECTOR * sizeof(double))));
typedef uint64_t sc_vec_bits __attribute__((vector_size(SC_VECTOR * sizeof(double))));
typedef float sc_vec_float __attribute__((vector_size(SC_VECTOR * sizeof(float))));

/* Which lanes something holds for. */
#if SC_VECTOR == 8
typedef __mmask8 sc_vec_mask;
#else
typedef int64_t sc_vec_mask __attribute__((vector_size(SC_VECTOR * sizeof(double))));
#endif

/* ---- what needs no instruction by name ---- */

static inline sc_vec sc_vec_all(double x)
{
    return x - (sc_vec){0}; /* keeps -0 and NaN */
}

static inline sc_vec sc_vec_load(const double *from)
{
    sc_vec x;

    memcpy(&x, from, sizeof x);
    return x;
}

static inline void sc_vec_store(double *to, sc_vec x)
{
    memcpy(to, &x, sizeof x);
}

static inline void sc_vec_store_float(float *to, sc_vec_float x)
{
    memcpy(to, &x, sizeof x);
}

/* Each rounded to float32. */
static inline sc_vec_float sc_vec_round(sc_vec x)
{
    return __builtin_convertvector(x, sc_vec_float);
}

#define SC_VEC_SIGN (UINT64_C(1) << 63)

static inline sc_vec sc_vec_abs(sc_vec x)
{
    return (sc_vec)((sc_vec_bits)x & ~SC_VEC_SIGN);
}

/* |size| with the sign of `sign`. */
static inline sc_vec sc_vec_signed(sc_vec size, sc_vec sign)
{
    return (sc_vec)(((sc_vec_bits)size & ~SC_VEC_SIGN) | ((sc_vec_bits)sign & SC_VEC_SIGN));
}

/* ---- what does: AVX-512, AVX2 with FMA, NEON, none ---- */

/* sc_vec_load_float  float32, as float64
 * sc_vec_fma         a b + c, rounded once
 * sc_vec_mul_add     a b + c, rounded once or twice
 * sc_vec_less        a < b; not where one is NaN
 * sc_vec_select      `yes` in the lanes of the mask, else `no`
 * sc_vec_any         is there a lane?
 * sc_vec_alike       are all lanes of both the same number? NaN is none
 * sc_vec_min, _max   a < b ? a : b, a > b ? a : b: b where one is NaN
 * sc_vec_scale       x 2^k, rounded once; k whole numbers, -2044 to 1024 */

#if SC_VECTOR == 8

static inline sc_vec sc_vec_load_float(const float *from)
{
    return (sc_vec)_mm512_cvtps_pd(_mm256_loadu_ps(from));
}

static inline sc_vec sc_vec_fma(sc_vec a, sc_vec b, sc_vec c)
{
    return (sc_vec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

static inline sc_vec_mask sc_vec_less(sc_vec a, sc_vec b)
{
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ);
}

static inline sc_vec sc_vec_select(sc_vec_mask mask, sc_vec yes, sc_vec no)
{
    return (sc_vec)_mm512_mask_blend_pd(mask, (__m512d)no, (__m512d)yes);
}

static inline bool sc_vec_any(sc_vec_mask mask)
{
    return mask != 0;
}

static inline bool sc_vec_alike(sc_vec_float a, sc_vec_float b)
{
    return _mm256_cmp_ps_mask((__m256)a, (__m256)b, _CMP_NEQ_UQ) == 0;
}

static inline sc_vec sc_vec_min(sc_vec a, sc_vec b)
{
    return (sc_vec)_mm512_min_pd((__m512d)a, (__m512d)b);
}

static inline sc_vec sc_vec_max(sc_vec a, sc_vec b)
{
    return (sc_vec)_mm512_max_pd((__m512d)a, (__m512d)b);
}

static inline sc_vec sc_vec_scale(sc_vec x, sc_vec k)
{
    return (sc_vec)_mm512_scalef_pd((__m512d)x, (__m512d)k);
}

#elif SC_VECTOR == 4

static inline sc_vec sc_vec_load_float(const float *from)
{
    return (sc_vec)_mm256_cvtps_pd(_mm_loadu_ps(from));
}

static inline sc_vec sc_vec_fma(sc_vec a, sc_vec b, sc_vec c)
{
    return (sc_vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

static inline sc_vec sc_vec_select(sc_vec_mask mask, sc_vec yes, sc_vec no)
{
    return (sc_vec)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)mask);
}

static inline bool sc_vec_any(sc_vec_mask mask)
{
    return _mm256_movemask_pd((__m256d)mask) != 0;
}

static inline bool sc_vec_alike(sc_vec_float a, sc_vec_float b)
{
    return _mm_movemask_ps(_mm_cmp_ps((__m128)a, (__m128)b, _CMP_NEQ_UQ)) == 0;
}

static inline sc_vec sc_vec_min(sc_vec a, sc_vec b)
{
    return (sc_vec)_mm256_min_pd((__m256d)a, (__m256d)b);
}

static inline sc_vec sc_vec_max(sc_vec a, sc_vec b)
{
    return (sc_vec)_mm256_max_pd((__m256d)a, (__m256d)b);
}

#elif !defined(SC_VECTOR_PLAIN)

static inline sc_vec sc_vec_load_float(const float *from)
{
    return (sc_vec)vcvt_f64_f32(vld1_f32(from));
}

static inline sc_vec sc_vec_fma(sc_vec a, sc_vec b, sc_vec c)
{
    return (sc_vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

static inline sc_vec sc_vec_select(sc_vec_mask mask, sc_vec yes, sc_vec no)
{
    return (sc_vec)vbslq_f64((uint64x2_t)mask, (float64x2_t)yes, (float64x2_t)no);
}

#else

static inline sc_vec sc_vec_load_float(const float *from)
{
    return (sc_vec){from[0], from[1]};
}

static inline sc_vec sc_vec_fma(sc_vec a, sc_vec b, sc_vec c)
{
    return (sc_vec){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
}

static inline sc_vec sc_vec_select(sc_vec_mask mask, sc_vec yes, sc_vec no)
{
    return (sc_vec)(((sc_vec_bits)mask & (sc_vec_bits)yes) |
                    (~(sc_vec_bits)mask & (sc_vec_bits)no));
}

#endif

/* ---- the plain version, where the level has no better ---- */

#if SC_VECTOR != 8

static inline sc_vec_mask sc_vec_less(sc_vec a, sc_vec b)
{
    return a < b;
}

/* k in two halves, each the exponent of a normal number. */
static inline sc_vec sc_vec_scale(sc_vec x, sc_vec k)
{
    const sc_vec_bits biased = (sc_vec_bits)(k + (0x1.8p52 + 2046.0)) & 0xfff;
    const sc_vec_bits half = biased >> 1;

    return x * (sc_vec)(half << 52) * (sc_vec)((biased - half) << 52);
}

#endif

#if SC_VECTOR == 2

static inline bool sc_vec_any(sc_vec_mask mask)
{
    return (mask[0] | mask[1]) != 0;
}

static inline bool sc_vec_alike(sc_vec_float a, sc_vec_float b)
{
    return a[0] == b[0] && a[1] == b[1];
}

static inline sc_vec sc_vec_min(sc_vec a, sc_vec b)
{
    return sc_vec_select(a < b, a, b);
}

static inline sc_vec sc_vec_max(sc_vec a, sc_vec b)
{
    return sc_vec_select(a > b, a, b);
}

#endif

static inline sc_vec sc_vec_mul_add(sc_vec a, sc_vec b, sc_vec c)
{
#ifdef SC_VECTOR_PLAIN
    return a * b + c;
#else
    return sc_vec_fma(a, b, c);
#endif
}
