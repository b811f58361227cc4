/* eight_read.h - eight numbers of a piece at once: their digits, and digits * 10^exponent. */
#pragma once

#include "eight.h"
#include "runs.h"

#ifdef HAVE_RUNS

/* A lane that is not `known` has too many digits. */
struct eight {
    __m512i digits, exponent;
    __mmask8 negative, known;
};

/* 32 digits each of two numbers that end there, without those of `mask` not taken, as 16
 * numbers below 10^4. */
static inline __m512i eight_fours(const uint8_t *digit, const uint16_t *end,
                                  const uint32_t *mask)
{
    const __m512i two = _mm512_inserti64x4(_mm512_castsi256_si512(digits_load(digit + end[0])),
                                           digits_load(digit + end[1]), 1);
    __mmask64 taken;

    memcpy(&taken, mask, sizeof taken);
    return _mm512_madd_epi16(
        _mm512_maddubs_epi16(_mm512_maskz_mov_epi8(taken, two), _mm512_set1_epi16(0x010a)),
        _mm512_set1_epi32(0x00010064));
}

/* Numbers i to i + 7. */
static inline struct eight eight_of(const struct runs *r, int i)
{
    const uint16_t *end = r->end + 1 + i;
    const __m128i ends = _mm_loadu_si128((const void *)end);
    const __m256i count =
        _mm256_cvtepu16_epi32(_mm_sub_epi16(ends, _mm_loadu_si128((const void *)(end - 1))));
    __m128i places = _mm_sub_epi16(_mm_loadu_si128((const void *)(r->whole + i)), ends);
    const __m512i eights = _mm512_set1_epi32(0x00012710);
    __m512i fours[4], low, high, above, below;
    uint32_t mask[8];
    struct eight e = {.negative = r->negative[i / 8]};

    _mm256_storeu_si256((void *)mask,
                        _mm256_sllv_epi32(_mm256_set1_epi32(-1),
                                          _mm256_sub_epi32(_mm256_set1_epi32(32), count)));
    for (int k = 0; k < 4; k++) fours[k] = eight_fours(r->digit, end + 2 * k, mask + 2 * k);
    low = _mm512_madd_epi16(_mm512_packus_epi32(fours[0], fours[1]), eights);
    high = _mm512_madd_epi16(_mm512_packus_epi32(fours[2], fours[3]), eights);
    above = _mm512_permutex2var_epi64(low, _mm512_set_epi64(13, 9, 12, 8, 5, 1, 4, 0), high);
    below = _mm512_permutex2var_epi64(low, _mm512_set_epi64(15, 11, 14, 10, 7, 3, 6, 2), high);
    above = _mm512_ror_epi64(above, 32); /* the first digits in the upper half: zeros, mostly */
    e.known = _mm256_cmple_epu32_mask(count, _mm256_set1_epi32(RUN_MAX)) &
              _mm512_cmple_epu64_mask(above, _mm512_set1_epi64(1843));
    e.digits = _mm512_add_epi64(
        _mm512_mullo_epi64(above, _mm512_set1_epi64(INT64_C(10000000000000000))),
        _mm512_add_epi64(_mm512_mul_epu32(below, _mm512_set1_epi64(100000000)),
                         _mm512_srli_epi64(below, 32)));
    if (r->exponents)
        places = _mm_add_epi16(places, _mm_loadu_si128((const void *)(r->exponent + i)));
    e.exponent = _mm512_cvtepi16_epi64(places);
    return e;
}

/* 10^-n, n from 0 to 31, in registers: what numbers without exponents need. */
struct eight_powers {
    __m512i high[4];
};

static inline struct eight_powers eight_powers(void)
{
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    struct eight_powers p;

    for (int i = 0; i < 4; i++) {
        const struct power10 *from = power10_table - POWER10_MIN - 31 + 8 * i;

        p.high[i] = _mm512_permutex2var_epi64(_mm512_loadu_si512(from), even,
                                              _mm512_loadu_si512(from + 4));
    }
    return p;
}

