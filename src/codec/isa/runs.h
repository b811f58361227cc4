/* runs.h - the digits of a piece without what stands between them, and where each number ends
 * among them: then none is looked for in the text. */
#pragma once

#include "token.h"

#if defined(__AVX512VBMI2__)
#define HAVE_RUNS

#define RUN_MAX      31 /* digits of a number that is read from here */
#define RUNS_PIECE   (PIECE + 4 * BLOCK)
#define RUNS_NUMBERS (TOKENS + 2 * BLOCK)
#define EXPONENT_FAR 0x4000 /* one of more than four digits */

struct runs {
    bool exponents;
    uint16_t end[1 + RUNS_NUMBERS];         /* number i has the digits [end[i], end[i + 1]), */
    uint16_t whole[RUNS_NUMBERS];           /* and those from here on are behind its point */
    int16_t exponent[RUNS_NUMBERS];         /* 0 without one; filled if any has one */
    uint8_t negative[TOKENS / 8 + BLOCK];   /* a bit each */
    uint8_t digit[32 + RUNS_PIECE + BLOCK]; /* 0 to 9; they begin behind 32 bytes */
};

/* What a block must know of those before. */
struct runs_state {
    uint64_t digit, minus, point, exponent, sign, signs;
    bool in_exponent, pointed;       /* was the last run of digits one before a point? */
    int digits, begun, wholes, ends; /* so far: digits; beginnings and ends of numbers */
};

/* Writes the places of the bits of `mask`, 32 at most, as if the first were `base`. */
static inline void runs_places(uint64_t mask, int base, uint16_t *out)
{
    const __m512i all = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
        41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20,
        19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m256i some = _mm512_castsi512_si256(_mm512_maskz_compress_epi8(mask, all));

    _mm512_storeu_si512(
        out, _mm512_add_epi16(_mm512_cvtepu8_epi16(some), _mm512_set1_epi16((short)base)));
}

/* The digits that are not those of exponents, whose letters are `exponent`. */
static inline uint64_t runs_mantissas(struct runs_state *s, uint64_t digit, uint64_t exponent,
                                      uint64_t sign)
{
    const uint64_t behind = block_behind(exponent, s->exponent), signs = behind & sign;
    const uint64_t first = (behind | block_behind(signs, s->sign)) & digit;
    uint64_t sum;
    bool carry = __builtin_add_overflow(digit, first, &sum);

    carry |= __builtin_add_overflow(sum, (uint64_t)s->in_exponent, &sum);
    s->exponent = exponent;
    s->sign = signs;
    s->in_exponent = carry;
    return digit & sum;
}

/* Behind "e". */
static inline int16_t runs_exponent(const uint8_t *at)
{
    int value = 0;

    return exponent(at, &value) ? (int16_t)value : EXPONENT_FAR;
}

/* Reads the exponents of a block; `last` are the last digits before any. */
static inline void runs_exponents(struct runs *r, const uint8_t *at, uint64_t letters,
                                  uint64_t last, int ends)
{
    if (!r->exponents) memset(r->exponent, 0, sizeof r->exponent);
    r->exponents = true;
    for (; letters != 0; letters &= letters - 1) {
        const int place = block_first(letters);
        const int numbers = ends + block_count(last & (((uint64_t)1 << place) - 1));

        r->exponent[numbers - 1] = runs_exponent(at + place + 1);
    }
}

/* Writes the signs of the numbers that begin in a block, with the bits of `first`: behind those
 * of the last byte that was not full. */
static inline void runs_signs(struct runs *r, struct runs_state *s, uint64_t first,
                              uint64_t minus)
{
    const uint64_t bits = _pext_u64(block_behind(minus, s->minus), first);
    const int begun = s->begun + block_count(first);

    s->signs |= bits << s->begun % 8;
    memcpy(r->negative + s->begun / 8, &s->signs, sizeof s->signs);
    s->signs >>= 8 * (begun / 8 - s->begun / 8);
    s->minus = minus;
    s->begun = begun;
}

/* Where numbers and their whole parts end, from the last digits of runs in a block. Whole parts
 * end before a point, and where a number ends that had none. */
static inline uint64_t runs_ends(struct runs *r, struct runs_state *s, uint64_t digit,
                                 uint64_t run, uint64_t pointed)
{
    const uint64_t last = run & ~pointed;
    const uint64_t before = _pext_u64(pointed, run) << 1 | s->pointed; /* runs before runs */
    const uint64_t whole = pointed | (last & ~_pdep_u64(before, run));

    s->pointed = before >> block_count(run) & 1;
    runs_places(_pext_u64(last, digit), s->digits + 1, r->end + 1 + s->ends);
    runs_places(_pext_u64(whole, digit), s->digits + 1, r->whole + s->wholes);
    s->wholes += block_count(whole);
    return last;
}

/* Takes a block of which the bytes `here` count; `next` is the one behind, if that does. False
 * where it has words. */
static inline bool runs_take(struct runs *r, struct runs_state *s, const uint8_t *at,
                             uint64_t here, uint8_t next)
{
    const block b = block_load(at);
    const uint64_t point = block_is(b, '.') & here, minus = block_is(b, '-') & here;
    const uint64_t letter = block_in(b, 'A', 0x80 - 'A') & here &
                            ~(block_is(b, '[') | block_is(b, ']'));
    uint64_t digit = block_in(b, '0', 10) & here, first, last, run;

    if ((letter | s->exponent | s->sign) != 0 || s->in_exponent) {
        if ((letter & ~(block_is(b, 'e') | block_is(b, 'E'))) != 0) return false;
        digit = runs_mantissas(s, digit, letter, minus | block_is(b, '+'));
    }
    first = digit & ~block_behind(digit, s->digit) & ~block_behind(point, s->point);
    run = digit & ~(digit >> 1 | (uint64_t)((uint8_t)(next - '0') < 10) << 63);
    runs_signs(r, s, first, minus);
    last = runs_ends(r, s, digit, run, run & (point >> 1 | (uint64_t)(next == '.') << 63));
    if (letter != 0) runs_exponents(r, at, letter, last, s->ends);
    digits_pack(_mm512_sub_epi8(b, _mm512_set1_epi8('0')), digit, r->digit + 32 + s->digits);
    s->ends += block_count(last);
    s->digits += block_count(digit);
    s->digit = digit;
    s->point = point;
    return true;
}

/* Takes a piece; false where it has words, or a number too long for all. */
static inline bool runs_find(struct runs *r, struct piece *p)
{
    struct runs_state s = {0};

    if (p->end - p->begin > RUNS_PIECE) return false;
    r->exponents = false;
    r->end[0] = 0;
    for (const uint8_t *at = p->begin; at < p->end; at += BLOCK)
        if (!runs_take(r, &s, at, before(at, p->end), p->end - at > BLOCK ? at[BLOCK] : 0))
            return false;
    /* They are read eight at once: those behind the last end within `digit` too. */
    memset(r->end + 1 + s.ends, 0, 8 * sizeof *r->end);
    p->count = s.ends < p->left ? s.ends : (int)p->left;
    return true;
}
#endif
