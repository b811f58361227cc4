/* decimal.h - decimal numbers to binary and back, both correctly rounded. The locale is "C". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A JSON number that was read: +-digits * 10^exponent. Tokens are of JSON's grammar, checked
 * before; `end` is the end of the text. */
struct decimal {
    const uint8_t *at, *end; /* the token */
    uint64_t digits;         /* the first 19 significant digits */
    int64_t exponent;
    bool negative;
    bool exact;   /* there were no more digits */
    bool integer; /* no point and no exponent */
};

/* Reads the token at `at`; gives its end. */
const uint8_t *decimal_read(const uint8_t *at, const uint8_t *end, struct decimal *out);

/* Infinite when it is beyond the type. */
double decimal_double(const struct decimal *d);
float decimal_float(const struct decimal *d);

/* The bits of halves, rounded once. */
uint16_t decimal_float16(const struct decimal *d);
uint16_t decimal_bfloat16(const struct decimal *d);

/* The magnitude of an integer token; false when it passes 2^64 - 1. */
bool decimal_magnitude(const struct decimal *d, uint64_t *out);

/* Room for any number that is printed, with its NUL, and what is scratched behind it. */
#define DECIMAL_SIZE 48

/* Print the shortest text that reads back as the same value, the closest one of these; always
 * with a point or an exponent, so that it stays a real number: "3.0", "-0.0", "1e+20". Finite
 * values only; halves as their bits. Give the number of characters. */
size_t decimal_print(char text[DECIMAL_SIZE], double value);
size_t decimal_print_float(char text[DECIMAL_SIZE], float value);

/* The same for many, without a NUL, but with a comma before each. Room: DECIMAL_SIZE + 1 each.
 * Give the end. */
char *decimal_print_floats(char *at, const float *value, size_t count);
char *decimal_print_doubles(char *at, const double *value, size_t count);
