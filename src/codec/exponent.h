/* exponent.h - exponents of ten as text. */
#pragma once

/* "e-05", "e+100". Gives the end. */
static inline char *exponent_put(char *at, int exponent)
{
    const unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);

    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (magnitude >= 100) *at++ = (char)('0' + magnitude / 100);
    *at++ = (char)('0' + magnitude / 10 % 10);
    *at++ = (char)('0' + magnitude % 10);
    return at;
}
