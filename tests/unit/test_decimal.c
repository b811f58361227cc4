/* test_decimal.c - decimal numbers against the C library. */
#include "decimal.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double read_double(const char *text)
{
    struct decimal d;
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);

    ck_assert_ptr_eq(decimal_read(at, end, &d), end);
    return decimal_double(&d);
}

static float read_float(const char *text)
{
    struct decimal d;
    const uint8_t *at = (const uint8_t *)text;

    decimal_read(at, at + strlen(text), &d);
    return decimal_float(&d);
}

static void check_number(const char *text)
{
    const double found = read_double(text), wanted = strtod(text, NULL);
    const float found_float = read_float(text), wanted_float = strtof(text, NULL);

    ck_assert_msg(bits_of(found) == bits_of(wanted), "%s: %a, not %a", text, found, wanted);
    ck_assert_msg(bits_of((double)found_float) == bits_of((double)wanted_float),
                  "%s: %a, not %a", text, (double)found_float, (double)wanted_float);
}

START_TEST(hard_decimals_are_rounded_correctly)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0",
        "0e400",
        "0.1",
        "0.3",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.9999999999999999999",
        "18446744073709551616",
        "123456789012345678901e-5",
        "2.2250738585072011e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e-400",
        "16777217",
        "16777217.0000001",
        "16777219",
        "1.00000017881393432617187499",
        "1.00000017881393432617187500",
        "1.00000017881393432617187501",
        "3.4028235677973366e38",
        "3.4028235677973365e38",
        "7.0064923216240854e-46",
        "7.0064923216240853e-46",
        "0.000000000000000000000000000000000000000000000000000000000000001e63",
        "10000000000000000000000000000000000000000000000000000000000000000e-64",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "0.5e+00000000000000000000001",
    };

    for (size_t i = 0; i < COUNT(texts); i++) check_number(texts[i]);
}
END_TEST

START_TEST(very_long_decimals_are_rounded_correctly)
{
    char text[3000];

    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17); /* halfway, but for its last digit */
    text[2998] = '1';
    text[2999] = '\0';
    check_number(text);
    text[2998] = '0';
    check_number(text);
    memset(text, '9', 2000);
    snprintf(text + 2000, 100, "e-1999");
    check_number(text);
    memset(text, '0', 2000);
    memcpy(text, "0.", 2);
    snprintf(text + 2000, 100, "12345e2003");
    check_number(text);
}
END_TEST

START_TEST(random_decimals_are_rounded_correctly)
{
    uint64_t state = 1;

    for (int i = 0; i < 200000; i++) {
        char text[64];

        state = state * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof text, "%s%llu%s%llue%d", state & 1 ? "-" : "",
                 (unsigned long long)(state >> (state >> 8 & 63)), i % 3 ? "." : "0",
                 (unsigned long long)(state >> (state >> 16 & 63)),
                 (int)(state >> 24 & 1023) % 660 - 340);
        check_number(text);
    }
}
END_TEST

static void check_print(double value)
{
    char text[DECIMAL_SIZE];
    const size_t size = decimal_print(text, value);
    const double back = strtod(text, NULL);

    ck_assert_uint_eq(size, strlen(text));
    ck_assert_ptr_nonnull(strpbrk(text, ".e"));
    ck_assert_msg(bits_of(back) == bits_of(value), "%a printed as %s", value, text);
}

START_TEST(numbers_print_shortest)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.0"},      {-0.0, "-0.0"},
                 {3, "3.0"},      {0.1, "0.1"},
                 {1e20, "1e+20"}, {5e-324, "5e-324"},
                 {1e-5, "1e-05"}, {123456789, "123456789.0"},
                 {0.3, "0.3"},    {1.0 / 3, "0.3333333333333333"},
                 {1e15, "1e+15"}};
    char text[DECIMAL_SIZE];
    uint64_t state = 1;

    for (size_t i = 0; i < COUNT(cases); i++) {
        decimal_print(text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
    }
    for (int i = 0; i < 100000; i++) {
        double value;
        float f;
        const uint32_t low = (uint32_t)(state >> 32);

        state = state * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &state, sizeof value);
        memcpy(&f, &low, sizeof f);
        if (isfinite(value)) check_print(value);
        if (!isfinite(f)) continue;
        decimal_print_float(text, f);
        ck_assert_msg(strtof(text, NULL) == f, "%a printed as %s", (double)f, text);
    }
}
END_TEST

Suite *suite_decimal(void);

Suite *suite_decimal(void)
{
    Suite *s = suite_create("decimal");
    TCase *c = tcase_create("decimal");

    suite_add_tcase(s, c);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, hard_decimals_are_rounded_correctly);
    tcase_add_test(c, very_long_decimals_are_rounded_correctly);
    tcase_add_test(c, random_decimals_are_rounded_correctly);
    tcase_add_test(c, numbers_print_shortest);
    return s;
}
