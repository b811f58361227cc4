/* eight_shortest.h - the shortest digits of eight floats at once, as decimal_print.c finds
 * them. */
#pragma once

#include "eight.h"

#ifdef HAVE_EIGHT

/* A compiler sees which of two ways is meant. */
#define EIGHT_INLINE __attribute__((always_inline)) static inline

/* A binary format: bits of its fraction, exponent of the last one. */
struct eight_format {
    int fraction, bias;
};

/* digits * 10^exponent */
struct eight_shortest {
    __m512i digits, exponent;
};

/* The powers of ten, rounded up where they are not exact; of floats the upper half, rounded up.
 */
struct eight_power {
    __m512i high, low;
};

EIGHT_INLINE struct eight_power eight_power_above(__m512i q, bool is_short)
{
    const __m512i one = _mm512_set1_epi64(1);
    const __m512i place =
        _mm512_slli_epi64(_mm512_sub_epi64(q, _mm512_set1_epi64(POWER10_MIN)), 1);
    const __mmask8 cut =
        (__mmask8)~_mm512_cmple_epu64_mask(/* 5^27 has 63 bits, 5^55 128 */
                                           q, _mm512_set1_epi64(is_short ? 27 : 55));
    struct eight_power p = {
        .high = _mm512_i64gather_epi64(place, (const void *)power10_table, 8),
        .low = _mm512_setzero_si512()};

    if (is_short) {
        p.high = _mm512_mask_add_epi64(p.high, cut, p.high, one);
    } else {
        p.low = _mm512_i64gather_epi64(place, (const void *)&power10_table->low, 8);
        p.low = _mm512_mask_add_epi64(p.low, cut, p.low, one);
        p.high = _mm512_mask_add_epi64(p.high, cut & _mm512_testn_epi64_mask(p.low, p.low),
                                       p.high, one);
    }
    return p;
}

/* The product's top 64 bits, the last of them set if anything is cut off. */
static inline __m512i eight_product(struct eight_power p, __m512i factor)
{
    const __m512i one = _mm512_set1_epi64(1), low = _mm512_mullo_epi64(p.high, factor);
    const __m512i sum = _mm512_add_epi64(low, eight_multiply(p.low, factor));
    __m512i high = eight_multiply(p.high, factor);

    high = _mm512_mask_add_epi64(high, _mm512_cmplt_epu64_mask(sum, low), high, one);
    return _mm512_mask_or_epi64(high, _mm512_cmpgt_epu64_mask(sum, one), high, one);
}

/* The same of a factor of 32 bits and half of the power. */
static inline __m512i eight_product_short(struct eight_power p, __m512i factor)
{
    const __m512i below = _mm512_srli_epi64(_mm512_mul_epu32(p.high, factor), 32);
    const __m512i sum =
        _mm512_add_epi64(_mm512_mul_epu32(_mm512_srli_epi64(p.high, 32), factor), below);
    const __m512i high = _mm512_srli_epi64(sum, 32);

    return _mm512_mask_or_epi64(high,
                                _mm512_test_epi64_mask(sum, _mm512_set1_epi64(UINT32_MAX)),
                                high, _mm512_set1_epi64(1));
}

static inline __m512i eight_tenth(__m512i value, bool is_short)
{
    if (is_short)
        return _mm512_srli_epi64(_mm512_mul_epu32(value, _mm512_set1_epi64(0xcccccccd)), 35);
    return _mm512_srli_epi64(
        eight_multiply(value, _mm512_set1_epi64((int64_t)0xcccccccccccccccd)), 3);
}

