/* bytes64.h - 64 bytes at a time, as masks: bit i tells of byte i. With digits32.h, runs.h and
 * eight_*.h, where the codecs have intrinsics; without them the same in plain C. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 64

#if defined(__AVX512VBMI2__)
#include <immintrin.h>

typedef __m512i block;

static inline block block_load(const uint8_t *at)
{
    return _mm512_loadu_si512(at);
}

static inline uint64_t block_is(block b, char byte)
{
    return _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(byte));
}

/* Bytes of `count` values from `first` on. */
static inline uint64_t block_in(block b, char first, unsigned char count)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(b, _mm512_set1_epi8(first)),
                                  _mm512_set1_epi8((char)count));
}

#elif defined(__AVX2__)
#include <immintrin.h>

typedef struct {
    __m256i low, high;
} block;

static inline block block_load(const uint8_t *at)
{
    return (block){_mm256_loadu_si256((const void *)at),
                   _mm256_loadu_si256((const void *)(at + 32))};
}

static inline uint64_t block_mask(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

static inline uint64_t block_is(block b, char byte)
{
    const __m256i all = _mm256_set1_epi8(byte);

    return block_mask(_mm256_cmpeq_epi8(b.low, all), _mm256_cmpeq_epi8(b.high, all));
}

static inline uint64_t block_in(block b, char first, unsigned char count)
{
    const __m256i from = _mm256_set1_epi8(first), most = _mm256_set1_epi8((char)(count - 1));
    const __m256i low = _mm256_sub_epi8(b.low, from), high = _mm256_sub_epi8(b.high, from);

    return block_mask(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low),
                      _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high));
}

#else

typedef struct {
    uint64_t word[8];
} block;

static inline block block_load(const uint8_t *at)
{
    block b;

    memcpy(&b, at, sizeof b);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (int i = 0; i < 8; i++) b.word[i] = __builtin_bswap64(b.word[i]);
#endif
    return b;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

/* The top bits of the bytes, together. */
static inline uint64_t block_gather(uint64_t tops)
{
    return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t block_is(block b, char byte)
{
    uint64_t mask = 0;

    for (int i = 0; i < 8; i++) {
        const uint64_t x = b.word[i] ^ EACH(byte);
        const uint64_t some = ((x & EACH(0x7f)) + EACH(0x7f)) | x; /* top bit: not zero */

        mask |= block_gather(~some & EACH(0x80)) << 8 * i;
    }
    return mask;
}

/* `first` and `first + count` are ASCII. */
static inline uint64_t block_in(block b, char first, unsigned char count)
{
    uint64_t mask = 0;

    for (int i = 0; i < 8; i++) {
        const uint64_t x = b.word[i] & EACH(0x7f);
        const uint64_t from = x + EACH(0x80 - first), past = x + EACH(0x80 - first - count);

        mask |= block_gather(from & ~past & ~b.word[i] & EACH(0x80)) << 8 * i;
    }
    return mask;
}
#endif

/* The bits of `mask` one further on: those whose byte before is in `mask`. `was` is the mask of
 * the block before. */
static inline uint64_t block_behind(uint64_t mask, uint64_t was)
{
    return mask << 1 | was >> 63;
}

/* From each bit of `from`, which is in `runs` or not, to the first byte on that is not: a sum
 * carries a bit through a run of ones. `carry` goes from block to block. */
static inline uint64_t block_past(uint64_t from, uint64_t runs, bool *carry)
{
    uint64_t sum;
    const bool first = __builtin_add_overflow(from, runs, &sum);
    const bool second = __builtin_add_overflow(sum, (uint64_t)*carry, &sum);

    *carry = first || second;
    return sum & ~runs;
}

static inline int block_first(uint64_t mask)
{
    return __builtin_ctzll(mask);
}

static inline int block_count(uint64_t mask)
{
    return __builtin_popcountll(mask);
}
