/* test_pairs.c - the fast ways of counting pairs of labels count what a plain loop counts, at
 * every level of this machine, for every dtype and for labels that lie as they do in masks. */
#include <stdio.h>

#include "byte_mask.h"
#include "metric_calls.h"

static uint64_t seed;

static uint64_t draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
}

START_TEST(masks_are_those_of_a_plain_loop)
{
    uint8_t t[64], p[64];

    for (int round = 0; round < 2000; round++) {
        const unsigned labels = 1 + (unsigned)round % 4;

        for (int i = 0; i < 64; i++) {
            t[i] = (uint8_t)(254 + draw() % labels);
            p[i] = (uint8_t)(126 + draw() % labels);
        }
        for (unsigned v = 0; v < 4; v++) {
            const uint8_t t0 = (uint8_t)(254 + v), p0 = (uint8_t)(126 + v);

            ck_assert_uint_eq(sc_equal_pairs(t, p, t0, p0), sc_equal_pairs_plain(t, p, t0, p0));
        }
    }
}
END_TEST

/* ---- labels as they lie ---- */

enum { ONE, RUNS, LONG_RUNS, NOISE, MIXED, KINDS };
#define COUNT_MAX 70001

static int64_t pred_label[COUNT_MAX], target_label[COUNT_MAX];

/* A run of one pair goes on for so long. */
static int64_t run_length(int kind, int64_t at)
{
    switch (kind) {
    case ONE:
        return COUNT_MAX;
    case RUNS:
        return 1 + (int64_t)(draw() % 60);
    case LONG_RUNS:
        return 1 + (int64_t)(draw() % 3000);
    case NOISE:
        return 1;
    default:
        return at / 9000 % 2 ? 1 : 1 + (int64_t)(draw() % 400);
    }
}

/* Labels below `classes`, and sometimes `odd`, which may be ignored. */
static void lay(int kind, int64_t count, int64_t classes, int64_t odd, bool odd_pred)
{
    int64_t left = 0, t = 0, p = 0;

    for (int64_t i = 0; i < count; i++, left--) {
        if (left == 0) {
            left = run_length(kind, i);
            t = (int64_t)(draw() % (uint64_t)classes);
            p = draw() % 3 ? t : (int64_t)(draw() % (uint64_t)classes);
            if (odd >= -100 && draw() % 5 == 0) t = odd;
            if (odd >= -100 && odd_pred && draw() % 9 == 0) p = odd;
        }
        target_label[i] = t;
        pred_label[i] = p;
    }
}

static struct sc_tensor labels(enum sc_dtype dtype, const int64_t *from, int64_t count)
{
    struct sc_tensor t;

    ck_assert_int_eq(sc_tensor_new(&t, dtype, 1, &count, &arena, &note), SC_OK);
    for (int64_t i = 0; i < count; i++) switch (sc_dtype_size(dtype)) {
        case 1:
            ((int8_t *)t.data)[i] = (int8_t)from[i];
            break;
        case 2:
            ((int16_t *)t.data)[i] = (int16_t)from[i];
            break;
        case 4:
            ((int32_t *)t.data)[i] = (int32_t)from[i];
            break;
        default:
            ((int64_t *)t.data)[i] = from[i];
            break;
        }
    return t;
}

static int64_t *plain(int64_t count, int64_t classes, int64_t odd, int64_t *ignored)
{
    int64_t *n = sc_arena_calloc(&arena, (size_t)(classes * classes), sizeof *n);

    *ignored = 0;
    for (int64_t i = 0; i < count; i++) {
        if (target_label[i] == odd)
            ++*ignored;
        else if (pred_label[i] != odd)
            n[target_label[i] * classes + pred_label[i]]++;
    }
    return n;
}

static const char *const levels[] = {"v1", "v3", "v4", "arm64"};

