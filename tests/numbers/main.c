/* main.c - `numbers [all [PART PARTS]]`: reading and printing of decimal numbers against the C
 * library. Sampled, or every float32 and 10 million texts; or one of so many parts of the
 * float32, for machines with many processors. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "levels.h"

#define TEXT_MAX 2048

static uint64_t passed, failed;

static uint64_t draw(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state ^ state >> 29) * 0x9e3779b97f4a7c15u >> 3;
}

static void count(bool ok, const char *what, const char *text)
{
    if (ok) {
        passed++;
    } else if (failed++ < 20) {
        printf("numbers: %s: %s\n", what, text);
    }
}

/* What the levels have found wrong, of many. */
static void count_levels(uint64_t wrong)
{
    failed += wrong;
    passed += wrong == 0;
}

/* No NaN comes here; the zeros differ. */
static bool same(double a, double b)
{
    return a == b && signbit(a) == signbit(b);
}

static void read_both(const char *text, double *d, float *f)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    struct decimal decimal;

    count(decimal_read(at, end, &decimal) == end, "not read to its end", text);
    *d = decimal_double(&decimal);
    *f = decimal_float(&decimal);
}

static void check_text(const char *text)
{
    const double wide = strtod(text, NULL);
    const float narrow = strtof(text, NULL);
    double d;
    float f;

    read_both(text, &d, &f);
    count(same(d, wide), "read as float64", text);
    count(same((double)f, (double)narrow), "read as float32", text);
    count_levels(levels_read(text, wide, narrow));
}

/* ---- texts ---- */

static size_t put_digits(char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) text[i] = (char)('0' + draw() % 10);
    return count;
}

/* Up to 25 digits in all, any exponent. */
static void any_text(char text[TEXT_MAX])
{
    char *at = text;

    if (draw() & 1) *at++ = '-';
    *at = (char)('1' + draw() % 9);
    at += 1 + put_digits(at + 1, draw() % 13);
    if (draw() & 1) {
        *at++ = '.';
        at += 1 + put_digits(at, 1 + draw() % 12) - 1;
    }
    if (draw() & 1)
        snprintf(at, 16, "e%d", (int)(draw() % 701) - 350);
    else
        *at = '\0';
}

static double any_double(void)
{
    double value;

    do {
        const uint64_t bits = draw() << 3 ^ draw();

        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

/* The point between two neighbours, written out, and one behind its last digit. */
static void halfway_text(char text[TEXT_MAX])
{
    const double wide = fabs(any_double()), value = draw() & 1 ? wide : (double)(float)(wide);
    const long double middle =
        isfinite(value) ? ((long double)value + (long double)nextafter(value, INFINITY)) / 2
                        : 1;
    const size_t digits = draw() % 2 ? 780 : 20 + draw() % 40;

    snprintf(text, TEXT_MAX, "%.*Le", (int)digits, middle);
    if (draw() & 1) text[2 + digits - 1] = (char)('0' + draw() % 10);
}

/* As programs write numbers: float32 as float64, fixed places. */
static void usual_text(char text[TEXT_MAX])
{
    static const char *const forms[] = {"%.17g", "%.16g", "%.9g", "%.6f",
                                        "%.2f",  "%.18e", "%.25f"};
    const float value = (float)((double)(draw() >> 20) / 0x1p41);

    snprintf(text, TEXT_MAX, forms[draw() % 7],
             draw() & 1 ? (double)value : (double)value * (double)(draw() % 1000));
}

static void check_texts(uint64_t each)
{
    void (*const kinds[])(char *) = {any_text, halfway_text, usual_text};

    for (uint64_t i = 0; i < each; i++)
        for (size_t kind = 0; kind < 3; kind++) {
            char text[TEXT_MAX];

            kinds[kind](text);
            check_text(text);
        }
}

/* ---- printing ---- */

/* How many significant digits a text has. */
static int digits_of(const char *text)
{
    int count = 0, zeros = 0;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0')) continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

/* Does no decimal of fewer digits read back? The nearest on either side are all there is to
 * try. */
static bool is_shortest_float(float value, int digits)
{
    char text[64];

    if (digits <= 1) return true;
    snprintf(text, sizeof text, "%.*e", digits - 2, (double)value);
    if (strtof(text, NULL) == value) return false;
    return true;
}

static bool is_shortest(double value, int digits)
{
    char text[64];

    if (digits <= 1) return true;
    snprintf(text, sizeof text, "%.*e", digits - 2, value);
    return strtod(text, NULL) != value;
}

static void check_float(uint32_t bits, bool whole)
{
    char text[DECIMAL_SIZE];
    double d;
    float value, back;

    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) return;
    count_levels(levels_float(value));
    decimal_print_float(text, value);
    read_both(text, &d, &back);
    count(same((double)back, (double)value), "float32 does not come back", text);
    if (whole) count(is_shortest_float(value, digits_of(text)), "float32 not shortest", text);
}

static void check_double(double value)
{
    char text[DECIMAL_SIZE];

    count_levels(levels_double(value));
    decimal_print(text, value);
    count(same(strtod(text, NULL), value), "float64 does not come back", text);
    count(is_shortest(value, digits_of(text)), "float64 not shortest", text);
    check_text(text);
}

int main(int argc, char **argv)
{
    const bool all = argc > 1 && strcmp(argv[1], "all") == 0;
    const uint64_t parts = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    const uint64_t part = argc > 3 ? strtoull(argv[2], NULL, 10) : 0; /* from 0 */
    const uint64_t step = all ? parts : 9973;

    check_texts(all ? 3400000 : 70000);
    for (uint64_t i = 0; i < (all ? 10000000u : 100000u); i++) check_double(any_double());
    for (int e = -1074; e < 1024; e++) check_double(ldexp(1, e));
    for (uint64_t bits = part; bits < (uint64_t)1 << 32; bits += step)
        check_float((uint32_t)bits, !all || bits % 97 == 0);
    count_levels(levels_read(NULL, 0, 0) + levels_float(NAN) + levels_double(NAN));
    count_levels(levels_ends());
    printf("numbers: %llu passed, %llu failed\n", (unsigned long long)passed,
           (unsigned long long)failed);
    return failed > 0;
}
