/* test_segmentation.c - counts of label masks: exact, in range, and large. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "score.h"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_exec exec;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 32, NULL);
    memset(&note, 0, sizeof note);
    exec = (struct sc_exec){.threads = 2, .arena = &arena};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static const struct sc_op *segmentation(void)
{
    return sc_op_find("metrics", "segmentation");
}

static struct sc_args args_of(const char *text)
{
    struct sc_args args = {.count = 0};

    query_read(text, &arena, &args);
    return args;
}

static void add(struct sc_tensors *set, const char *name, enum sc_dtype dtype, int64_t count,
                void *data)
{
    struct sc_tensor t;
    size_t bytes;

    ck_assert_int_eq(sc_tensor_shape(&t, dtype, 1, &count, &bytes, &note), SC_OK);
    t.data = data;
    ck_assert_int_eq(sc_tensors_add(set, name, &t, &arena, &note), SC_OK);
}

static int64_t integer(const struct sc_report *r, const char *name)
{
    const struct sc_value *v = sc_report_find(r, name);

    ck_assert_ptr_nonnull(v);
    ck_assert_int_eq(v->kind, SC_VALUE_INT);
    return v->as.integer;
}

static int64_t cell(const struct sc_report *r, int64_t target, int64_t pred)
{
    const struct sc_value *v = sc_report_find(r, "confusion_matrix");

    ck_assert_ptr_nonnull(v);
    return ((const int64_t *)v->as.tensor.data)[target * v->as.tensor.dim[1] + pred];
}

static enum sc_status run(uint8_t *pred, uint8_t *target, int64_t count, const char *text,
                          struct sc_report *report)
{
    const struct sc_args args = args_of(text);
    struct sc_tensors in = {.count = 0};

    add(&in, "pred", SC_UINT8, count, pred);
    add(&in, "target", SC_UINT8, count, target);
    return sc_run(segmentation(), &in, &args, &exec, report, &note);
}

START_TEST(pred_ignored_is_a_miss_or_dropped_or_refused)
{
    uint8_t pred[] = {0, 9, 1, 9, 1}, target[] = {0, 0, 1, 9, 0};
    struct sc_report r;

    ck_assert_int_eq(run(pred, target, 5, "num_classes=2&ignore_index=9", &r), SC_OK);
    ck_assert_int_eq(integer(&r, "pixels"), 4);
    ck_assert_int_eq(integer(&r, "ignored"), 1);
    ck_assert_int_eq(integer(&r, "missed"), 1);
    ck_assert_int_eq(cell(&r, 0, 0) + cell(&r, 1, 1) + cell(&r, 0, 1) + cell(&r, 1, 0), 3);
    ck_assert_int_eq(run(pred, target, 5, "num_classes=2&ignore_index=9&pred_ignored=drop", &r),
                     SC_OK);
    ck_assert_int_eq(integer(&r, "pixels"), 3);
    ck_assert_int_eq(integer(&r, "ignored"), 2);
    ck_assert_int_eq(integer(&r, "missed"), 0);
    ck_assert_int_eq(
        run(pred, target, 5, "num_classes=2&ignore_index=9&pred_ignored=error", &r),
        SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/pred");
    ck_assert_int_eq(note.index, 1);
    ck_assert_int_eq(note.count, 1);
}
END_TEST

/* An ignored label that is a class: its pixels are left out, and it is no prediction either. */
START_TEST(ignored_class_wins_over_the_class)
{
    uint8_t pred[] = {0, 1, 0}, target[] = {0, 0, 1};
    struct sc_report r;

    ck_assert_int_eq(run(pred, target, 3, "num_classes=2&ignore_index=0,7", &r), SC_OK);
    ck_assert_int_eq(integer(&r, "pixels"), 1);
    ck_assert_int_eq(integer(&r, "ignored"), 2);
    ck_assert_int_eq(integer(&r, "missed"), 1);
}
END_TEST

