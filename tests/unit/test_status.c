/* test_status.c - notes of failures: where they point to. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "status.h"

static const struct {
    const char *where, *name, *pointer;
} cases[] = {
    {"#", "pred", "#/pred"},    {"#", "", "#/"},
    {"#", "a/b", "#/a~1b"},     {"#", "a~b", "#/a~0b"},
    {"#", "~1/~", "#/~01~1~0"}, {"#/params", "a/b.c", "#/params/a~1b.c"},
};

START_TEST(names_are_escaped)
{
    char pointer[SC_POINTER_SIZE];

    sc_pointer(pointer, cases[_i].where, cases[_i].name);
    ck_assert_str_eq(pointer, cases[_i].pointer);
}
END_TEST

/* Is it `where`, a slash and the name's beginning, as long as it can be? */
static void check_cut(const char *where, const char *unit, const char *escaped)
{
    char name[400] = "", expected[SC_POINTER_SIZE], pointer[SC_POINTER_SIZE];

    while (strlen(name) < 300) strncat(name, unit, sizeof name - strlen(name) - 1);
    snprintf(expected, sizeof expected, "%s/", where);
    while (strlen(expected) + strlen(escaped) <= 96)
        strncat(expected, escaped, sizeof expected - strlen(expected) - 1);
    sc_pointer(pointer, where, name);
    ck_assert_str_eq(pointer, expected);
}

START_TEST(a_long_name_is_cut_between_characters)
{
    char where[32] = "#";

    for (size_t i = 1; i < sizeof where; where[i++] = 'x') {
        check_cut(where, "y", "y");
        check_cut(where, "/", "~1");
        check_cut(where, "~", "~0");
        check_cut(where, "\xc3\xa9", "\xc3\xa9");
        check_cut(where, "\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82");
    }
}
END_TEST

START_TEST(nothing_is_too_long)
{
    char name[1000], pointer[SC_POINTER_SIZE];

    memset(name, 0x80, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sc_pointer(pointer, "#", name);
    ck_assert_str_eq(pointer, "#/");
    memset(name, 'x', sizeof name - 1);
    sc_pointer(pointer, name, name);
    ck_assert_uint_eq(strlen(pointer), 96);
    sc_pointer(pointer, name, "");
    ck_assert_uint_eq(strlen(pointer), 96);
}
END_TEST

START_TEST(failures_point_to_names)
{
    struct sc_note note = {.has_value = true};

    ck_assert_int_eq(sc_fail_input(&note, SC_BAD_INPUT, "a/b", "%d of %s", 1, "x"),
                     SC_BAD_INPUT);
    ck_assert_str_eq(note.pointer, "#/a~1b");
    ck_assert_str_eq(note.detail, "1 of x");
    ck_assert(!note.has_value);
    ck_assert_int_eq(sc_fail_param(&note, SC_BAD_PARAM, "a~", "no"), SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/a~0");
    ck_assert_int_eq(sc_fail_param(NULL, SC_BAD_PARAM, "a", "no"), SC_BAD_PARAM);
}
END_TEST

START_TEST(failures_say_what_they_were_in)
{
    struct sc_note note = {.pointer = "#/a", .has_value = true};
    char longest[sizeof note.detail];

    snprintf(note.detail, sizeof note.detail, "no");
    ck_assert_int_eq(sc_fail_in(&note, SC_OK, "part %d", 1), SC_OK);
    ck_assert_str_eq(note.detail, "no");
    ck_assert_int_eq(sc_fail_in(&note, SC_BAD_SHAPE, "part %d", 1), SC_BAD_SHAPE);
    ck_assert_str_eq(note.detail, "part 1: no");
    ck_assert_str_eq(note.pointer, "#/a");
    ck_assert(note.has_value);
    ck_assert_int_eq(sc_fail_in(NULL, SC_BAD_SHAPE, "part"), SC_BAD_SHAPE);
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    sc_fail_in(&note, SC_BAD_SHAPE, "%s", longest);
    ck_assert_str_eq(note.detail, longest);
}
END_TEST

START_TEST(elements_are_pointed_to_by_index)
{
    char pointer[SC_POINTER_SIZE] = "#/a";

    sc_pointer_add(pointer, 7);
    sc_pointer_add(pointer, 0);
    ck_assert_str_eq(pointer, "#/a/7/0");
    for (int i = 0; i < 100; i++) sc_pointer_add(pointer, INT64_MAX);
    ck_assert_uint_eq(strlen(pointer), SC_POINTER_SIZE - 1);
}
END_TEST

START_TEST(lists_are_cut_where_there_is_no_room)
{
    char text[9] = "";

    ck_assert_ptr_eq(sc_list_add(text, sizeof text, "%s", "ab"), text);
    ck_assert_str_eq(text, "ab");
    sc_list_add(text, sizeof text, "%d", 7);
    ck_assert_str_eq(text, "ab, 7");
    sc_list_add(text, sizeof text, "%s", "cd");
    ck_assert_str_eq(text, "ab, 7, c");
    sc_list_add(text, sizeof text, "%s", "e");
    ck_assert_str_eq(text, "ab, 7, c");
}
END_TEST

START_TEST(numbers_have_the_digits_that_they_need)
{
    static const struct {
        double value;
        const char *text;
    } numbers[] = {{0, "0"},
                   {1000, "1000"},
                   {-100000, "-100000"},
                   {9007199254740991, "9007199254740991"},
                   {-1.5, "-1.5"},
                   {0.1, "0.1"},
                   {1e-5, "1e-05"},
                   {1e300, "1e+300"},
                   {0x1p53 + 2, "9007199254740994"}};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[SC_NUMBER_TEXT];

        ck_assert_str_eq(sc_number_text(text, numbers[i].value), numbers[i].text);
    }
}
END_TEST

Suite *suite_status(void);

Suite *suite_status(void)
{
    Suite *s = suite_create("status");
    TCase *c = tcase_create("status");

    tcase_add_loop_test(c, names_are_escaped, 0, sizeof cases / sizeof *cases);
    tcase_add_test(c, a_long_name_is_cut_between_characters);
    tcase_add_test(c, nothing_is_too_long);
    tcase_add_test(c, failures_point_to_names);
    tcase_add_test(c, failures_say_what_they_were_in);
    tcase_add_test(c, elements_are_pointed_to_by_index);
    tcase_add_test(c, lists_are_cut_where_there_is_no_room);
    tcase_add_test(c, numbers_have_the_digits_that_they_need);
    suite_add_tcase(s, c);
    return s;
}