static void check_counts(enum sc_dtype p, enum sc_dtype t, int kind, int64_t count,
                         int64_t classes, int64_t odd)
{
    const struct sc_tensor pred = labels(p, pred_label, count);
    const struct sc_tensor target = labels(t, target_label, count);
    int64_t ignored, *want = plain(count, classes, odd, &ignored);
    char text[80];

    snprintf(text, sizeof text, "num_classes=%d%s%.0d", (int)classes,
             odd >= -100 ? "&ignore_index=" : "", odd >= -100 ? (int)odd : 0);
    for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
        struct sc_report r;
        const struct sc_value *n;

        if (!sc_isa_choose(levels[l])) continue;
        ck_assert_msg(run("confusion_matrix", &pred, &target, text, &r) == SC_OK, "%s",
                      note.detail);
        n = sc_report_find(&r, "confusion_matrix");
        ck_assert_msg(memcmp(n->as.tensor.data, want, (size_t)(classes * classes) * 8) == 0,
                      "%s: %s and %s, kind %d, %lld labels, %s", levels[l], sc_dtype_name(p),
                      sc_dtype_name(t), kind, (long long)count, text);
        ck_assert_int_eq(sc_report_find(&r, "ignored")->as.integer, ignored);
    }
    sc_init(NULL);
}

START_TEST(counts_are_those_of_a_plain_loop)
{
    static const enum sc_dtype pairs[][2] = {
        {SC_UINT8, SC_UINT8}, {SC_INT64, SC_INT64}, {SC_INT8, SC_UINT8},  {SC_UINT8, SC_INT64},
        {SC_INT32, SC_INT32}, {SC_UINT16, SC_INT8}, {SC_UINT64, SC_INT64}};
    static const int64_t counts[] = {0, 1, 63, 64, 65, 4095, 4097, COUNT_MAX};

    for (size_t d = 0; d < sizeof pairs / sizeof pairs[0]; d++)
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++) {
                lay(kind, counts[n], 11, 127, true);
                check_counts(pairs[d][0], pairs[d][1], kind, counts[n], 11, 127);
            }
}
END_TEST

START_TEST(any_number_of_classes_is_counted)
{
    static const int64_t classes[] = {1, 2, 62, 63, 127, 253, 254, 255, 256, 300};

    for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++)
        for (int kind = 0; kind < KINDS; kind++) {
            const int64_t odd = classes[c] < 255 ? 255 : -101;

            lay(kind, 20000, classes[c], odd, false);
            if (classes[c] <= 256)
                check_counts(SC_UINT8, SC_UINT8, kind, 20000, classes[c], odd);
            check_counts(SC_INT64, SC_INT64, kind, 20000, classes[c], odd);
            check_counts(SC_UINT16, SC_UINT16, kind, 20000, classes[c], odd);
        }
}
END_TEST

/* The label that PyTorch ignores is no byte. */
START_TEST(words_that_are_no_bytes_are_counted_too)
{
    for (int kind = 0; kind < KINDS; kind++) {
        lay(kind, COUNT_MAX, 19, -100, true);
        check_counts(SC_INT64, SC_INT64, kind, COUNT_MAX, 19, -100);
        check_counts(SC_INT32, SC_INT32, kind, COUNT_MAX, 19, -100);
        check_counts(SC_INT8, SC_INT8, kind, COUNT_MAX, 19, -100);
    }
}
END_TEST

/* ---- bad labels ---- */

static void check_refused(enum sc_dtype dtype, int kind, int64_t at, int64_t bad, bool in_pred)
{
    struct sc_tensor pred, target;
    struct sc_report r;
    int64_t *from = in_pred ? pred_label : target_label;

    lay(kind, COUNT_MAX, 11, -101, false);
    from[at] = from[COUNT_MAX - 1] = bad;
    pred = labels(dtype, pred_label, COUNT_MAX);
    target = labels(dtype, target_label, COUNT_MAX);
    for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
        if (!sc_isa_choose(levels[l])) continue;
        ck_assert_int_eq(run("segmentation", &pred, &target, "num_classes=11", &r),
                         SC_BAD_LABEL);
        ck_assert_int_eq(note.index, at);
        ck_assert(note.value == (double)bad);
        ck_assert_int_eq(note.count, at == COUNT_MAX - 1 ? 1 : 2);
    }
    sc_init(NULL);
}

