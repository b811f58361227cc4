/* test_require.c - requirements on reports. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "require.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sc_arena arena;
static struct sc_note note;
static struct sc_report report;

/* A report with a value of each kind. */
static void setup(void)
{
    static const int64_t shape[] = {2, 2};
    static int64_t counts[] = {5, 6, 7, 8};
    struct sc_tensor matrix;
    struct sc_table *t;
    size_t size;

    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    sc_report_init(&report, &arena);
    sc_report_text(&report, "status", "ok");
    sc_report_text(&report, "nothing", NULL);
    sc_report_int(&report, "count", 3);
    sc_report_real(&report, "value", 0.1);
    sc_report_real(&report, "mean", SC_NONE);
    sc_report_real(&report, "vast", INFINITY);
    sc_report_real(&report, "odd", nan(""));
    sc_report_real(&report, "precision.macro", 0.5);
    sc_report_bool(&report, "full", true);
    ck_assert_int_eq(sc_tensor_shape(&matrix, SC_INT64, 2, shape, &size, &note), SC_OK);
    matrix.data = counts;
    sc_report_list(&report, "confusion_matrix", &matrix);
    sc_report_tensor(&report, "loss", &matrix);
    t = sc_report_table(&report, "classes", 2, 3);
    memcpy(sc_table_int(&report, t, "class"), (const int64_t[]){3, 7}, 16);
    memcpy(sc_table_text(&report, t, "name"), (const char *const[]){"road", "v1.0 sky"},
           2 * sizeof(char *));
    memcpy(sc_table_real(&report, t, "iou"), (const double[]){0.25, SC_NONE}, 16);
    ck_assert_int_eq(sc_report_status(&report, &note), SC_OK);
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static struct codec_style style;

static enum sc_status judge(const char *text, const char *name, bool *met)
{
    const struct codec_result result = {.name = name, .report = &report};
    const struct codec_results results = {.item = &result, .count = 1};
    struct requirement r;

    note = (struct sc_note){0};
    ck_assert_int_eq(require_read(text, &arena, &r, &note), SC_OK);
    return require_judge(&r, &results, &style, met, &note);
}

static const struct {
    const char *text;
    bool met;
    const char *says; /* NULL: it is met */
} judged[] = {
    {"value>=0.1", true, NULL},
    {" value <= 0.1 ", true, NULL},
    {"value==1e-1", true, NULL},
    {"value!=0.1", false, "value is 0.1"},
    {"value>0.1", false, "value is 0.1"},
    {"value<0.1", false, "value is 0.1"},
    {"count>2", true, NULL},
    {"count<inf", true, NULL},
    {"count==4", false, "count is 3"},
    {"status==ok", true, NULL},
    {"status!=ok", false, "status is ok"},
    {"status==empty", false, "status is ok"},
    {"full==true", true, NULL},
    {"precision.macro>=0.5", true, NULL},
    {"mean>=0", false, "mean is null"},
    {"mean!=0", false, "mean is null"},
    {"nothing!=ok", false, "nothing is null"},
    {"vast>1", false, "vast is null"},
    {"vast!=1", false, "vast is null"},
    {"odd!=1", false, "odd is null"},
    {"confusion_matrix.1.0==7", true, NULL},
    {"classes.3.iou==0.25", true, NULL},
    {"classes.road.iou<0.25", false, "classes.road.iou is 0.25"},
    {"classes.v1.0 sky.class==7", true, NULL},
    {"classes.7.iou>=0", false, "classes.7.iou is null"},
    {"classes.7.name==v1.0 sky", true, NULL},
};

START_TEST(values_are_found_and_compared)
{
    bool met;

    ck_assert_int_eq(judge(judged[_i].text, NULL, &met), SC_OK);
    ck_assert_int_eq(met, judged[_i].met);
    if (!met)
        ck_assert_msg(strstr(note.detail, judged[_i].says) != NULL, "'%s' does not say '%s'",
                      note.detail, judged[_i].says);
}
END_TEST

START_TEST(with_tokens_infinity_is_a_number)
{
    static const struct {
        const char *text;
        bool met;
        const char *says;
    } cases[] = {{"vast>1", true, "vast is inf"},
                 {"vast==inf", true, "vast is inf"},
                 {"vast<1", false, "vast is inf"},
                 {"odd!=1", false, "odd is NaN"},
                 {"mean!=1", false, "mean is null"}};

    style.nonfinite_token = true;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool met;

        ck_assert_int_eq(judge(cases[i].text, NULL, &met), SC_OK);
        ck_assert_int_eq(met, cases[i].met);
        ck_assert_ptr_nonnull(strstr(note.detail, cases[i].says));
    }
    style.nonfinite_token = false;
}
END_TEST

static const char *const unknown[] = {
    "valu>1",
    "value.x>1",
    "classes>1",
    "classes.0.iou>1",
    "classes.3>1",
    "classes.3.iuo>1",
    "loss>1",
    "loss.0.0>1",
    "confusion_matrix.2.0>1",
    "precision>1",
    "confusion_matrix.0>1",
    "confusion_matrix.0.0.0>1",
    "count==ok",
    "status>1",
    "confusion_matrix.-1.0>1",
};

START_TEST(what_is_not_there_is_a_mistake)
{
    bool met;

    ck_assert_int_eq(judge(unknown[_i], NULL, &met), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, unknown[_i]));
}
END_TEST

START_TEST(near_names_are_suggested)
{
    bool met;

    ck_assert_int_eq(judge("confusoin_matrix>1", NULL, &met), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "did you mean confusion_matrix?"));
}
END_TEST

START_TEST(among_several_the_operation_comes_first)
{
    bool met = false;

    ck_assert_int_eq(judge("losses/dice.value==0.1", "losses/dice", &met), SC_OK);
    ck_assert(met);
    ck_assert_int_eq(judge("value==0.1", "losses/dice", &met), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "losses/dice.value"));
}
END_TEST

static const char *const none[] = {"",        "value",   ">1",       "value>",     "value>x",
                                   "value=1", "value!1", "value>=x", "value>=nan", " == "};

START_TEST(requirements_are_complete)
{
    struct requirement r;

    ck_assert_int_eq(require_read(none[_i], &arena, &r, &note), SC_BAD_PARAM);
}
END_TEST

Suite *suite_require(void);

Suite *suite_require(void)
{
    Suite *suite = suite_create("require");
    TCase *tcase = tcase_create("requirements");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, values_are_found_and_compared, 0, COUNT(judged));
    tcase_add_test(tcase, with_tokens_infinity_is_a_number);
    tcase_add_loop_test(tcase, what_is_not_there_is_a_mistake, 0, COUNT(unknown));
    tcase_add_test(tcase, near_names_are_suggested);
    tcase_add_test(tcase, among_several_the_operation_comes_first);
    tcase_add_loop_test(tcase, requirements_are_complete, 0, COUNT(none));
    suite_add_tcase(suite, tcase);
    return suite;
}