/* find_shortest of mantissa * 2^exponent. */
EIGHT_INLINE struct eight_shortest eight_find(__m512i mantissa, __m512i exponent,
                                              __mmask8 closer, bool is_short)
{
    const __m512i one = _mm512_set1_epi64(1), two = _mm512_set1_epi64(2);
    const __m512i four = _mm512_set1_epi64(4), forty = _mm512_set1_epi64(40);
    const __m512i log = _mm512_mul_epi32(exponent, _mm512_set1_epi64(1262611));
    const __m512i k = _mm512_srai_epi64(
        _mm512_mask_sub_epi64(log, closer, log, _mm512_set1_epi64(524031)), 22);
    const __m512i q = _mm512_sub_epi64(_mm512_setzero_si512(), k);
    const __m512i shift =
        _mm512_add_epi64(_mm512_add_epi64(exponent, one),
                         _mm512_srai_epi64(_mm512_mul_epi32(q, _mm512_set1_epi64(POWER10_LOG2)),
                                           POWER10_LOG2_BITS));
    const struct eight_power power = eight_power_above(q, is_short);
    const __mmask8 odd = _mm512_test_epi64_mask(mantissa, one);
    const __m512i m = _mm512_slli_epi64(mantissa, 2), less = _mm512_sub_epi64(m, two);
    const __m512i least =
        _mm512_sllv_epi64(_mm512_mask_add_epi64(less, closer, less, one), shift);
    const __m512i middle = _mm512_sllv_epi64(m, shift);
    const __m512i most = _mm512_sllv_epi64(_mm512_add_epi64(m, two), shift);
    const __m512i from = is_short ? eight_product_short(power, least)
                                  : eight_product(power, least);
    const __m512i value = is_short ? eight_product_short(power, middle)
                                   : eight_product(power, middle);
    const __m512i to = is_short ? eight_product_short(power, most) : eight_product(power, most);
    const __m512i lower = _mm512_mask_add_epi64(from, odd, from, one);
    const __m512i upper = _mm512_mask_sub_epi64(to, odd, to, one);
    const __m512i s = _mm512_srli_epi64(value, 2), tens = eight_tenth(s, is_short);
    const __m512i of_ten =
        _mm512_add_epi64(_mm512_slli_epi64(tens, 3), _mm512_slli_epi64(tens, 1));
    const __m512i of_forty = _mm512_slli_epi64(of_ten, 2), of_four = _mm512_slli_epi64(s, 2);
    const __mmask8 ten_below = _mm512_cmple_epu64_mask(lower, of_forty);
    const __mmask8 ten_above =
        _mm512_cmple_epu64_mask(_mm512_add_epi64(of_forty, forty), upper);
    const __mmask8 below = _mm512_cmple_epu64_mask(lower, of_four);
    const __mmask8 above = _mm512_cmple_epu64_mask(_mm512_add_epi64(of_four, four), upper);
    const __mmask8 nearer = _mm512_cmpgt_epu64_mask(
        _mm512_add_epi64(value, _mm512_and_si512(s, one)), _mm512_add_epi64(of_four, two));
    const __mmask8 up = (__mmask8)((~(below ^ above) & nearer) | ((below ^ above) & above));
    const __m512i of_one = _mm512_mask_add_epi64(s, up, s, one);
    const __m512i tenfold =
        _mm512_mask_add_epi64(of_ten, ten_above, of_ten, _mm512_set1_epi64(10));

    return (struct eight_shortest){
        _mm512_mask_mov_epi64(of_one, ten_below ^ ten_above, tenfold), k};
}

/* Of values without their signs; zeros have no digits. */
EIGHT_INLINE struct eight_shortest eight_shortest_of(__m512i bits, struct eight_format f)
{
    const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi64(1);
    const __m512i hidden = _mm512_set1_epi64(INT64_C(1) << f.fraction);
    const __m512i fraction = _mm512_and_si512(bits, _mm512_sub_epi64(hidden, one));
    const __m512i biased = _mm512_srli_epi64(bits, (unsigned)f.fraction);
    const __mmask8 normal = _mm512_test_epi64_mask(biased, biased);
    const __m512i mantissa = _mm512_mask_or_epi64(fraction, normal, fraction, hidden);
    const __m512i exponent =
        _mm512_sub_epi64(_mm512_max_epi64(biased, one), _mm512_set1_epi64(f.bias));
    const __m512i places = _mm512_sub_epi64(zero, exponent); /* binary ones */
    const __m512i rest = _mm512_sub_epi64(_mm512_sllv_epi64(one, places), one);
    const __mmask8 whole = (_mm512_cmple_epu64_mask(places, _mm512_set1_epi64(f.fraction)) &
                            _mm512_testn_epi64_mask(mantissa, rest)) |
                           _mm512_testn_epi64_mask(bits, bits);
    const __mmask8 closer = _mm512_testn_epi64_mask(fraction, fraction) &
                            _mm512_cmpgt_epi64_mask(biased, one);
    struct eight_shortest s = eight_find(mantissa, exponent, closer, f.fraction == 23);

    s.digits = _mm512_mask_srlv_epi64(s.digits, whole, mantissa, places);
    s.exponent = _mm512_mask_mov_epi64(s.exponent, whole, zero);
    return s;
}

/* The bits of values without their signs, which `negative` gets. */
static inline __m512i eight_load_floats(const float *value, __mmask8 lanes, uint8_t *negative)
{
    const __m256i bits = _mm256_maskz_loadu_epi32(lanes, value);

    *negative = _mm256_movepi32_mask(bits);
    return _mm512_cvtepu32_epi64(_mm256_and_si256(bits, _mm256_set1_epi32(INT32_MAX)));
}

static inline __m512i eight_load_doubles(const double *value, __mmask8 lanes, uint8_t *negative)
{
    const __m512i bits = _mm512_maskz_loadu_epi64(lanes, value);

    *negative = _mm512_movepi64_mask(bits);
    return _mm512_and_si512(bits, _mm512_set1_epi64(INT64_MAX));
}
#endif
