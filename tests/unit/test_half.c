/* test_half.c - float16 and bfloat16: every one of them, and where between two neighbours the
 * rounding turns. */
#include <check.h>
#include <math.h>

#include "half.h"

/* A format: bits of the mantissa, bias of the exponent. */
struct format {
    int mantissa, bias;
    float (*from)(uint16_t);
    uint16_t (*to)(double);
};

static const struct format formats[] = {{10, 15, sc_from_float16, sc_to_float16},
                                        {7, 127, sc_from_bfloat16, sc_to_bfloat16}};

static uint16_t infinity(const struct format *f)
{
    return (uint16_t)((0x7fff >> f->mantissa) << f->mantissa);
}

/* By the definition; of what would be infinite, the number of the next exponent. */
static double value_of(const struct format *f, uint16_t bits)
{
    const int exponent = bits >> f->mantissa, mantissa = bits & ((1 << f->mantissa) - 1);
    const int normal = exponent > 0;

    return ldexp(mantissa + (normal << f->mantissa),
                 (normal ? exponent : 1) - f->bias - f->mantissa);
}

START_TEST(every_number_goes_both_ways)
{
    const struct format *f = &formats[_i];

    for (uint16_t bits = 0; bits < infinity(f); bits++) {
        const double value = value_of(f, bits);
        const uint16_t negative = bits | 0x8000;

        ck_assert((double)f->from(bits) == value && !signbit(f->from(bits)));
        ck_assert((double)f->from(negative) == -value && signbit(f->from(negative)));
        ck_assert_uint_eq(f->to(value), bits);
        ck_assert_uint_eq(f->to(-value), negative);
    }
}
END_TEST

START_TEST(neighbours_round_to_the_nearest_and_ties_to_even)
{
    const struct format *f = &formats[_i];

    for (uint16_t bits = 0; bits < infinity(f); bits++) {
        const double low = value_of(f, bits), high = value_of(f, bits + 1);
        const double middle = (low + high) / 2;

        ck_assert_uint_eq(f->to(middle), bits + (bits & 1));
        ck_assert_uint_eq(f->to(nextafter(middle, 0)), bits);
        ck_assert_uint_eq(f->to(nextafter(middle, HUGE_VAL)), bits + 1);
        ck_assert_uint_eq(f->to(-nextafter(middle, HUGE_VAL)), (bits + 1) | 0x8000);
        ck_assert_uint_eq(f->to(nextafter(high, 0)), bits + 1);
    }
}
END_TEST

START_TEST(what_is_no_number_stays_so)
{
    const struct format *f = &formats[_i];
    const uint16_t first = infinity(f);

    ck_assert(f->from(first) == HUGE_VALF && f->from(first | 0x8000) == -HUGE_VALF);
    ck_assert_uint_eq(f->to(HUGE_VAL), first);
    ck_assert_uint_eq(f->to(-HUGE_VAL), first | 0x8000);
    ck_assert_uint_eq(f->to(0x1.fffffffffffffp1023), first);
    ck_assert_uint_eq(f->to(0x1p-1074), 0);
    ck_assert_uint_eq(f->to(-0x1p-1074), 0x8000);
    for (uint16_t bits = first + 1; bits < 0x8000; bits++)
        ck_assert(isnan(f->from(bits)) && f->to((double)f->from(bits)) > first);
}
END_TEST

Suite *suite_half(void);

Suite *suite_half(void)
{
    Suite *s = suite_create("half");
    TCase *c = tcase_create("half");

    tcase_add_loop_test(c, every_number_goes_both_ways, 0, 2);
    tcase_add_loop_test(c, neighbours_round_to_the_nearest_and_ties_to_even, 0, 2);
    tcase_add_loop_test(c, what_is_no_number_stays_so, 0, 2);
    suite_add_tcase(s, c);
    return s;
}
