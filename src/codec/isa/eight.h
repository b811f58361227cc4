/* eight.h - what is done with eight numbers of 64 bits at once. */
#pragma once

#include <stddef.h>

#include "bytes64.h"
#include "power10.h"

#if defined(__AVX512VBMI2__)
#define HAVE_EIGHT

/* The upper halves of products. */
static inline __m512i eight_multiply(__m512i a, __m512i b)
{
    const __m512i a_high = _mm512_srli_epi64(a, 32), b_high = _mm512_srli_epi64(b, 32);
    const __m512i one = _mm512_mul_epu32(a, b_high), other = _mm512_mul_epu32(a_high, b);
    const __m512i half = _mm512_set1_epi64(UINT32_MAX);
    const __m512i middle =
        _mm512_add_epi64(_mm512_add_epi64(_mm512_srli_epi64(_mm512_mul_epu32(a, b), 32), other),
                         _mm512_and_si512(one, half));

    return _mm512_add_epi64(
        _mm512_mul_epu32(a_high, b_high),
        _mm512_add_epi64(_mm512_srli_epi64(one, 32), _mm512_srli_epi64(middle, 32)));
}

/* The lanes that there are, of `left`. */
static inline __mmask8 eight_lanes(size_t left)
{
    return (__mmask8)(left < 8 ? (1u << left) - 1 : UINT8_MAX);
}
#endif
