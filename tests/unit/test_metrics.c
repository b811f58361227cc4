/* test_metrics.c - label maps, images, top-k, agreement, decisions. */
#include "agreement.h"
#include "metric_calls.h"

/* ---- label maps ---- */

/* Every integer dtype and place of a key: in the table, beyond it, negative. */
START_TEST(maps_take_every_dtype)
{
    for (int d = SC_UINT8; d <= SC_INT64; d++) {
        const enum sc_dtype dtype = (enum sc_dtype)d;
        const size_t size = sc_dtype_size(dtype);
        const int64_t count = 4;
        uint8_t labels[4 * 8] = {0};
        struct sc_tensor t;
        struct sc_report r;

        memset(labels, 0x7f, size); /* 127, 32639, 2139062143 or 9187201950435737471 */
        labels[size] = 100;
        labels[2 * size] = 3;
        labels[3 * size] = 1;
        t = tensor(dtype, 1, &count, labels);
        ck_assert_int_eq(run("segmentation", &t, &t,
                             "num_classes=2&label_map=127:0,32639:0,2139062143:0,"
                             "9187201950435737471:0,100:1,3:-1,-5:0",
                             &r),
                         SC_OK);
        ck_assert_double_eq(real(&r, "pixels"), 3);
        ck_assert_double_eq(real(&r, "ignored"), 1);
        ck_assert_double_eq(cell(&r, "classes", "tp", 0), 1);
        ck_assert_double_eq(cell(&r, "classes", "tp", 1), 2);
    }
}
END_TEST

START_TEST(maps_come_before_ignore_index_and_range)
{
    const int8_t pred[] = {5, 6, 7, -1}, target[] = {5, 6, 7, 6};
    const int64_t count = 4;
    const struct sc_tensor p = tensor(SC_INT8, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_INT8, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("segmentation", &p, &t,
                         "num_classes=2&ignore_index=9&label_map=5:0,6:1,7:9,-1:0", &r),
                     SC_OK);
    ck_assert_double_eq(real(&r, "pixels"), 3);
    ck_assert_double_eq(real(&r, "ignored"), 1);
    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=2&target_label_map=5:0,6:1,7:1", &r),
        SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/pred");
    ck_assert_int_eq(note.index, 0);
    ck_assert_int_eq(note.count, 4);
    ck_assert_double_eq(note.value, 5);
    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=2&label_map=5:0&pred_label_map=6:0", &r),
        SC_BAD_PARAM);
    ck_assert_str_eq(note.pointer, "#/params/label_map");
    ck_assert_ptr_nonnull(strstr(note.detail, "label_map and pred_label_map are both given"));
}
END_TEST

/* Scores: the map is of the class with the largest score. */
START_TEST(maps_of_scores)
{
    const float scores[] = {1, 2, 3, 3, 2, 1, 1, 9, 1}; /* classes 2, 0, 1 */
    const int64_t shape[] = {3, 3}, count = 3;
    const uint8_t target[] = {0, 1, 2};
    const struct sc_tensor p = tensor(SC_FLOAT32, 2, shape, scores);
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("classification", &p, &t,
                         "num_classes=3&input_kind=logits&pred_label_map=2:0,0:1,1:-1", &r),
                     SC_OK);
    ck_assert_double_eq(cell(&r, "classes", "tp", 0), 1);
    ck_assert_double_eq(cell(&r, "classes", "tp", 1), 1);
    ck_assert_double_eq(real(&r, "missed"), 1);
    ck_assert_int_eq(run("classification", &p, &t,
                         "num_classes=3&input_kind=logits&ignore_index=1&pred_ignored=error",
                         &r),
                     SC_BAD_LABEL);
    ck_assert_double_eq(note.value, 1);
    ck_assert_int_eq(note.index, 2);
}
END_TEST

/* ---- images ---- */

/* Images of one tensor, or of parts of their own, give the same rows; those of merged states
 * the same means. */
