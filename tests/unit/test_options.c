/* test_options.c - options of the reply, taken out of parameters. */
#include <check.h>

#include "decoding.h"
#include "options.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sc_arena arena;
static struct options options;
static struct sc_note note;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    options = (struct options){0};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static enum sc_status take(const char *name, enum sc_arg_kind kind, const char *text)
{
    const struct sc_arg arg = {.name = name, .kind = kind, .count = 1, .text = &text};
    struct sc_args args = {.count = 0};

    ck_assert_status(sc_args_add(&args, &arg, &arena, &note), SC_OK);
    return options_take(&options, &args, &note);
}

START_TEST(what_is_no_option_is_left)
{
    struct sc_args args = {.count = 0};

    sc_args_add_raw(&args, "a", "1", &arena, &note);
    sc_args_add_raw(&args, "state", "true", &arena, &note);
    sc_args_add_raw(&args, "b", "2", &arena, &note);
    sc_args_add_raw(&args, "nonfinite", "token", &arena, &note);
    ck_assert_status(options_take(&options, &args, &note), SC_OK);
    ck_assert_uint_eq(args.count, 2);
    ck_assert_str_eq(args.item[0].name, "a");
    ck_assert_str_eq(args.item[1].name, "b");
    ck_assert(options.on[OPTION_STATE] && options.on[OPTION_NONFINITE]);
}
END_TEST

START_TEST(the_same_twice_is_once)
{
    ck_assert_status(take("state", SC_ARG_RAW, "false"), SC_OK);
    ck_assert_status(take("state", SC_ARG_BOOL, "false"), SC_OK);
    ck_assert_status(take("state", SC_ARG_BOOL, "true"), SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/state");
    ck_assert_status(take("nonfinite", SC_ARG_STRING, "token"), SC_OK);
    ck_assert_status(take("nonfinite", SC_ARG_RAW, "null"), SC_BAD_PARAM);
}
END_TEST

START_TEST(other_words_and_types_are_refused)
{
    static const struct {
        const char *name;
        enum sc_arg_kind kind;
        const char *text;
    } cases[] = {{"state", SC_ARG_RAW, ""},         {"state", SC_ARG_RAW, "1"},
                 {"state", SC_ARG_RAW, "TRUE"},     {"state", SC_ARG_STRING, "true"},
                 {"state", SC_ARG_NUMBER, "1"},     {"nonfinite", SC_ARG_RAW, "tokens"},
                 {"nonfinite", SC_ARG_BOOL, "true"}};
    const struct sc_arg list = {.name = "state", .kind = SC_ARG_BOOL, .is_list = true};
    struct sc_args args = {.count = 0};

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_status(take(cases[i].name, cases[i].kind, cases[i].text), SC_BAD_PARAM);
    ck_assert_status(sc_args_add(&args, &list, &arena, &note), SC_OK);
    ck_assert_status(options_take(&options, &args, &note), SC_BAD_PARAM);
    ck_assert(!options.given[OPTION_STATE] && !options.given[OPTION_NONFINITE]);
}
END_TEST

Suite *suite_options(void);

Suite *suite_options(void)
{
    Suite *s = suite_create("options");
    TCase *c = tcase_create("options");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, what_is_no_option_is_left);
    tcase_add_test(c, the_same_twice_is_once);
    tcase_add_test(c, other_words_and_types_are_refused);
    return s;
}
