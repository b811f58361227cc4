/* test_bytes.c - views of bytes, and what they say. */
#include <check.h>

#include "bytes.h"

static struct sc_bytes view(const char *text)
{
    return sc_bytes(text, strlen(text));
}

START_TEST(bytes_are_a_text_or_not)
{
    ck_assert(sc_bytes_is(view("shape"), "shape"));
    ck_assert(sc_bytes_is(view(""), ""));
    ck_assert(!sc_bytes_is(view("shape"), "shap"));
    ck_assert(!sc_bytes_is(view("shap"), "shape"));
    ck_assert(!sc_bytes_is(view("shapE"), "shape"));
    ck_assert(!sc_bytes_is(sc_bytes("a\0b", 3), "a"));
}
END_TEST

START_TEST(whole_numbers_are_read)
{
    static const struct {
        const char *text;
        uint64_t most, value;
    } good[] = {{"0", 0, 0},
                {"7", 7, 7},
                {"007", 10, 7},
                {"4611686018427387904", UINT64_C(1) << 62, UINT64_C(1) << 62},
                {"18446744073709551615", UINT64_MAX, UINT64_MAX}};
    static const struct {
        const char *text;
        uint64_t most;
    } bad[] = {{"", 9},     {"8", 7},    {"18446744073709551616", UINT64_MAX},
               {"-1", 9},   {"+1", 9},   {"1 ", 9},
               {" 1", 9},   {"1.0", 9},  {"1e1", 99},
               {"0x1", 9},  {"/", 9},    {":", 9},
               {"\xb1", 9}, {"1,2", 99}, {"99999999999999999999999999", UINT64_MAX}};
    uint64_t value;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(sc_read_whole(view(good[i].text), good[i].most, &value), "%s",
                      good[i].text);
        ck_assert_uint_eq(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!sc_read_whole(view(bad[i].text), bad[i].most, &value), "%s",
                      bad[i].text);
}
END_TEST

Suite *suite_bytes(void);

Suite *suite_bytes(void)
{
    Suite *s = suite_create("bytes");
    TCase *c = tcase_create("bytes");

    tcase_add_test(c, bytes_are_a_text_or_not);
    tcase_add_test(c, whole_numbers_are_read);
    suite_add_tcase(s, c);
    return s;
}
