/* test_wait_asleep.c - the program begins once more, or goes on as if nothing had been tried.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wait_asleep.h"

static char name[] = "sh", option[] = "-c", wanted[] = "passive 1000",
            script[] = "test \"$OMP_WAIT_POLICY $GOMP_SPINCOUNT\" = \"$0\"";
static char *argv[] = {name, option, script, wanted, NULL};

static void forget(void)
{
    unsetenv("OMP_WAIT_POLICY");
    unsetenv("GOMP_SPINCOUNT");
}

/* The status with which a process ends that calls it: 77 is that of one that went on. */
static int status_of(const char *self)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        wait_asleep(self, argv);
        _exit(77);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(the_program_begins_once_more_with_both)
{
    forget();
    ck_assert_int_eq(status_of("/bin/sh"), 0);
}
END_TEST

START_TEST(what_is_set_is_left_alone)
{
    forget();
    setenv("OMP_WAIT_POLICY", "active", 1);
    ck_assert_int_eq(status_of("/bin/sh"), 77);
    forget();
    setenv("GOMP_SPINCOUNT", "7", 1);
    ck_assert_int_eq(status_of("/bin/sh"), 77);
    forget();
}
END_TEST

/* Not there, not for executing, not a program. */
START_TEST(where_it_cannot_nothing_is_left_set)
{
    static const char *const selves[] = {"/none/scored", "/dev/null", "/"};

    forget();
    wait_asleep(selves[_i], argv);
    ck_assert_ptr_null(getenv("OMP_WAIT_POLICY"));
    ck_assert_ptr_null(getenv("GOMP_SPINCOUNT"));
}
END_TEST

Suite *suite_wait_asleep(void);

Suite *suite_wait_asleep(void)
{
    Suite *suite = suite_create("wait_asleep");
    TCase *tcase = tcase_create("wait_asleep");

    tcase_add_test(tcase, the_program_begins_once_more_with_both);
    tcase_add_test(tcase, what_is_set_is_left_alone);
    tcase_add_loop_test(tcase, where_it_cannot_nothing_is_left_set, 0, 3);
    suite_add_tcase(suite, tcase);
    return suite;
}
