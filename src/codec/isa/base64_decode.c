/* base64_decode.c - 32 characters to 24 bytes. */
#include "digits32.h"
#include "isa.h"

#ifdef HAVE_DIGITS

/* Where characters are of `count` from `first` on, `value` less the first of these. */
static inline __m256i run(__m256i text, char first, int count, int value, __m256i *known)
{
    const __m256i from = _mm256_sub_epi8(text, _mm256_set1_epi8(first));
    const __m256i is =
        _mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8((char)(count - 1))), from);

    *known = _mm256_or_si256(*known, is);
    return _mm256_and_si256(is, _mm256_add_epi8(from, _mm256_set1_epi8((char)value)));
}

/* The six bits of each; false where one is none of the alphabet. */
static inline bool sextets(__m256i text, __m256i *out)
{
    __m256i known = _mm256_setzero_si256(), sum = run(text, 'A', 26, 0, &known);

    sum = _mm256_or_si256(sum, run(text, 'a', 26, 26, &known));
    sum = _mm256_or_si256(sum, run(text, '0', 10, 52, &known));
    sum = _mm256_or_si256(sum, run(text, '+', 1, 62, &known));
    *out = _mm256_or_si256(sum, run(text, '/', 1, 63, &known));
    return _mm256_movemask_epi8(known) == -1;
}

size_t ISA_NAME(base64_decode)(const uint8_t *text, size_t size, uint8_t *out)
{
    /* Three bytes of each group of four, the last sextet lowest. */
    const __m256i bytes = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1,
                                           -1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1,
                                           -1, -1);
    const __m256i words = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
    size_t taken = 0;

    for (; size - taken >= 48; taken += 32, out += 24) { /* it stores 32, and may */
        __m256i six;

        if (!sextets(digits_load(text + taken), &six)) break;
        six = _mm256_maddubs_epi16(six, _mm256_set1_epi16(0x0140)); /* first * 64 + second */
        six = _mm256_madd_epi16(six, _mm256_set1_epi32(0x00011000));
        six = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(six, bytes), words);
        _mm256_storeu_si256((void *)out, six);
    }
    return taken;
}
#endif
