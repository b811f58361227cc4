/* main.c - the libcheck runner: the suites of suites.def, each test in a process of its own.
 *
 * Nothing here may open a parallel region: libcheck forks per test, and a child of a process
 * that already ran one would hang in its own first. */
#include <check.h>
#include <stdio.h>

#include "score.h"

#define SUITE(name) Suite *suite_##name(void);
#include "suites.def"
#undef SUITE

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    struct sc_note note;
    int run, failed;

    if (sc_init(&note) != SC_OK) {
        fprintf(stderr, "unit: %s\n", note.detail);
        return 2;
    }
#define SUITE(name) srunner_add_suite(runner, suite_##name());
#include "suites.def"
#undef SUITE

    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_ENV);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    printf("unit: %d passed, %d failed\n", run - failed, failed);
    return failed == 0 && run > 0 ? 0 : 1;
}
