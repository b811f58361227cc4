/* test_planes.c - softmax by vectors has the bits of the plain loops, at every level. */
#include <check.h>

#include "levels.h"
#include "planes_ops.h"

static const struct level {
    const char *name;
    planes_ops_fn *ops;
} levels[] = {LEVELS_OF(planes_ops)};

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
