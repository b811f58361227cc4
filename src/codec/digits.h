/* digits.h - whole numbers as decimal digits, two at a time. */
#pragma once

#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 20 /* of 2^64 - 1 */

/* Writes the digits of `value` so that they end before `end`; gives where they begin. */
static inline char *digits_before(char *end, uint64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";

    for (; value >= 100; value /= 100) memcpy(end -= 2, pairs + value % 100 * 2, 2);
    if (value < 10)
        *--end = (char)('0' + value);
    else
        memcpy(end -= 2, pairs + value * 2, 2);
    return end;
}
