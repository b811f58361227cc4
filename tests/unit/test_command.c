/* test_command.c - the words of `scored eval`. */
#include <check.h>
#include <string.h>

#include "command.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sc_arena arena;
static struct sc_note note;
static struct command command;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    note = (struct sc_note){0};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static enum sc_status read_words(const char *const *words)
{
    int count = 0;

    while (words[count] != NULL) count++;
    return command_read(count, (char **)(uintptr_t)words, &arena, &command, &note);
}

#define READ(...) read_words((const char *const[]){__VA_ARGS__, NULL})

START_TEST(inputs_are_files_and_the_rest_is_parameters)
{
    ck_assert_int_eq(READ("metrics/segmentation", "pred=a.png", "num_classes=11", "target=-",
                          "class_names=a=b,c", "pred=d.png"),
                     SC_OK);
    ck_assert_str_eq(command.target, "metrics/segmentation");
    ck_assert_uint_eq(command.files, 3);
    ck_assert_str_eq(command.file[0].name, "pred");
    ck_assert_str_eq(command.file[0].path, "a.png");
    ck_assert_ptr_null(command.file[0].type);
    ck_assert_str_eq(command.file[1].path, "-");
    ck_assert_uint_eq(command.args.count, 2);
    ck_assert_str_eq(command.args.item[0].name, "num_classes");
    ck_assert_str_eq(command.args.item[0].text[0], "11");
    ck_assert_str_eq(command.args.item[1].text[0], "a=b,c");
}
END_TEST

START_TEST(files_may_have_no_name)
{
    ck_assert_int_eq(READ("merge/losses/mse", "1.json", "states=2.json", "params=p.json"),
                     SC_OK);
    ck_assert_uint_eq(command.files, 3);
    ck_assert_str_eq(command.file[0].name, "");
    ck_assert_str_eq(command.file[1].name, "states");
    ck_assert_str_eq(command.file[2].name, "params");
}
END_TEST

START_TEST(raw_files_say_what_they_are)
{
    ck_assert_int_eq(READ("losses/mse", "pred=a;dtype=uint8;shape=2,3", "b;dtype=int8;shape=2",
                          "-;dtype=bool;shape="),
                     SC_OK);
    ck_assert_uint_eq(command.files, 3);
    ck_assert_str_eq(command.file[0].path, "a");
    ck_assert_str_eq(command.file[0].type, "application/octet-stream;dtype=uint8;shape=2,3");
    ck_assert_str_eq(command.file[1].path, "b");
    ck_assert_str_eq(command.file[2].path, "-");
    ck_assert_uint_eq(command.args.count, 0);
}
END_TEST

START_TEST(options_come_in_both_ways)
{
    ck_assert_int_eq(READ("--accept=csv", "losses/mse", "--output", "out", "--require", "a>1",
                          "--require=b.c == d"),
                     SC_OK);
    ck_assert_str_eq(command.accept, "csv");
    ck_assert_str_eq(command.output, "out");
    ck_assert_uint_eq(command.requirements, 2);
    ck_assert_str_eq(command.requirement[1].path, "b.c");
    ck_assert_str_eq(command.requirement[1].word, "d");
}
END_TEST

static const struct {
    const char *word[4], *says;
} mistakes[] = {
    {{"--accept", "csv"}, "needs an operation"},
    {{"losses/mse", "--accept"}, "--accept TYPE"},
    {{"losses/mse", "--accepts=csv"}, "'--accepts=csv'"},
    {{"losses/mse", "--accep", "csv"}, "'--accep'"},
    {{"losses/mse", "-x"}, "'-x'"},
    {{"losses/mse", "pred=-", "target=-"}, "only once"},
    {{"losses/mse", "-", "-;dtype=bool;shape="}, "only once"},
    {{"losses/mse", "pred="}, "no file"},
    {{"losses/mse", "pred=;dtype=bool"}, "no file"},
    {{"losses/mse", "--require=value"}, "PATH RELATION NUMBER"},
    {{"losses/mse", "--pred=a.npy"}, "it is an input: pred=FILE"},
    {{"losses/mse", "--num_classes", "3"}, "it is a parameter: num_classes=VALUE"},
    {{"pred=a.npy", "losses/mse"}, "the operation comes first"},
    {{"num_classes=3", "metrics/segmentation"}, "the operation comes first"},
};

START_TEST(mistakes_are_named)
{
    ck_assert_int_eq(read_words(mistakes[_i].word), SC_BAD_PARAM);
    ck_assert_msg(strstr(note.detail, mistakes[_i].says) != NULL, "'%s' does not say '%s'",
                  note.detail, mistakes[_i].says);
}
END_TEST

Suite *suite_command(void);

Suite *suite_command(void)
{
    Suite *suite = suite_create("command");
    TCase *words = tcase_create("words");

    tcase_add_checked_fixture(words, setup, teardown);
    tcase_add_test(words, inputs_are_files_and_the_rest_is_parameters);
    tcase_add_test(words, files_may_have_no_name);
    tcase_add_test(words, raw_files_say_what_they_are);
    tcase_add_test(words, options_come_in_both_ways);
    tcase_add_loop_test(words, mistakes_are_named, 0, COUNT(mistakes));
    suite_add_tcase(suite, words);
    return suite;
}
