/* eight_print.h - digits of eight numbers at once, and where they go in their texts. */
#pragma once

#include "eight_shortest.h"

#ifdef HAVE_EIGHT

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
    uint8_t negative, exponent;
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
