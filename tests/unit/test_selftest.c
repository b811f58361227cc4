/* test_selftest.c - each operation has a recipe, its result depends on the input, all levels of
 * this machine agree, and one bit that is wrong is seen (wrong_run.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

START_TEST(it_passes_here)
{
    struct sc_note note = {0};
    const char *level = sc_isa();

    ck_assert_msg(selftest(&note), "%s", note.detail);
    ck_assert_str_eq(sc_isa(), level);
}
END_TEST

START_TEST(each_operation_is_looked_at)
{
    const char *level = sc_isa();

    for (int i = 0; i < sc_op_count; i++) {
        struct sc_arena arena;
        struct sc_bytes one, two;

        sc_arena_init(&arena, (size_t)64 << 20, NULL);
        one = selftest_report(&sc_ops[i], level, 1, &arena);
        two = selftest_report(&sc_ops[i], level, 2, &arena);
        ck_assert_msg(one.size > 0, "%s has no recipe in selftest.c", sc_ops[i].name);
        ck_assert_msg(one.size != two.size || memcmp(one.data, two.data, one.size) != 0,
                      "%s does not depend on its input", sc_ops[i].name);
        sc_arena_done(&arena);
    }
}
END_TEST

/* Of each operation in turn. */
START_TEST(one_wrong_bit_is_refused)
{
    const char *level = sc_isa(), *plain = strcmp(level, "arm64") == 0 ? level : "v1";
    struct sc_note note = {0};

    if (strcmp(level, plain) == 0) return; /* there is nothing to hold it against */
    for (int i = 0; i < sc_op_count; i++) {
        ck_assert_int_eq(setenv("WRONG_OPERATION", sc_ops[i].name, 1), 0);
        ck_assert_msg(!selftest(&note), "%s may be wrong", sc_ops[i].name);
        ck_assert_msg(strstr(note.detail, sc_ops[i].name) != NULL, "%s", note.detail);
        ck_assert_str_eq(sc_isa(), level);
    }
    ck_assert_int_eq(unsetenv("WRONG_OPERATION"), 0);
    ck_assert(selftest(&note));
}
END_TEST

Suite *suite_selftest(void);
Suite *suite_selftest(void)
{
    Suite *suite = suite_create("selftest");
    TCase *tests = tcase_create("selftest");

    tcase_add_test(tests, it_passes_here);
    tcase_add_test(tests, each_operation_is_looked_at);
    tcase_add_test(tests, one_wrong_bit_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