/* Upper halves of 10^q; `in`: where there is one. */
static inline __m512i eight_power(const struct eight_powers *p, __m512i q, __mmask8 *in)
{
    const __m512i near = _mm512_add_epi64(q, _mm512_set1_epi64(31));
    const __m512i place = _mm512_sub_epi64(q, _mm512_set1_epi64(POWER10_MIN));

    *in = _mm512_cmple_epu64_mask(near, _mm512_set1_epi64(31));
    if (*in == UINT8_MAX)
        return _mm512_mask_mov_epi64(_mm512_permutex2var_epi64(p->high[0], near, p->high[1]),
                                     _mm512_test_epi64_mask(near, _mm512_set1_epi64(16)),
                                     _mm512_permutex2var_epi64(p->high[2], near, p->high[3]));
    *in = _mm512_cmple_epu64_mask(place, _mm512_set1_epi64(POWER10_MAX - POWER10_MIN));
    return _mm512_mask_i64gather_epi64(place, *in, _mm512_add_epi64(place, place),
                                       (const void *)power10_table, 8);
}

/* quick_scale: bits without the sign; `done` gets the lanes where that is true. */
static inline __m512i eight_scale(const struct eight *e, const struct eight_powers *p,
                                  int fraction, int exponent_max, __mmask8 *done)
{
    const __m512i one = _mm512_set1_epi64(1);
    __mmask8 in;
    const __m512i power = eight_power(p, e->exponent, &in);
    const __m512i shift = _mm512_lzcnt_epi64(e->digits);
    const __m512i high = eight_multiply(_mm512_sllv_epi64(e->digits, shift), power);
    const __m512i top = _mm512_srli_epi64(high, 63);
    const __m512i cut = _mm512_add_epi64(top, _mm512_set1_epi64(61 - fraction));
    const __m512i mask = _mm512_sub_epi64(_mm512_sllv_epi64(one, cut), one);
    const __m512i rest = _mm512_and_si512(_mm512_add_epi64(high, one), mask);
    const __m512i tens = _mm512_srai_epi64(
        _mm512_mul_epi32(e->exponent, _mm512_set1_epi64(POWER10_LOG2)), POWER10_LOG2_BITS);
    const __m512i biased =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_sub_epi64(tens, shift), top),
                         _mm512_set1_epi64(64 + exponent_max / 2 - 2));
    const __m512i rounded =
        _mm512_srli_epi64(_mm512_add_epi64(_mm512_srlv_epi64(high, cut), one), 1);

    *done = e->known & in & _mm512_cmpgt_epu64_mask(rest, one) &
            _mm512_cmplt_epu64_mask(biased, _mm512_set1_epi64(exponent_max - 3));
    return _mm512_add_epi64(_mm512_slli_epi64(biased, (unsigned)fraction), rounded);
}

/* Which have digits that a double holds, and a power that one holds to divide them by? */
static inline __mmask8 eight_small(const struct eight *e)
{
    const __m512i places = _mm512_sub_epi64(_mm512_setzero_si512(), e->exponent);

    return e->known & _mm512_cmple_epu64_mask(e->digits, _mm512_set1_epi64(INT64_C(1) << 53)) &
           _mm512_cmple_epu64_mask(places, _mm512_set1_epi64(22));
}

/* The magnitudes of these, rounded once. */
static inline __m512d eight_divide(const struct eight *e, __mmask8 small)
{
    const __m512i places = _mm512_sub_epi64(_mm512_setzero_si512(), e->exponent);
    const __mmask8 far = small & _mm512_cmpgt_epu64_mask(places, _mm512_set1_epi64(15));
    __m512d power = _mm512_permutex2var_pd(_mm512_loadu_pd(power10_double), places,
                                           _mm512_loadu_pd(power10_double + 8));

    if (far != 0) power = _mm512_mask_i64gather_pd(power, far, places, power10_double, 8);
    return _mm512_div_pd(_mm512_cvtepu64_pd(e->digits), power);
}

