/* byte_mask.h - which of 64 pairs of bytes are one given pair, as a word of bits: bit i is that
 * of t[i] and p[i]. C has no way to say this that compilers turn into the instructions that
 * there are for it; so this file, and vector.h, alone of the kernels name instructions. */
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/* What the others are held to; and where there are none, for machines with no other. */
static inline uint64_t sc_equal_pairs_plain(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                            uint8_t p0)
{
    uint64_t mask = 0;

    for (int i = 0; i < 64; i++) mask |= (uint64_t)((t[i] == t0) & (p[i] == p0)) << i;
    return mask;
}

#if defined(__AVX512BW__)

static inline uint64_t sc_equal_pairs(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                      uint8_t p0)
{
    const __mmask64 equal =
        _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(t), _mm512_set1_epi8((char)t0));

    return _mm512_mask_cmpeq_epi8_mask(equal, _mm512_loadu_si512(p),
                                       _mm512_set1_epi8((char)p0));
}

#elif defined(__AVX2__)

static inline uint64_t sc_equal_32(const uint8_t *t, const uint8_t *p, __m256i t0, __m256i p0)
{
    const __m256i a = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i_u *)t), t0);
    const __m256i b = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i_u *)p), p0);

    return (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(a, b));
}

static inline uint64_t sc_equal_pairs(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                      uint8_t p0)
{
    const __m256i all_t = _mm256_set1_epi8((char)t0), all_p = _mm256_set1_epi8((char)p0);

    return sc_equal_32(t, p, all_t, all_p) | sc_equal_32(t + 32, p + 32, all_t, all_p) << 32;
}

#elif defined(__SSE2__)

static inline uint64_t sc_equal_16(const uint8_t *t, const uint8_t *p, __m128i t0, __m128i p0)
{
    const __m128i a = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i_u *)t), t0);
    const __m128i b = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i_u *)p), p0);

    return (uint32_t)_mm_movemask_epi8(_mm_and_si128(a, b));
}

static inline uint64_t sc_equal_pairs(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                      uint8_t p0)
{
    const __m128i all_t = _mm_set1_epi8((char)t0), all_p = _mm_set1_epi8((char)p0);
    uint64_t mask = 0;

    for (int i = 0; i < 64; i += 16) mask |= sc_equal_16(t + i, p + i, all_t, all_p) << i;
    return mask;
}

#elif defined(__ARM_NEON)

/* Equal bytes of 16 keep one bit each, its place among 8; three sums of neighbours of the four
 * vectors then gather them. */
static inline uint8x16_t sc_equal_16(const uint8_t *t, const uint8_t *p, uint8_t t0, uint8_t p0)
{
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t a = vceqq_u8(vld1q_u8(t), vdupq_n_u8(t0));
    const uint8x16_t b = vceqq_u8(vld1q_u8(p), vdupq_n_u8(p0));

    return vandq_u8(vandq_u8(a, b), bits);
}

static inline uint64_t sc_equal_pairs(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                      uint8_t p0)
{
    const uint8x16_t low =
        vpaddq_u8(sc_equal_16(t, p, t0, p0), sc_equal_16(t + 16, p + 16, t0, p0));
    const uint8x16_t high =
        vpaddq_u8(sc_equal_16(t + 32, p + 32, t0, p0), sc_equal_16(t + 48, p + 48, t0, p0));
    const uint8x16_t all = vpaddq_u8(low, high);

    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

#else

static inline uint64_t sc_equal_pairs(const uint8_t *t, const uint8_t *p, uint8_t t0,
                                      uint8_t p0)
{
    return sc_equal_pairs_plain(t, p, t0, p0);
}

#endif
