/* eight_print.h - the shortest digits of eight floats at once, as decimal_print.c finds them,
 * and where they go in their texts. */
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

/* Eight digits each of numbers below 10^8 as bytes of 0 to 9, the first lowest. */
static inline __m512i eight_split(__m512i value)
{
    const __m512i high =
        _mm512_srli_epi64(_mm512_mul_epu32(value, _mm512_set1_epi64(0xd1b71759)), 45);
    const __m512i fours = _mm512_or_si512(
        high,
        _mm512_slli_epi64(
            _mm512_sub_epi64(value, _mm512_mul_epu32(high, _mm512_set1_epi64(10000))), 32));
    const __m512i hundreds =
        _mm512_srli_epi32(_mm512_madd_epi16(fours, _mm512_set1_epi32(10486)), 20);
    const __m512i pairs = _mm512_or_si512(
        hundreds,
        _mm512_slli_epi32(
            _mm512_sub_epi32(fours, _mm512_madd_epi16(hundreds, _mm512_set1_epi32(100))), 16));
    const __m512i tens =
        _mm512_srli_epi16(_mm512_mullo_epi16(pairs, _mm512_set1_epi16(103)), 10);

    return _mm512_or_si512(
        tens, _mm512_slli_epi16(
                  _mm512_sub_epi16(pairs, _mm512_mullo_epi16(tens, _mm512_set1_epi16(10))), 8));
}

#define EIGHT_DIGITS    17   /* the most that a number has */
#define EIGHT_ROW       32   /* bytes: the digits, zeros, at last a point */
#define EIGHT_WHOLE_MIN (-3) /* "0.0001" */

/* Texts of eight numbers: rows of digits to be placed, and how. */
struct eight_texts {
    uint8_t row[8][EIGHT_ROW];
    int64_t order[8];  /* digits before the point: less than 1 for zeros behind it */
    int64_t length[8]; /* without a sign, and without an exponent */
    int64_t top[8];    /* the power of ten of the first digit */
    __mmask8 negative, exponent;
};

/* 10^n, n from 0 to 17. */
static inline __m512i eight_power_of_ten(__m512i n)
{
    const int64_t e8 = 100000000, e16 = e8 * e8;
    const __m512i low = _mm512_set_epi64(10000000, 1000000, 100000, 10000, 1000, 100, 10, 1);
    const __m512i high = _mm512_set_epi64(e8 * 10000000, e8 * 1000000, e8 * 100000, e8 * 10000,
                                          e8 * 1000, e8 * 100, e8 * 10, e8);
    const __m512i up_to_15 = _mm512_permutex2var_epi64(low, n, high);
    const __m512i more =
        _mm512_permutexvar_epi64(n, _mm512_set_epi64(0, 0, 0, 0, 0, 0, e16 * 10, e16));

    return _mm512_mask_mov_epi64(up_to_15, _mm512_test_epi64_mask(n, _mm512_set1_epi64(16)),
                                 more);
}

/* digits * 10^n with 17 digits in all; `size` gets how many there were. */
static inline __m512i eight_align(__m512i digits, __m512i *size)
{
    const __m512i one = _mm512_set1_epi64(1);
    const __m512i bits = _mm512_sub_epi64(_mm512_set1_epi64(64),
                                          _mm512_lzcnt_epi64(_mm512_or_si512(digits, one)));
    const __m512i guess =
        _mm512_srli_epi64(/* bits * log10(2): this, or one more */
                          _mm512_mul_epu32(bits, _mm512_set1_epi64(1233)), 12);
    const __mmask8 more = _mm512_cmpge_epu64_mask(digits, eight_power_of_ten(guess));

    *size = _mm512_max_epi64(_mm512_mask_add_epi64(guess, more, guess, one), one);
    return _mm512_mullo_epi64(
        digits, eight_power_of_ten(_mm512_sub_epi64(_mm512_set1_epi64(EIGHT_DIGITS), *size)));
}

/* Four columns of eight to rows. */
static inline void eight_rows(const __m512i column[4], struct eight_texts *t)
{
    const __m512i half[2] = {_mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0),
                             _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4)};
    const __m512i pair[2] = {_mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0),
                             _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4)};

    for (int i = 0; i < 2; i++) {
        const __m512i left = _mm512_permutex2var_epi64(column[0], half[i], column[1]);
        const __m512i right = _mm512_permutex2var_epi64(column[2], half[i], column[3]);

        for (int k = 0; k < 2; k++)
            _mm512_storeu_si512(t->row[4 * i + 2 * k],
                                _mm512_permutex2var_epi64(left, pair[k], right));
    }
}

