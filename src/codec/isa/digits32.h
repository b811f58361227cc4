/* digits32.h - numbers out of 32 bytes at once, and labels out of 64; where there are vectors.
 */
#pragma once

#include "bytes64.h"

#if defined(__AVX2__)
#define HAVE_DIGITS

static inline __m256i digits_load(const uint8_t *at)
{
    return _mm256_loadu_si256((const void *)at);
}

/* Which of the 32 bytes at `at` are not digits. */
static inline uint32_t digits_others(const uint8_t *at)
{
    const __m256i d = _mm256_sub_epi8(digits_load(at), _mm256_set1_epi8('0'));

#if defined(__AVX512VBMI2__)
    return _mm256_cmpgt_epu8_mask(d, _mm256_set1_epi8(9));
#else
    return ~(uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(d, _mm256_set1_epi8(9)), d));
#endif
}

/* Bytes from `from` on, of 32. */
static inline __m256i digits_from(int from)
{
    static const int8_t step[64] = {[32] = -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                    -1,        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                    -1,        -1, -1, -1, -1, -1, -1, -1, -1, -1};

    return digits_load((const uint8_t *)step + 32 - from);
}

/* The value of `whole` digits, a byte that is skipped, and `fraction` digits; 31 digits at
 * most. False where it may pass 64 bits. Reads 33 bytes before the end of these. */
static inline bool digits_value(const uint8_t *at, int whole, int fraction, uint64_t *out)
{
    const uint8_t *end = at + whole + 1 + fraction;
    const __m256i pairs = _mm256_set1_epi16(0x010a), fours = _mm256_set1_epi32(0x00010064);
    const __m256i eights = _mm256_set1_epi32(0x00012710);
    __m256i d = _mm256_blendv_epi8(digits_load(end - 33), digits_load(end - 32),
                                   digits_from(32 - fraction));
    uint64_t high, low, head;

    d = _mm256_and_si256(_mm256_sub_epi8(d, _mm256_set1_epi8('0')),
                         digits_from(32 - whole - fraction));
    d = _mm256_madd_epi16(_mm256_maddubs_epi16(d, pairs), fours);
    d = _mm256_madd_epi16(_mm256_packus_epi32(d, d), eights); /* 4 numbers of 8 digits */
    high = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(d));
    low = (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(d, 1));
    head = high >> 32;
    *out = (head * 100000000 + (low & UINT32_MAX)) * 100000000 + (low >> 32);
    return (high & UINT32_MAX) == 0 && head <= 1843;
}

/* Digits of the 64 bytes at `at` as numbers; 0 where there is another byte. */
static inline block digits_of(const uint8_t *at);
/* The same of the bytes before these; 0 also where the one at `at` is none. */
static inline block digits_before(const uint8_t *at);
/* units + 10 * tens, and + 100 * hundreds; `bad` gets the places where that passes 255. */
static inline block digits_two(block units, block tens);
static inline block digits_three(block units, block tens, block hundreds, uint64_t *bad);
/* Writes the bytes of `b` that are in `taken`, one behind the other; scratches 64. */
static inline void digits_pack(block b, uint64_t taken, uint8_t *out);

#if defined(__AVX512VBMI2__)
static inline block digits_of(const uint8_t *at)
{
    const __m512i d = _mm512_sub_epi8(block_load(at), _mm512_set1_epi8('0'));

    return _mm512_maskz_mov_epi8(_mm512_cmplt_epu8_mask(d, _mm512_set1_epi8(10)), d);
}

static inline block digits_before(const uint8_t *at)
{
    return _mm512_maskz_mov_epi8(block_in(block_load(at), '0', 10), digits_of(at - 1));
}

static inline block digits_two(block units, block tens)
{
    return _mm512_add_epi8(
        units, _mm512_add_epi8(_mm512_slli_epi16(tens, 3), _mm512_add_epi8(tens, tens)));
}

static inline block digits_three(block units, block tens, block hundreds, uint64_t *bad)
{
    const __m512i low = digits_two(units, tens);
    const uint64_t one = _mm512_cmpeq_epi8_mask(hundreds, _mm512_set1_epi8(1));
    const uint64_t two = _mm512_cmpeq_epi8_mask(hundreds, _mm512_set1_epi8(2));

    *bad = _mm512_cmpgt_epu8_mask(hundreds, _mm512_set1_epi8(2)) |
           (two & _mm512_cmpgt_epu8_mask(low, _mm512_set1_epi8(55)));
    return _mm512_mask_add_epi8(_mm512_mask_add_epi8(low, one, low, _mm512_set1_epi8(100)), two,
                                low, _mm512_set1_epi8((char)200));
}

static inline void digits_pack(block b, uint64_t taken, uint8_t *out)
{
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(taken, b));
}

#else

/* Where 32 bytes, less '0', are digits. */
static inline __m256i half_is(__m256i d)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(d, _mm256_set1_epi8(9)), d);
}

static inline __m256i half_less(const uint8_t *at)
{
    return _mm256_sub_epi8(digits_load(at), _mm256_set1_epi8('0'));
}

static inline __m256i half_of(const uint8_t *at)
{
    return _mm256_and_si256(half_less(at), half_is(half_less(at)));
}

static inline block digits_of(const uint8_t *at)
{
    return (block){half_of(at), half_of(at + 32)};
}

static inline block digits_before(const uint8_t *at)
{
    return (block){_mm256_and_si256(half_of(at - 1), half_is(half_less(at))),
                   _mm256_and_si256(half_of(at + 31), half_is(half_less(at + 32)))};
}

static inline __m256i half_two(__m256i units, __m256i tens)
{
    return _mm256_add_epi8(
        units, _mm256_add_epi8(_mm256_slli_epi16(tens, 3), _mm256_add_epi8(tens, tens)));
}

static inline __m256i half_three(__m256i units, __m256i tens, __m256i hundreds, __m256i *bad)
{
    const __m256i low = half_two(units, tens);
    const __m256i one = _mm256_cmpeq_epi8(hundreds, _mm256_set1_epi8(1));
    const __m256i two = _mm256_cmpeq_epi8(hundreds, _mm256_set1_epi8(2));

    *bad = _mm256_or_si256(_mm256_cmpgt_epi8(hundreds, _mm256_set1_epi8(2)),
                           _mm256_and_si256(two, _mm256_cmpgt_epi8(low, _mm256_set1_epi8(55))));
    return _mm256_add_epi8(low,
                           _mm256_or_si256(_mm256_and_si256(one, _mm256_set1_epi8(100)),
                                           _mm256_and_si256(two, _mm256_set1_epi8((char)200))));
}

static inline block digits_two(block units, block tens)
{
    return (block){half_two(units.low, tens.low), half_two(units.high, tens.high)};
}

static inline block digits_three(block units, block tens, block hundreds, uint64_t *bad)
{
    __m256i bad_low, bad_high;
    const block b = {half_three(units.low, tens.low, hundreds.low, &bad_low),
                     half_three(units.high, tens.high, hundreds.high, &bad_high)};

    *bad = block_mask(bad_low, bad_high);
    return b;
}

static inline void digits_pack(block b, uint64_t taken, uint8_t *out)
{
    uint8_t all[BLOCK];

    _mm256_storeu_si256((void *)all, b.low);
    _mm256_storeu_si256((void *)(all + 32), b.high);
    for (int left = block_count(taken); left > 0; left -= 4)
        for (int i = 0; i < 4; i++) { /* what goes too far is written over */
            *out++ = all[block_first(taken | (uint64_t)1 << 63)];
            taken &= taken - 1;
        }
}
#endif
#endif
