/* digits.h - whole numbers as decimal digits, eight at a time. */
#pragma once

#include <stdint.h>
#include <string.h>

#define DIGITS_SIZE 32 /* room for any, and what is scratched */

/* Eight digits of a number below 10^8 as bytes of 0 to 9, the first lowest: fours, then pairs,
 * then each. */
static inline uint64_t digits_split(uint32_t value)
{
    const uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
    const uint64_t hundreds = (fours * 10486 >> 20) & 0x0000007f0000007f;
    const uint64_t pairs = hundreds | (fours - 100 * hundreds) << 16;
    const uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

    return tens | (pairs - 10 * tens) << 8;
}

/* Writes eight bytes, the lowest first. */
static inline void digits_store(char *at, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(at, &word, sizeof word);
}

#define DIGITS_ZEROS 0x3030303030303030

/* Writes the digits of a number below 10^8 without leading zeros; scratches 8 bytes. Gives
 * their end. */
static inline char *digits_put_short(char *at, uint32_t value)
{
    const uint64_t split = digits_split(value);
    const int skip = __builtin_ctzll(split | (uint64_t)1 << 56) / 8;

    digits_store(at, (split | DIGITS_ZEROS) >> 8 * skip);
    return at + 8 - skip;
}

static inline char *digits_put_eight(char *at, uint32_t value)
{
    digits_store(at, digits_split(value) | DIGITS_ZEROS);
    return at + 8;
}

/* Writes the digits of any number; scratches up to 8 bytes behind them. Gives their end. */
static inline char *digits_put(char *at, uint64_t value)
{
    const uint64_t e8 = 100000000, rest = value % e8, upper = value / e8;

    if (upper == 0) return digits_put_short(at, (uint32_t)value);
    if (upper < e8) {
        at = digits_put_short(at, (uint32_t)upper);
    } else {
        at = digits_put_short(at, (uint32_t)(upper / e8));
        at = digits_put_eight(at, (uint32_t)(upper % e8));
    }
    return digits_put_eight(at, (uint32_t)rest);
}