/* Forms as %g has them, but with a point or an exponent: of `count` digits, zeros behind them
 * not among them, and `whole` before the point. */
static inline void eight_measure(__m512i count, __m512i whole, int precision,
                                 struct eight_texts *t)
{
    const __m512i one = _mm512_set1_epi64(1), two = _mm512_set1_epi64(2);
    const __m512i most = _mm512_max_epi64(count, _mm512_set1_epi64(precision));
    const __mmask8 exponent =
        _mm512_cmplt_epi64_mask(whole, _mm512_set1_epi64(EIGHT_WHOLE_MIN)) |
        _mm512_cmpgt_epi64_mask(whole, most);
    const __m512i order = _mm512_mask_mov_epi64(whole, exponent, one);
    const __m512i pointed = _mm512_add_epi64(count, one);
    const __mmask8 below = _mm512_cmplt_epi64_mask(order, one);
    __m512i length = _mm512_max_epi64(pointed, _mm512_add_epi64(order, two));

    length = _mm512_mask_sub_epi64(length, below, pointed, _mm512_sub_epi64(order, one));
    length = _mm512_mask_mov_epi64(length, exponent, pointed);
    length = _mm512_mask_mov_epi64(length, exponent & _mm512_cmpeq_epi64_mask(count, one), one);
    _mm512_storeu_si512(t->order, order);
    _mm512_storeu_si512(t->length, length);
    _mm512_storeu_si512(t->top, _mm512_sub_epi64(whole, one));
    t->exponent = exponent;
}

/* Splits the digits into rows. */
static inline void eight_place(struct eight_shortest s, int precision, struct eight_texts *t)
{
    const __m512i e9 = _mm512_set1_epi64(1000000000), zeros = _mm512_set1_epi8('0');
    const __m512i of_eight = _mm512_set1_epi64(8);
    __m512i size, all = eight_align(s.digits, &size);
    const __m512i high =
        _mm512_srli_epi64(/* all / 10^9, as 2^9 * 1953125 */
                          eight_multiply(_mm512_srli_epi64(all, 9),
                                         _mm512_set1_epi64(INT64_C(0x89705f4136b5))),
                          4);
    const __m512i rest = _mm512_sub_epi64(all, _mm512_mul_epu32(high, e9));
    const __m512i middle = eight_tenth(rest, true);
    const __m512i last =
        _mm512_sub_epi64(rest, _mm512_mul_epu32(middle, _mm512_set1_epi64(10)));
    const __m512i first8 = eight_split(high), next8 = eight_split(middle);
    const __m512i skip_first = _mm512_srli_epi64(_mm512_lzcnt_epi64(first8), 3);
    const __m512i skip_next = _mm512_srli_epi64(_mm512_lzcnt_epi64(next8), 3);
    __m512i count = _mm512_sub_epi64(of_eight, skip_first);
    __m512i column[4];

    count = _mm512_mask_sub_epi64(count, _mm512_test_epi64_mask(next8, next8),
                                  _mm512_set1_epi64(16), skip_next);
    count = _mm512_mask_mov_epi64(count, _mm512_test_epi64_mask(last, last),
                                  _mm512_set1_epi64(EIGHT_DIGITS));
    eight_measure(_mm512_max_epi64(count, _mm512_set1_epi64(1)),
                  _mm512_add_epi64(size, s.exponent), precision, t);
    column[0] = _mm512_or_si512(first8, zeros);
    column[1] = _mm512_or_si512(next8, zeros);
    column[2] = _mm512_or_si512(last, zeros);
    column[3] = _mm512_set1_epi64(INT64_C(0x2e30303030303030));
    eight_rows(column, t);
}

/* Writes a row with its bytes where `order` says; scratches 32. */
static inline void eight_put(char *at, const uint8_t row[EIGHT_ROW],
                             const uint8_t order[EIGHT_ROW])
{
    _mm256_storeu_si256((void *)at,
                        _mm256_permutexvar_epi8(_mm256_loadu_si256((const void *)order),
                                                _mm256_loadu_si256((const void *)row)));
}
#endif
