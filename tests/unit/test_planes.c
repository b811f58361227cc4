/* test_planes.c - softmax by vectors has the bits of the plain loops, at every level. */
#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cpu.h"
#include "planes_ops.h"

static const struct level {
    const char *name;
    planes_ops_fn *ops;
} levels[] = {
#if defined(__x86_64__)
    {"v1", planes_ops_v1},
    {"v3", planes_ops_v3},
    {"v4", planes_ops_v4},
#else
    {"arm64", planes_ops_arm64},
#endif
};

static bool is_here(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "v3") == 0) return sc_cpu_has_v3();
    if (strcmp(name, "v4") == 0) return sc_cpu_has_v4();
#endif
    return name != NULL;
}

START_TEST(vectors_have_the_bits_of_numbers)
{
    const char *wrong = is_here(levels[_i].name) ? levels[_i].ops() : NULL;

    ck_assert_msg(wrong == NULL, "%s at %s", wrong, levels[_i].name);
}
END_TEST

Suite *suite_planes(void);

Suite *suite_planes(void)
{
    Suite *suite = suite_create("planes");
    TCase *tc = tcase_create("planes");

    tcase_add_loop_test(tc, vectors_have_the_bits_of_numbers, 0,
                        sizeof levels / sizeof *levels);
    suite_add_tcase(suite, tc);
    return suite;
}
