/* test_cpu.c - levels of the CPU, against what the kernel says of it. */
#include "cpu.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"
#include "machine.h"
#include "score.h"

#if defined(__x86_64__)
static char flags[8192];

static void setup(void)
{
    FILE *file = fopen("/proc/cpuinfo", "r");

    ck_assert_ptr_nonnull(file);
    while (fgets(flags, sizeof flags, file) != NULL && strncmp(flags, "flags", 5) != 0) {
    }
    fclose(file);
    ck_assert_msg(strncmp(flags, "flags", 5) == 0, "no flags in /proc/cpuinfo");
    flags[strcspn(flags, "\n")] = ' ';
}

/* Are all the words, each behind a space, among the flags? */
static bool has(const char *words)
{
    for (; *words != '\0'; words += 1 + strcspn(words + 1, " ")) {
        char word[16];

        snprintf(word, sizeof word, "%.*s ", (int)(1 + strcspn(words + 1, " ")), words);
        if (strstr(flags, word) == NULL) return false;
    }
    return true;
}

#define V3 " avx avx2 bmi1 bmi2 f16c fma abm movbe popcnt sse4_2 ssse3 xsave"
#define V4 V3 " avx512f avx512bw avx512cd avx512dq avx512vl"

START_TEST(a_level_needs_all_that_compilers_use)
{
    ck_assert_int_eq(sc_cpu_has_v3(), has(V3));
    ck_assert_int_eq(sc_cpu_has_v4(), has(V4));
    ck_assert_int_eq(sc_cpu_has_v4_vbmi(), has(V4 " avx512vbmi avx512_vbmi2"));
}
END_TEST

START_TEST(a_level_can_be_capped)
{
    struct sc_note note;

    setenv("SC_ISA_MAX", "v1", 1);
    ck_assert_int_eq(sc_init(&note), SC_OK);
    ck_assert_str_eq(sc_isa(), "v1");
    setenv("SC_ISA_MAX", "v3", 1);
    ck_assert_int_eq(sc_init(&note), SC_OK);
    ck_assert_str_eq(sc_isa(), sc_cpu_has_v3() ? "v3" : "v1");
    unsetenv("SC_ISA_MAX");
    ck_assert_int_eq(sc_init(&note), SC_OK);
}
END_TEST
#endif

/* The first is that of kernels; formats know what their own is. */
START_TEST(levels_are_told_where_they_differ)
{
    static const char *const levels[] = {"plain", "v1", "v3", "v4", "arm64"};
    char text[MACHINE_LEVELS_TEXT];
    int known = 0;

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (!codec_isa_choose(levels[i])) continue;
        ck_assert_str_eq(codec_isa()->name, levels[i]);
        known++;
    }
    ck_assert_int_ge(known, 2);
    ck_assert_str_eq(machine_levels(text, "v4", "v4"), "v4");
    ck_assert_str_eq(machine_levels(text, "v4", "v3"), "v4 (formats: v3)");
}
END_TEST

/* A cap that is mistyped is none, and that is told. */
START_TEST(a_cap_is_the_name_of_a_level)
{
    static const char *const caps[] = {"v2", "V1", "v1 ", "avx2", ""};
    struct sc_note note;

    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        setenv("SC_ISA_MAX", caps[i], 1);
        ck_assert_int_eq(sc_init(&note), SC_BAD_PARAM);
        ck_assert_ptr_nonnull(strstr(note.detail, "SC_ISA_MAX is '"));
        ck_assert_str_ne(sc_isa(), "");
    }
}
END_TEST

Suite *suite_cpu(void);

Suite *suite_cpu(void)
{
    Suite *suite = suite_create("cpu");
    TCase *tcase = tcase_create("levels");

#if defined(__x86_64__)
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, a_level_needs_all_that_compilers_use);
    tcase_add_test(tcase, a_level_can_be_capped);
#endif
    tcase_add_test(tcase, levels_are_told_where_they_differ);
    tcase_add_test(tcase, a_cap_is_the_name_of_a_level);
    suite_add_tcase(suite, tcase);
    return suite;
}