START_TEST(images_in_one_tensor_or_in_parts)
{
    const uint8_t pred[12] = {0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1};
    const uint8_t target[12] = {0, 1, 0, 0, 1, 1, 1, 0, 9, 9, 9, 9};
    const int64_t whole[] = {3, 2, 2}, one[] = {1, 2, 2};
    const struct sc_args args = args_of("num_classes=3&ignore_index=9&per_image=true");
    const struct sc_op *op = sc_op_find("metrics", "segmentation");
    struct sc_tensor p = tensor(SC_UINT8, 3, whole, pred);
    struct sc_tensor t = tensor(SC_UINT8, 3, whole, target);
    struct sc_tensors parts = {.count = 0};
    struct sc_eval *eval;
    struct sc_report r, again, merged;

    ck_assert_int_eq(
        run("segmentation", &p, &t, "num_classes=3&ignore_index=9&per_image=true", &r), SC_OK);
    ck_assert_int_eq(sc_eval_new(op, &args, &arena, &eval, &note), SC_OK);
    for (int i = 0; i < 3; i++) {
        struct sc_tensors image = {.count = 0};

        p = tensor(SC_UINT8, 3, one, pred + 4 * i);
        t = tensor(SC_UINT8, 3, one, target + 4 * i);
        add(&parts, "pred", &p);
        add(&parts, "target", &t);
        add(&image, "pred", &p);
        add(&image, "target", &t);
        ck_assert_int_eq(sc_eval_update(eval, &image, &exec, &note), SC_OK);
    }
    ck_assert_int_eq(sc_run(op, &parts, &args, &exec, &again, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(eval, &merged, &note), SC_OK);
    for (size_t i = 0; i < 3; i++) {
        check_same(cell(&r, "per_image", "image", i), (double)i, "image");
        check_same(cell(&r, "per_image", "mean_iou", i),
                   cell(&again, "per_image", "mean_iou", i), "mean_iou");
    }
    ck_assert_double_eq(cell(&r, "per_image", "mean_iou", 0), (2.0 / 3 + 0.5) / 2);
    ck_assert_double_eq(cell(&r, "per_image", "mean_iou", 1), 0.75 / 2);
    ck_assert(isnan(cell(&r, "per_image", "mean_iou", 2)));
    ck_assert_double_eq(cell(&r, "per_image", "ignored", 2), 4);
    ck_assert_double_eq(real(&r, "image_mean.mean_iou.count"), 2);
    check_same(real(&merged, "image_mean.mean_iou.value"),
               real(&r, "image_mean.mean_iou.value"), "merged");
    ck_assert_ptr_null(sc_report_find(&merged, "per_image"));
}
END_TEST

/* The place of a bad label is that in the whole tensor. */
START_TEST(bad_label_in_a_later_image)
{
    uint8_t masks[3 * 8] = {0};
    const int64_t shape[] = {3, 4, 2};
    struct sc_tensor good = tensor(SC_UINT8, 3, shape, masks), bad;
    struct sc_report r;

    masks[17] = masks[23] = 7;
    bad = tensor(SC_UINT8, 3, shape, masks);
    ck_assert_int_eq(run("segmentation", &good, &bad, "num_classes=2&per_image=true", &r),
                     SC_BAD_LABEL);
    ck_assert_int_eq(note.index, 17);
    ck_assert_int_eq(note.count, 2);
}
END_TEST

/* ---- classes ---- */

START_TEST(bad_top_k_is_told)
{
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,4", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,2", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/top_k");
    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&top_k=1,1", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_int_eq(run_labels("classification", zeros, zeros, 4, "num_classes=3", &r), SC_OK);
    ck_assert_double_eq(real(&r, "top_k.1"), 1);
}
END_TEST

START_TEST(class_names_are_one_each)
{
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    ck_assert_int_eq(
        run_labels("classification", zeros, zeros, 4, "num_classes=3&class_names=cat,dog", &r),
        SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.pointer, "#/params/class_names");
}
END_TEST

START_TEST(class_names_are_short)
{
    char query[64 + 257] = "num_classes=2&class_names=a,";
    const size_t size = strlen(query);
    const uint8_t zeros[4] = {0};
    struct sc_report r;

    memset(query + size, 'b', 256);
    ck_assert_int_eq(run_labels("classification", zeros, zeros, 4, query, &r), SC_OK);
    query[size + 256] = 'b';
    ck_assert_int_eq(run_labels("classification", zeros, zeros, 4, query, &r),
                     SC_OUT_OF_BOUNDS);
    ck_assert_str_eq(note.detail, "the name of class 1 has 257 bytes; at most 256");
    ck_assert_str_eq(note.pointer, "#/params/class_names");
}
END_TEST

/* 2^51 counts: products of 2^102, far beyond what float64 holds exactly. */
START_TEST(agreement_is_exact_in_large_numbers)
{
    const int64_t large = (int64_t)1 << 50;
    const int64_t n[4] = {large, 1, 0, large - 1};
    const int64_t row[2] = {large + 1, large - 1}, column[2] = {large, large};
    const struct sc_counts c = {2, n, row, column, 2 * large};
    const int64_t all[4] = {3, 0, 0, 0}, three[2] = {3, 0};
    const struct sc_counts one = {2, all, three, three, 3};

    ck_assert_double_eq(sc_kappa(&c, SC_KAPPA_NONE), 1 - 0x1p-50);
    ck_assert_double_eq(sc_kappa(&c, SC_KAPPA_QUADRATIC), 1 - 0x1p-50);
    ck_assert_double_eq(sc_matthews(&c), 1 - 0x1p-50);
    ck_assert(isnan(sc_kappa(&one, SC_KAPPA_NONE)));
    ck_assert(isnan(sc_matthews(&one)));
}
END_TEST

/* A state that was added to itself: the true negatives of all classes together pass 64 bits. */
START_TEST(counts_of_all_classes_are_exact_in_large_states)
{
    const uint8_t pred[] = {0, 1}, target[] = {0, 0};
    const int64_t count = 2;
    const struct sc_tensor p = tensor(SC_UINT8, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_UINT8, 1, &count, target);
    const struct sc_args args = args_of("num_classes=2050");
    struct sc_tensors in = {.count = 0};
    struct sc_eval *eval;
    struct sc_report r;

    add(&in, "pred", &p);
    add(&in, "target", &t);
    ck_assert_int_eq(
        sc_eval_new(sc_op_find("metrics", "classification"), &args, &arena, &eval, &note),
        SC_OK);
    ck_assert_int_eq(sc_eval_update(eval, &in, &exec, &note), SC_OK);
    for (int i = 0; i < 51; i++) ck_assert_int_eq(sc_eval_merge(eval, eval, &note), SC_OK);
    ck_assert_int_eq(sc_eval_finish(eval, &r, &note), SC_OK);
    ck_assert_double_eq(real(&r, "count"), 0x1p52);
    ck_assert_double_eq(real(&r, "specificity.micro"), 4097.0 / 4098);
    ck_assert_int_eq(sc_eval_merge(eval, eval, &note),
                     SC_BAD_STATE); /* past what counts hold */
}
END_TEST

START_TEST(binary_targets_are_0_or_1)
{
    const float pred[] = {0.2f, 0.7f, 0.5f}, target[] = {0, 1, 2};
    const int64_t count = 3;
    const struct sc_tensor p = tensor(SC_FLOAT32, 1, &count, pred);
    const struct sc_tensor t = tensor(SC_FLOAT32, 1, &count, target);
    struct sc_report r;

    ck_assert_int_eq(run("binary", &p, &t, "threshold=0.5", &r), SC_BAD_LABEL);
    ck_assert_str_eq(note.pointer, "#/target");
    ck_assert_int_eq(note.index, 2);
    ck_assert_double_eq(note.value, 2);
    ck_assert_int_eq(run("binary", &p, &t, "ignore_index=2", &r), SC_OK);
    ck_assert_double_eq(real(&r, "count"), 2);
    ck_assert_double_eq(real(&r, "matthews"), 1);
}
END_TEST

Suite *suite_metrics(void);

Suite *suite_metrics(void)
{
    Suite *s = suite_create("metrics");
    TCase *c = tcase_create("metrics");

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, maps_take_every_dtype);
    tcase_add_test(c, maps_come_before_ignore_index_and_range);
    tcase_add_test(c, maps_of_scores);
    tcase_add_test(c, images_in_one_tensor_or_in_parts);
    tcase_add_test(c, bad_label_in_a_later_image);
    tcase_add_test(c, bad_top_k_is_told);
    tcase_add_test(c, class_names_are_one_each);
    tcase_add_test(c, class_names_are_short);
    tcase_add_test(c, agreement_is_exact_in_large_numbers);
    tcase_add_test(c, counts_of_all_classes_are_exact_in_large_states);
    tcase_add_test(c, binary_targets_are_0_or_1);
    suite_add_tcase(s, c);
    return s;
}
