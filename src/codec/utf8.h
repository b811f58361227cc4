/* utf8.h - UTF-8 as RFC 3629 has it: shortest forms, no surrogates, up to U+10FFFF. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes (1 to 4) of the character at `at`; 0 if it is not valid. */
static inline size_t utf8_length(const uint8_t *at, const uint8_t *end)
{
    const size_t room = (size_t)(end - at);

    if (room == 0) return 0;
    if (at[0] < 0x80) return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4 || room < 2 || (at[1] & 0xc0) != 0x80) return 0;
    if (at[0] < 0xe0) return 2;
    if (room < 3 || (at[2] & 0xc0) != 0x80) return 0;
    if (at[0] < 0xf0) {
        if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)) return 0;
        return 3;
    }
    if (room < 4 || (at[3] & 0xc0) != 0x80) return 0;
    if ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)) return 0;
    return 4;
}

/* Writes a code point (at most U+10FFFF) and gives its bytes. */
static inline size_t utf8_put(uint8_t *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (uint8_t)(0xc0 | point >> 6);
        out[1] = (uint8_t)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (uint8_t)(0xe0 | point >> 12);
        out[1] = (uint8_t)(0x80 | (point >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | point >> 18);
    out[1] = (uint8_t)(0x80 | (point >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (point >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (point & 63));
    return 4;
}
