/* decimal_print.c - shortest digits after R. Giulietti, "The Schubfach way to render doubles",
 * 2020: of the decimals that read back as the value, one of the two coarsest spacings holds the
 * answer. */
#include "decimal.h"

#include <string.h>

#include "digits.h"
#include "power10.h"

/* A binary format: bits of its fraction, exponent of the last one, digits that always survive.
 */
struct format {
    int fraction, exponent_bits, bias, digits;
};

static const struct format float64 = {52, 11, 1075, 15};
static const struct format float32 = {23, 8, 150, 6};

/* digits * 10^exponent */
struct shortest {
    uint64_t digits;
    int exponent;
};

/* The top 64 bits of the product of 192, its last bit set if anything is cut off. */
static uint64_t multiply(unsigned __int128 power, uint64_t factor)
{
    const unsigned __int128 low = (unsigned __int128)(uint64_t)power * factor;
    const unsigned __int128 sum = (unsigned __int128)(uint64_t)(power >> 64) * factor +
                                  (uint64_t)(low >> 64);

    return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

/* 10^q, rounded up where it is not exact. */
static unsigned __int128 power_above(int q)
{
    const struct power10 p = power10(q);

    return ((unsigned __int128)p.high << 64 | p.low) + !power10_is_exact(q);
}

/* Of mantissa * 2^exponent, whose lower neighbour is at half the distance if `closer`. */
static struct shortest find_shortest(uint64_t mantissa, int exponent, bool closer)
{
    const int k = (exponent * 1262611 - (closer ? 524031 : 0)) >> 22; /* of the spacing */
    const int shift = exponent + power10_exponent(-k) + 1;
    const unsigned __int128 power = power_above(-k);
    const bool odd = mantissa & 1; /* then the ends of the interval belong to the neighbours */
    const uint64_t four = mantissa * 4; /* the results have two binary places */
    const uint64_t lower = multiply(power, (four - 2 + closer) << shift) + odd;
    const uint64_t value = multiply(power, four << shift);
    const uint64_t upper = multiply(power, (four + 2) << shift) - odd;
    const uint64_t s = value / 4, tens = s / 10;
    bool below = lower <= tens * 40, above = tens * 40 + 40 <= upper;

    if (below != above) return (struct shortest){tens + above, k + 1};
    below = lower <= s * 4;
    above = s * 4 + 4 <= upper;
    if (below == above) above = value > s * 4 + 2 || (value == s * 4 + 2 && (s & 1));
    return (struct shortest){s + above, k};
}

/* A whole number below 2^(fraction + 1) is its own shortest text. */
static bool is_whole(uint64_t mantissa, int exponent, const struct format *f)
{
    return exponent <= 0 && -exponent <= f->fraction &&
           (mantissa & (((uint64_t)1 << -exponent) - 1)) == 0;
}

static struct shortest shortest_of(uint64_t bits, const struct format *f)
{
    const uint64_t hidden = (uint64_t)1 << f->fraction, fraction = bits & (hidden - 1);
    const int biased = (int)(bits >> f->fraction);
    const uint64_t mantissa = biased ? hidden | fraction : fraction;
    const int exponent = (biased ? biased : 1) - f->bias;
    struct shortest s = is_whole(mantissa, exponent, f)
                            ? (struct shortest){mantissa >> -exponent, 0}
                            : find_shortest(mantissa, exponent, fraction == 0 && biased > 1);

    for (; s.digits % 10 == 0; s.exponent++) s.digits /= 10;
    return s;
}

static char *put_exponent(char *at, int exponent)
{
    const unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);

    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (magnitude >= 100) *at++ = (char)('0' + magnitude / 100);
    *at++ = (char)('0' + magnitude / 10 % 10);
    *at++ = (char)('0' + magnitude % 10);
    return at;
}

/* As %g: `top` is the power of ten of the first digit. */
static char *put_decimal(char *at, const char *digit, int count, int top, int precision)
{
    const bool exponent = top < -4 || top >= (count > precision ? count : precision);
    const int whole = exponent ? 1 : top + 1; /* digits before the point */

    if (whole <= 0) {
        for (int i = 0; i < 2 - whole; i++) at[i] = i == 1 ? '.' : '0';
        at += 2 - whole;
        memcpy(at, digit, (size_t)count);
        return at + count;
    }
    memcpy(at, digit, (size_t)(count < whole ? count : whole));
    for (int i = count; i < whole; i++) at[i] = '0';
    at += whole;
    if (!exponent || count > 1) *at++ = '.';
    if (count > whole) {
        memcpy(at, digit + whole, (size_t)(count - whole));
        at += count - whole;
    } else if (!exponent) {
        *at++ = '0';
    }
    return exponent ? put_exponent(at, top) : at;
}

static size_t print(char text[DECIMAL_SIZE], uint64_t bits, const struct format *f)
{
    const uint64_t sign = (uint64_t)1 << (f->fraction + f->exponent_bits);
    char digits[DIGITS_MAX], *const end = digits + sizeof digits, *first, *at = text;

    if (bits & sign) *at++ = '-';
    if ((bits & (sign - 1)) == 0) {
        memcpy(at, "0.0", 3);
        at += 3;
    } else {
        const struct shortest s = shortest_of(bits & (sign - 1), f);
        int count;

        first = digits_before(end, s.digits);
        count = (int)(end - first);
        at = put_decimal(at, first, count, count - 1 + s.exponent, f->digits);
    }
    *at = '\0';
    return (size_t)(at - text);
}

size_t decimal_print(char text[DECIMAL_SIZE], double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return print(text, bits, &float64);
}

size_t decimal_print_float(char text[DECIMAL_SIZE], float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return print(text, bits, &float32);
}