START_TEST(label_out_of_range_is_found_in_both_masks)
{
    uint8_t good[9000] = {0}, bad[9000] = {0};
    struct sc_report r;

    bad[5000] = 3;
    bad[8999] = 255;
    ck_assert_int_eq(run(good, bad, 9000, "num_classes=3", &r), SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/target");
    ck_assert_int_eq(note.index, 5000);
    ck_assert_int_eq(note.count, 2);
    ck_assert_double_eq(note.value, 3);
    ck_assert_int_eq(run(bad, good, 9000, "num_classes=3&ignore_index=255", &r), SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/pred");
    ck_assert_int_eq(note.count, 1);
}
END_TEST

/* Every integer dtype, with a label that is out of range in that dtype's own way. */
START_TEST(label_out_of_range_is_found_in_every_dtype)
{
    for (int d = SC_UINT8; d <= SC_INT64; d++) {
        const size_t size = sc_dtype_size((enum sc_dtype)d);
        const bool is_signed = sc_dtype_kind((enum sc_dtype)d) == 'i';
        uint8_t zeros[5 * 8] = {0}, bad[5 * 8] = {0};
        const struct sc_args args = args_of("num_classes=5&ignore_index=-100");
        struct sc_tensors in = {.count = 0};
        struct sc_report r;

        memset(bad + 3 * size, 0xff, size); /* -1, or the largest value */
        add(&in, "pred", SC_UINT8, 5, zeros);
        add(&in, "target", (enum sc_dtype)d, 5, bad);
        ck_assert_int_eq(sc_run(segmentation(), &in, &args, &exec, &r, &note), SC_BAD_LABEL);
        ck_assert_int_eq(note.index, 3);
        ck_assert(is_signed ? note.value == -1 : note.value >= 255);
    }
}
END_TEST

/* 2^25 + 3 pixels of one class: past where float32 counters stop. */
START_TEST(counts_pass_2_to_the_25_directly)
{
    const int64_t count = ((int64_t)1 << 25) + 3;
    uint8_t *zeros = calloc((size_t)count, 1);
    struct sc_report r;

    ck_assert_int_eq(run(zeros, zeros, ((int64_t)1 << 24) + 1, "num_classes=2", &r), SC_OK);
    ck_assert_int_eq(cell(&r, 0, 0), ((int64_t)1 << 24) + 1);
    ck_assert_int_eq(run(zeros, zeros, count, "num_classes=2", &r), SC_OK);
    ck_assert_int_eq(cell(&r, 0, 0), count);
    ck_assert_int_eq(integer(&r, "pixels"), count);
    free(zeros);
}
END_TEST

/* A state merged with itself, again and again: 2^20 pixels become 2^41. */
START_TEST(counts_pass_2_to_the_32_by_merging)
{
    const int64_t count = (int64_t)1 << 20;
    const struct sc_args args = args_of("num_classes=3");
    uint8_t *ones = malloc((size_t)count);
    struct sc_tensors in = {.count = 0};
    struct sc_eval *eval;
    struct sc_report r;

    memset(ones, 1, (size_t)count);
    add(&in, "pred", SC_UINT8, count, ones);
    add(&in, "target", SC_UINT8, count, ones);
    ck_assert_int_eq(sc_eval_new(segmentation(), &args, &arena, &eval, &note), SC_OK);
    ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_OK);
    for (int doubling = 0; doubling < 21; doubling++) {
        uint8_t *data;
        size_t size;
        struct sc_eval *copy;

        ck_assert_int_eq(sc_eval_save(eval, &arena, &data, &size, &note), SC_OK);
        ck_assert_int_eq(sc_eval_load(segmentation(), data, size, NULL, &arena, &copy, &note),
                         SC_OK);
        ck_assert_int_eq(sc_eval_merge(eval, copy, &note), SC_OK);
    }
    ck_assert_int_eq(sc_eval_finish(eval, &r, &note), SC_OK);
    ck_assert_int_eq(cell(&r, 1, 1), (int64_t)1 << 41);
    ck_assert_int_eq(integer(&r, "images"), (int64_t)1 << 21);
    free(ones);
}
END_TEST

/* Few and many classes take different ways to the same counts. */
START_TEST(few_and_many_classes_agree)
{
    static uint8_t pred[50000], target[50000];
    struct sc_report few, many;
    uint32_t seed = 1;

    for (size_t i = 0; i < sizeof pred; i++) {
        seed = seed * 1664525 + 1013904223;
        pred[i] = (uint8_t)(seed >> 24) % 50;
        target[i] = (uint8_t)(seed >> 16) % 50;
    }
    ck_assert_int_eq(run(pred, target, 50000, "num_classes=50", &few), SC_OK);
    ck_assert_int_eq(run(pred, target, 50000, "num_classes=300", &many), SC_OK);
    for (int t = 0; t < 50; t++)
        for (int p = 0; p < 50; p++) ck_assert_int_eq(cell(&few, t, p), cell(&many, t, p));
    ck_assert_int_eq(integer(&many, "pixels"), 50000);
}
END_TEST

START_TEST(nothing_scored_is_null_with_a_status)
{
    uint8_t nine[] = {9, 9};
    struct sc_report r;

    ck_assert_int_eq(run(nine, nine, 2, "num_classes=2&ignore_index=9", &r), SC_OK);
    ck_assert_str_eq(sc_report_find(&r, "status")->as.text, "all_ignored");
    ck_assert(isnan(sc_report_find(&r, "mean_iou")->as.real));
    ck_assert_int_eq(run(nine, nine, 0, "num_classes=2", &r), SC_OK);
    ck_assert_str_eq(sc_report_find(&r, "status")->as.text, "empty");
    ck_assert_int_eq(cell(&r, 0, 0), 0);
}
END_TEST

Suite *suite_segmentation(void);

Suite *suite_segmentation(void)
{
    Suite *s = suite_create("segmentation");
    TCase *c = tcase_create("counts");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, pred_ignored_is_a_miss_or_dropped_or_refused);
    tcase_add_test(c, ignored_class_wins_over_the_class);
    tcase_add_test(c, label_out_of_range_is_found_in_both_masks);
    tcase_add_test(c, label_out_of_range_is_found_in_every_dtype);
    tcase_add_test(c, counts_pass_2_to_the_25_directly);
    tcase_add_test(c, counts_pass_2_to_the_32_by_merging);
    tcase_add_test(c, few_and_many_classes_agree);
    tcase_add_test(c, nothing_scored_is_null_with_a_status);
    suite_add_tcase(s, c);
    return s;
}