START_TEST(a_bad_label_is_found_where_it_is)
{
    static const int64_t places[] = {0, 63, 64, 4095, 4096, 65535, 65536, 69999, COUNT_MAX - 1};

    for (int kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            for (int in_pred = 0; in_pred < 2; in_pred++) {
                check_refused(SC_UINT8, kind, places[i], 11, in_pred);
                check_refused(SC_INT64, kind, places[i], 12, in_pred);
                check_refused(SC_INT64, kind, places[i], -1, in_pred);
                check_refused(SC_INT16, kind, places[i], -1, in_pred);
            }
}
END_TEST

/* A label that is ignored may be predicted where the target is ignored, and nowhere else. */
START_TEST(refused_predictions_are_found)
{
    static const enum sc_dtype dtypes[] = {SC_UINT8, SC_INT64, SC_INT32};
    struct sc_report r;

    for (size_t d = 0; d < 3; d++)
        for (int bad = 0; bad < 2; bad++) {
            struct sc_tensor pred, target;

            lay(RUNS, 9000, 11, -101, false);
            for (int64_t i = 100; i < 300; i++) target_label[i] = pred_label[i] = 99;
            if (bad) pred_label[5000] = 99;
            pred = labels(dtypes[d], pred_label, 9000);
            target = labels(dtypes[d], target_label, 9000);
            ck_assert_int_eq(run("segmentation", &pred, &target,
                                 "num_classes=11&ignore_index=99&pred_ignored=error", &r),
                             bad ? SC_BAD_LABEL : SC_OK);
            if (bad) ck_assert_int_eq(note.index, 5000);
        }
}
END_TEST

START_TEST(maps_are_applied_to_bytes)
{
    static const enum sc_dtype dtypes[] = {SC_UINT8, SC_INT64, SC_INT16};
    const char *const text =
        "num_classes=3&ignore_index=7&label_map=0:2,1:0,2:1,33:1,34:1,35:0,"
        "200:-1,9:7";
    static const int64_t old[] = {0, 1, 2, 33, 34, 35, 200, 9};
    static const int64_t new[] = {2, 0, 1, 1, 1, 0, 7, 7};

    for (size_t d = 0; d < 3; d++)
        for (int kind = 0; kind < KINDS; kind++) {
            struct sc_report r, mapped;
            struct sc_tensor pred, target;

            lay(kind, 20000, 8, -101, false);
            for (int64_t i = 0; i < 20000; i++) {
                target_label[i] = old[target_label[i]];
                pred_label[i] = old[pred_label[i]];
            }
            pred = labels(dtypes[d], pred_label, 20000);
            target = labels(dtypes[d], target_label, 20000);
            ck_assert_int_eq(run("confusion_matrix", &pred, &target, text, &r), SC_OK);
            for (int64_t i = 0; i < 20000; i++)
                for (int v = 0; v < 16; v++) {
                    int64_t *label = v < 8 ? &target_label[i] : &pred_label[i];

                    if (*label == old[v % 8]) *label = 1000 + new[v % 8];
                }
            for (int64_t i = 0; i < 20000; i++) target_label[i] -= 1000, pred_label[i] -= 1000;
            pred = labels(SC_INT16, pred_label, 20000);
            target = labels(SC_INT16, target_label, 20000);
            ck_assert_int_eq(run("confusion_matrix", &pred, &target,
                                 "num_classes=3&ignore_index=7", &mapped),
                             SC_OK);
            ck_assert_mem_eq(sc_report_find(&r, "confusion_matrix")->as.tensor.data,
                             sc_report_find(&mapped, "confusion_matrix")->as.tensor.data,
                             9 * 8);
        }
}
END_TEST

Suite *suite_pairs(void);

Suite *suite_pairs(void)
{
    Suite *s = suite_create("pairs");
    TCase *c = tcase_create("pairs");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, masks_are_those_of_a_plain_loop);
    tcase_add_test(c, counts_are_those_of_a_plain_loop);
    tcase_add_test(c, any_number_of_classes_is_counted);
    tcase_add_test(c, words_that_are_no_bytes_are_counted_too);
    tcase_add_test(c, a_bad_label_is_found_where_it_is);
    tcase_add_test(c, refused_predictions_are_found);
    tcase_add_test(c, maps_are_applied_to_bytes);
    suite_add_tcase(s, c);
    return s;
}
