/* decimal_print.c - shortest digits after R. Giulietti, "The Schubfach way to render doubles",
 * 2020: of the decimals that read back as the value, one of the two coarsest spacings holds the
 * answer. */
#include "decimal.h"

#include <string.h>

#include "bits.h"
#include "digits.h"
#include "exponent.h"
#include "power10.h"

#define MANY 64 /* numbers at once */

/* A binary format: bits of its fraction, exponent of the last one, digits that always survive.
 */
struct format {
    int fraction, exponent_bits, bias, digits;
};

static const struct format float64 = {52, 11, 1075, 15};
static const struct format float32 = {23, 8, 150, 6};

/* digits * 10^exponent; zeros may be at the end */
struct shortest {
    uint64_t digits;
    int exponent;
};

/* The top 64 bits of the product of 192, its last bit set if anything is cut off. */
static inline uint64_t multiply(struct power10 power, uint64_t factor)
{
    const unsigned __int128 low = (unsigned __int128)power.low * factor;
    const unsigned __int128 sum = (unsigned __int128)power.high * factor +
                                  (uint64_t)(low >> 64);

    return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

/* The same with the first 64 bits of the power, rounded up: enough for float32, whose factor
 * has 32 bits. What is cut off is 0, but for the error of rounding, or more than that. */
static inline uint64_t multiply_short(uint64_t power, uint64_t factor)
{
    const unsigned __int128 product = (unsigned __int128)power * factor;

    return (uint64_t)(product >> 64) | ((uint64_t)product >> 32 != 0);
}

/* 10^q, rounded up where it is not exact. */
static inline struct power10 power_above(int q)
{
    struct power10 p = power10(q);

    if (!power10_is_exact(q)) p.high += __builtin_add_overflow(p.low, 1, &p.low);
    return p;
}

/* Of mantissa * 2^exponent, whose lower neighbour is at half the distance if `closer`. */
static inline struct shortest find_shortest(uint64_t mantissa, int exponent, bool closer,
                                            bool is_short)
{
    const int k = (exponent * 1262611 - (closer ? 524031 : 0)) >> 22; /* of the spacing */
    const int shift = exponent + power10_exponent(-k) + 1;
    const struct power10 power = power_above(-k);
    const uint64_t above64 = power.high + (power.low != 0);
    const bool odd = mantissa & 1; /* then the ends of the interval belong to the neighbours */
    const uint64_t four = mantissa * 4; /* the results have two binary places */
    const uint64_t least = (four - 2 + closer) << shift, most = (four + 2) << shift;
    const uint64_t lower =
        (is_short ? multiply_short(above64, least) : multiply(power, least)) + odd;
    const uint64_t value = is_short ? multiply_short(above64, four << shift)
                                    : multiply(power, four << shift);
    const uint64_t upper = (is_short ? multiply_short(above64, most) : multiply(power, most)) -
                           odd;
    const uint64_t s = value / 4, tens = s / 10;
    const bool ten_below = lower <= tens * 40, ten_above = tens * 40 + 40 <= upper;
    const bool below = lower <= s * 4, above = s * 4 + 4 <= upper;
    const bool nearer = value + (s & 1) > s * 4 + 2; /* halfway to the even one */
    const bool up = below == above ? nearer : above;

    const uint64_t of_ten = (tens + ten_above) * 10, of_one = s + up;
    const uint64_t mask = 0 - (uint64_t)(ten_below != ten_above); /* no branch to guess */

    return (struct shortest){(of_ten & mask) | (of_one & ~mask), k};
}

/* A whole number below 2^(fraction + 1) is its own shortest text. */
static bool is_whole(uint64_t mantissa, int exponent, const struct format *f)
{
    return exponent <= 0 && -exponent <= f->fraction &&
           (mantissa & (((uint64_t)1 << -exponent) - 1)) == 0;
}

/* Of a value without its sign; zero has no digits. */
static inline struct shortest shortest_of(uint64_t bits, const struct format *f)
{
    const uint64_t hidden = (uint64_t)1 << f->fraction, fraction = bits & (hidden - 1);
    const int biased = (int)(bits >> f->fraction);
    const uint64_t mantissa = biased ? hidden | fraction : fraction;
    const int exponent = (biased ? biased : 1) - f->bias;

    if (bits == 0) return (struct shortest){0, 0};
    return is_whole(mantissa, exponent, f)
               ? (struct shortest){mantissa >> -exponent, 0}
               : find_shortest(mantissa, exponent, fraction == 0 && biased > 1,
                               f->fraction == 23);
}

typedef unsigned __int128 chars; /* 16 characters, the first lowest */

static inline void put_chars(char *at, chars c)
{
    digits_store(at, (uint64_t)c);
    digits_store(at + 8, (uint64_t)(c >> 64));
}

/* The digits of a number, from the first to the last that is not zero. In registers: to store
 * and load them again would take longer than all else. */
struct digits {
    chars first, rest; /* one, and those behind it */
    int count;
    int top; /* the power of ten of the first one */
};

/* `most`: 16, or 17 where there may be so many. */
static inline struct digits find_digits(struct shortest s, int most)
{
    const uint64_t e8 = 100000000, above = most > 16 ? s.digits / (e8 * e8) : 0;
    const uint64_t below = s.digits - above * (e8 * e8);
    const uint64_t high = digits_split((uint32_t)(below / e8));
    const uint64_t low = digits_split((uint32_t)(below % e8));
    const int lead_low = __builtin_ctzll(low | (uint64_t)1 << 56) / 8; /* no branch to guess */
    const int lead = __builtin_ctzll(high | (uint64_t)1 << 63) / 8 +
                     (high == 0 ? 1 + lead_low : 0);
    const int end = low    ? 16 - __builtin_clzll(low) / 8
                    : high ? 8 - __builtin_clzll(high) / 8
                           : 0;
    const chars all = (chars)(low | DIGITS_ZEROS) << 64 | (high | DIGITS_ZEROS);

    if (above > 0) return (struct digits){'0' + above, all, end + 1, 16 + s.exponent};
    return (struct digits){all >> 8 * lead, all >> 8 * lead >> 8, end - lead,
                           15 - lead + s.exponent};
}

/* As %g. What is written too much is written over. */
static inline char *put_decimal(char *at, struct digits d, int precision)
{
    const int count = d.count;
    const bool exponent = d.top < -4 || d.top >= (count > precision ? count : precision);
    const int whole = exponent ? 1 : d.top + 1; /* digits before the point */

    if (whole <= 0) {
        digits_store(at, DIGITS_ZEROS);
        at[1] = '.';
        at += 2 - whole;
        *at = (char)d.first;
        put_chars(at + 1, d.rest);
        return at + count;
    }
    *at = (char)d.first;
    put_chars(at + 1, d.rest);
    if (count > whole) {
        at[whole] = '.';
        put_chars(at + whole + 1, d.rest >> 8 * (whole - 1));
        at += count + 1;
    } else if (exponent) {
        at++;
    } else {
        put_chars(at + count, (chars)DIGITS_ZEROS << 64 | DIGITS_ZEROS);
        at[whole] = '.';
        at[whole + 1] = '0';
        at += whole + 2;
    }
    return exponent ? exponent_put(at, d.top) : at;
}

#define INLINE __attribute__((always_inline)) static inline

INLINE char *put(char *at, bool negative, struct shortest s, const struct format *f)
{
    *at = '-';
    at += negative;
    if (s.digits == 0) return mempcpy(at, "0.0", 3);
    return put_decimal(at, find_digits(s, f->fraction > 23 ? 17 : 16), f->digits);
}

INLINE size_t print(char text[DECIMAL_SIZE], uint64_t bits, const struct format *f)
{
    const uint64_t sign = (uint64_t)1 << (f->fraction + f->exponent_bits);
    char *end = put(text, (bits & sign) != 0, shortest_of(bits & (sign - 1), f), f);

    *end = '\0';
    return (size_t)(end - text);
}

size_t decimal_print(char text[DECIMAL_SIZE], double value)
{
    return print(text, sc_double_bits(value), &float64);
}

size_t decimal_print_float(char text[DECIMAL_SIZE], float value)
{
    return print(text, sc_float_bits(value), &float32);
}

/* First the digits of all, then their texts: a processor works on several numbers at once, as
 * long as what it does for each is short. */
#define PRINT_MANY(name, type, word, format)                                                   \
    char *name(char *at, const type *value, size_t count)                                      \
    {                                                                                          \
        const word sign = (word)1 << (sizeof(word) * 8 - 1);                                   \
        struct shortest s[MANY];                                                               \
        word bits[MANY];                                                                       \
                                                                                               \
        while (count > 0) {                                                                    \
            const size_t n = count < MANY ? count : MANY;                                      \
                                                                                               \
            memcpy(bits, value, n * sizeof *value);                                            \
            for (size_t i = 0; i < n; i++) s[i] = shortest_of(bits[i] & (sign - 1), &format);  \
            for (size_t i = 0; i < n; i++) {                                                   \
                *at++ = ',';                                                                   \
                at = put(at, (bits[i] & sign) != 0, s[i], &format);                            \
            }                                                                                  \
            value += n;                                                                        \
            count -= n;                                                                        \
        }                                                                                      \
        return at;                                                                             \
    }
PRINT_MANY(decimal_print_floats, float, uint32_t, float32)
PRINT_MANY(decimal_print_doubles, double, uint64_t, float64)