/* Stores the doubles of `lanes`; gives those of them that are left open. */
static inline unsigned eight_doubles(const struct eight *e, const struct eight_powers *p,
                                     __mmask8 lanes, double *out)
{
    const __mmask8 small = eight_small(e);
    __m512i bits = _mm512_setzero_si512();
    __mmask8 done = 0;

    if (small != UINT8_MAX) bits = eight_scale(e, p, 52, 0x7ff, &done);
    if (done != UINT8_MAX)
        bits = _mm512_mask_mov_epi64(bits, small, _mm512_castpd_si512(eight_divide(e, small)));
    bits = _mm512_mask_or_epi64(bits, e->negative, bits, _mm512_set1_epi64(INT64_MIN));
    _mm512_mask_storeu_epi64(out, lanes, bits);
    return lanes & ~(unsigned)(done | small);
}

/* Those of them that are rounded to floats as the decimals are: not halfway, and normal or 0.
 */
static inline __mmask8 eight_are_narrow(__m512d value)
{
    const __m512i rest =
        _mm512_and_si512(_mm512_castpd_si512(value), _mm512_set1_epi64(0x1fffffff));

    return _mm512_cmpneq_epi64_mask(rest, _mm512_set1_epi64(0x10000000)) &
           (_mm512_cmp_pd_mask(value, _mm512_set1_pd((double)FLT_MIN), _CMP_GE_OQ) |
            _mm512_cmp_pd_mask(value, _mm512_setzero_pd(), _CMP_EQ_OQ));
}

static inline unsigned eight_floats(const struct eight *e, const struct eight_powers *p,
                                    __mmask8 lanes, float *out)
{
    __mmask8 small = eight_small(e), done = 0;
    __m256i bits = _mm256_setzero_si256();

    if (small != UINT8_MAX) bits = _mm512_cvtepi64_epi32(eight_scale(e, p, 23, 0xff, &done));
    if (done != UINT8_MAX) {
        const __m512d value = eight_divide(e, small);

        small &= eight_are_narrow(value);
        bits = _mm256_mask_mov_epi32(bits, small, _mm256_castps_si256(_mm512_cvtpd_ps(value)));
        done |= small;
    }
    bits = _mm256_mask_or_epi32(bits, e->negative, bits, _mm256_set1_epi32(INT32_MIN));
    _mm256_mask_storeu_epi32(out, lanes, bits);
    return lanes & ~(unsigned)done;
}

static inline void eight_store(__m512i value, __mmask8 lanes, size_t size, void *out)
{
    if (size == 1) _mm_mask_storeu_epi8(out, lanes, _mm512_cvtepi64_epi8(value));
    if (size == 2) _mm_mask_storeu_epi16(out, lanes, _mm512_cvtepi64_epi16(value));
    if (size == 4) _mm256_mask_storeu_epi32(out, lanes, _mm512_cvtepi64_epi32(value));
    if (size == 8) _mm512_mask_storeu_epi64(out, lanes, value);
}

/* The same of integers within [-least, most], in elements of `size` bytes. */
static inline unsigned eight_integers(const struct eight *e, uint64_t most, uint64_t least,
                                      __mmask8 lanes, size_t size, void *out)
{
    const __m512i limit = _mm512_mask_mov_epi64(_mm512_set1_epi64((int64_t)most), e->negative,
                                                _mm512_set1_epi64((int64_t)least));
    const __mmask8 done = e->known & _mm512_cmple_epu64_mask(e->digits, limit);

    eight_store(
        _mm512_mask_sub_epi64(e->digits, e->negative, _mm512_setzero_si512(), e->digits), lanes,
        size, out);
    return lanes & ~(unsigned)done;
}
#endif
