/* test_print_isa.c - the printers by vectors give what the plain ones give, byte for byte. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "isa.h"

#define MANY 200
#define ROOM (MANY * (DECIMAL_SIZE + 1))

static uint64_t draw(void)
{
    static uint64_t state = 11;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state ^ state >> 29) * 0x9e3779b97f4a7c15u >> 3;
}

enum kind { ANY, UNIFORM, SHORT, WHOLE, POWERS, LIMITS, KINDS };

/* Any bits but those of NaN and infinities. */
static double any(bool is_float)
{
    const uint64_t bits = draw() << 3 ^ draw();
    const uint32_t some = (uint32_t)(bits >> 17);
    double value;
    float narrow;

    memcpy(&narrow, &some, sizeof narrow);
    memcpy(&value, &bits, sizeof value);
    if (is_float) value = (double)narrow;
    return isfinite(value) ? value : any(is_float);
}

static double element(enum kind kind, bool is_float)
{
    static const double limits[] = {
        0,       1e-5,    1e-4, 9.9999e-5, 123456, 999999, 1e6,   1e7,
        1e15,    1e16,    1e17, 1e-44,     5e-324, 1e22,   1e23,  9007199254740993.0,
        3.4e38,  1.2e-38, 0.3,  2097152.5, 1e100,  1e-100, 1e300, 0x1p-149,
        0x1p-126};
    const double sign = draw() & 1 ? -1 : 1, unit = (double)(draw() >> 8) / 0x1p53;
    double value = 0;

    if (kind == ANY) return any(is_float);
    if (kind == UNIFORM) value = unit;
    if (kind == SHORT) value = floor(unit * 1000) / (draw() & 1 ? 10 : 100);
    if (kind == WHOLE) value = (double)(draw() >> (8 + draw() % 53));
    if (kind == POWERS)
        value = ldexp(1, (int)(draw() % (is_float ? 276 : 2097)) - (is_float ? 149 : 1074));
    if (kind == LIMITS) value = limits[draw() % (sizeof limits / sizeof limits[0])];
    value *= sign;
    return is_float && !isfinite((float)value) ? 1 : value;
}

static void compare(const char *found, const char *end, const char *wanted,
                    const char *wanted_end)
{
    const size_t size = (size_t)(end - found), wanted_size = (size_t)(wanted_end - wanted);
    size_t same = 0;

    while (same < size && same < wanted_size && found[same] == wanted[same]) same++;
    ck_assert_msg(size == wanted_size && same == size,
                  "%zu of %zu bytes, then '%.20s' not '%.20s'", same, wanted_size, found + same,
                  wanted + same);
}

static void check_floats(size_t count, enum kind kind)
{
    static char found[ROOM], wanted[ROOM];
    float value[MANY];

    for (size_t i = 0; i < count; i++) value[i] = (float)element(kind, true);
    compare(found, codec_isa()->print_floats(found, value, count), wanted,
            decimal_print_floats(wanted, value, count));
}

static void check_doubles(size_t count, enum kind kind)
{
    static char found[ROOM], wanted[ROOM];
    double value[MANY];

    for (size_t i = 0; i < count; i++) value[i] = element(kind, false);
    compare(found, codec_isa()->print_doubles(found, value, count), wanted,
            decimal_print_doubles(wanted, value, count));
}

/* All levels that have one; of any count, since the last ones are fewer than eight. */
START_TEST(numbers_print_as_by_the_plain_printer)
{
    static const char *const levels[] = {"v1", "v3", "v4", "arm64"};

    for (size_t level = 0; level < sizeof levels / sizeof levels[0]; level++) {
        if (!codec_isa_choose(levels[level]) || codec_isa()->print_floats == NULL) continue;
        for (int round = 0; round < 3000; round++) {
            const size_t count = draw() % (MANY + 1);
            const enum kind kind = (enum kind)(draw() % KINDS);

            check_floats(count, kind);
            check_doubles(count, kind);
        }
    }
}
END_TEST

Suite *suite_print_isa(void);

Suite *suite_print_isa(void)
{
    Suite *suite = suite_create("print_isa");
    TCase *cases = tcase_create("levels");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, numbers_print_as_by_the_plain_printer);
    suite_add_tcase(suite, cases);
    return suite;
}
