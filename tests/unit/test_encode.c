/* test_encode.c - reports in every form. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "decoding.h"
#include "json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sc_arena arena;
static struct sc_report report;

static const struct codec_result alone = {.report = &report};
static const struct codec_results sole = {.item = &alone, .count = 1};

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    sc_report_init(&report, &arena);
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static const struct codec *codec_named(const char *name)
{
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (strcmp(codecs[i].name, name) == 0) return &codecs[i];
    ck_abort_msg("no codec %s", name);
    return NULL;
}

/* The report in that form, as a C string. */
static const char *encode(const char *format, bool tokens)
{
    const struct codec_style style = {.nonfinite_token = tokens};
    struct sc_writer out;
    struct sc_note note;

    sc_writer_init(&out, &arena);
    ck_assert_status(codec_named(format)->encode(&sole, &style, &out, &note), SC_OK);
    sc_write_byte(&out, '\0');
    return (const char *)out.data;
}

static struct sc_tensor tensor(enum sc_dtype dtype, int rank, const int64_t *dim,
                               const void *data)
{
    struct sc_tensor t;
    struct sc_note note;

    ck_assert_status(sc_tensor_new(&t, dtype, rank, dim, &arena, &note), SC_OK);
    memcpy(t.data, data, (size_t)t.count * sc_dtype_size(dtype));
    return t;
}

static void add_classes(void)
{
    struct sc_table *t = sc_report_table(&report, "classes", 2, 3);
    int64_t *number = sc_table_int(&report, t, "class");
    const char **name = sc_table_text(&report, t, "name");
    double *iou = sc_table_real(&report, t, "iou");

    number[1] = 1;
    name[0] = "road, \"wet\"";
    iou[0] = 1.0 / 3;
    iou[1] = NAN;
    report.main_table = "classes";
}

START_TEST(scalars_nest_by_their_dots)
{
    sc_report_int(&report, "n", INT64_MIN);
    sc_report_real(&report, "a.x", 0.1);
    sc_report_real(&report, "a.y.p", -0.0);
    sc_report_bool(&report, "a.y.q", true);
    sc_report_text(&report, "a.z", NULL);
    sc_report_text(&report, "b.y.q", "\"\\\n\x01\xc3\xa9\xff");
    sc_report_warn(&report, "code", "detail %d", 1);
    ck_assert_str_eq(
        encode("json", false),
        "{\"n\":-9223372036854775808,\"a\":{\"x\":0.1,\"y\":{\"p\":-0.0,\"q\":true},"
        "\"z\":null},\"b\":{\"y\":{\"q\":\"\\\"\\\\\\n\\u0001\xc3\xa9\\ufffd\"}},"
        "\"warnings\":[{\"code\":\"code\",\"detail\":\"detail 1\"}]}\n");
}
END_TEST

START_TEST(nonfinite_numbers_are_null_or_tokens)
{
    const double values[] = {NAN, INFINITY, -INFINITY};
    const struct sc_tensor t = tensor(SC_FLOAT64, 1, (int64_t[]){3}, values);

    sc_report_list(&report, "x", &t);
    ck_assert_str_eq(encode("json", false), "{\"x\":[null,null,null],\"warnings\":[]}\n");
    ck_assert_str_eq(encode("json", true),
                     "{\"x\":[NaN,Infinity,-Infinity],\"warnings\":[]}\n");
}
END_TEST

START_TEST(lists_nest_and_tensors_are_flat)
{
    const int16_t values[] = {1, -2, 3, 4, 5, 6};
    const struct sc_tensor matrix = tensor(SC_INT16, 2, (int64_t[]){3, 2}, values);
    const struct sc_tensor empty = tensor(SC_INT16, 3, (int64_t[]){2, 0, 3}, values);
    const struct sc_tensor scalar = tensor(SC_INT16, 0, NULL, values);

    sc_report_list(&report, "m", &matrix);
    sc_report_list(&report, "e", &empty);
    sc_report_tensor(&report, "t", &matrix);
    sc_report_tensor(&report, "s", &scalar);
    ck_assert_str_eq(
        encode("json", false),
        "{\"m\":[[1,-2],[3,4],[5,6]],\"e\":[[],[]],"
        "\"t\":{\"dtype\":\"int16\",\"shape\":[3,2],\"data\":[1,-2,3,4,5,6]},"
        "\"s\":{\"dtype\":\"int16\",\"shape\":[],\"data\":[1]},\"warnings\":[]}\n");
}
END_TEST

START_TEST(every_dtype_prints_its_own_numbers)
{
    static const struct {
        enum sc_dtype dtype;
        uint64_t bits;
        const char *text;
    } cases[] = {{SC_BOOL, 1, "true"},
                 {SC_UINT8, 0xff, "255"},
                 {SC_UINT64, UINT64_MAX, "18446744073709551615"},
                 {SC_INT8, 0xff, "-1"},
                 {SC_INT64, UINT64_C(1) << 63, "-9223372036854775808"},
                 {SC_FLOAT16, 0x2e66, "0.099975586"},
                 {SC_BFLOAT16, 0x3f80, "1.0"},
                 {SC_FLOAT32, 0x3dcccccd, "0.1"},
                 {SC_FLOAT64, UINT64_C(0x3fb999999999999a), "0.1"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sc_tensor t = tensor(cases[i].dtype, 1, (int64_t[]){1}, &cases[i].bits);
        char expected[64];

        sc_report_init(&report, &arena);
        sc_report_list(&report, "x", &t);
        sprintf(expected, "{\"x\":[%s],\"warnings\":[]}\n", cases[i].text);
        ck_assert_str_eq(encode("json", false), expected);
    }
}
END_TEST

START_TEST(tables_are_objects_rows_and_columns)
{
    sc_report_int(&report, "pixels", 12);
    sc_report_real(&report, "mean_iou", 2.0 / 3);
    add_classes();
    ck_assert_str_eq(encode("json", false),
                     "{\"pixels\":12,\"mean_iou\":0.6666666666666666,\"classes\":["
                     "{\"class\":0,\"name\":\"road, \\\"wet\\\"\",\"iou\":0.3333333333333333},"
                     "{\"class\":1,\"name\":null,\"iou\":null}],\"warnings\":[]}\n");
    ck_assert_str_eq(encode("csv", false), "class,name,iou\r\n"
                                           "0,\"road, \"\"wet\"\"\",0.3333333333333333\r\n"
                                           "1,,\r\n");
    sc_report_warn(&report, "some_code", "look at this");
    ck_assert_str_eq(encode("text", false), "pixels    12\n"
                                            "mean_iou  0.666667\n"
                                            "\n"
                                            "classes\n"
                                            "class  name              iou\n"
                                            "    0  road, \"wet\"  0.333333\n"
                                            "    1  -                   -\n"
                                            "\n"
                                            "warning: some_code: look at this\n");
}
END_TEST

START_TEST(text_summarises_arrays_and_hides_control_characters)
{
    static const int64_t values[33 * 2];
    const struct sc_tensor small = tensor(SC_INT64, 1, (int64_t[]){3}, values);
    const struct sc_tensor large = tensor(SC_INT64, 2, (int64_t[]){2, 33}, values);

    sc_report_list(&report, "s", &small);
    sc_report_list(&report, "large", &large);
    sc_report_text(&report, "t", "\x1b[2J");
    ck_assert_str_eq(encode("text", false), "s      0, 0, 0\n"
                                            "large  int64[2, 33]\n"
                                            "t      ?[2J\n");
}
END_TEST

START_TEST(text_shows_small_matrices_as_lines)
{
    static const int64_t values[4] = {1, 20, 3, 4};
    const struct sc_tensor matrix = tensor(SC_INT64, 2, (int64_t[]){2, 2}, values);

    sc_report_list(&report, "confusion_matrix", &matrix);
    sc_report_int(&report, "n", 5);
    ck_assert_str_eq(encode("text", false), "n  5\n"
                                            "\n"
                                            "confusion_matrix\n"
                                            " 1  20\n"
                                            " 3   4\n");
}
END_TEST

/* The bytes that NumPy shall see of a tensor: bfloat16 as float32. */
static const void *seen(const struct sc_tensor *t, float wide[static 8])
{
    if (t->dtype != SC_BFLOAT16) return t->data;
    for (int64_t i = 0; i < t->count; i++)
        wide[i] = sc_from_bfloat16(((const uint16_t *)t->data)[i]);
    return wide;
}

/* What is written as NPY is read back the same. */
START_TEST(npy_round_trips)
{
    static const uint8_t values[64] = {1, 0, 1, 1};

    report.main_tensor = "y";
    for (int dtype = 0; dtype < SC_DTYPE_COUNT; dtype++) {
        for (int rank = 0; rank <= 3; rank++) {
            const struct sc_tensor t =
                tensor((enum sc_dtype)dtype, rank, (int64_t[]){1, 2, 3}, values);
            const enum sc_dtype written = dtype == SC_BFLOAT16 ? SC_FLOAT32
                                                               : (enum sc_dtype)dtype;
            const struct codec_style style = {0};
            struct sc_writer out;
            struct sc_note note;
            struct decoding d;
            float wide[8] = {0};
            size_t size;

            sc_report_init(&report, &arena);
            report.main_tensor = "y";
            sc_report_tensor(&report, "y", &t);
            sc_writer_init(&out, &arena);
            ck_assert_status(codec_named("npy")->encode(&sole, &style, &out, &note), SC_OK);
            size = (size_t)t.count * sc_dtype_size(written);
            ck_assert_uint_eq((out.size - size) % 64, 0);
            ck_assert_status(decode(&d, out.data, out.size, NULL), SC_OK);
            ck_assert(sc_tensor_same_shape(tensor_at(&d, 0), &t));
            ck_assert_int_eq(tensor_at(&d, 0)->dtype, written);
            ck_assert_mem_eq(tensor_at(&d, 0)->data, seen(&t, wide), size);
            decoding_done(&d);
        }
    }
}
END_TEST

START_TEST(a_form_that_does_not_fit_is_not_acceptable)
{
    static const char *const formats[] = {"npy", "csv"};
    const struct codec_style style = {0};
    struct sc_writer out;
    struct sc_note note;

    for (size_t i = 0; i < COUNT(formats); i++) {
        sc_writer_init(&out, &arena);
        ck_assert_status(codec_named(formats[i])->encode(&sole, &style, &out, &note),
                         SC_NOT_ACCEPTABLE);
    }
}
END_TEST

START_TEST(running_out_of_memory_is_a_status)
{
    static const char *const formats[] = {"npy", "csv", "json", "text"};
    static const double values[1000];
    const struct codec_style style = {0};
    const struct sc_tensor t = tensor(SC_FLOAT64, 1, (int64_t[]){1000}, values);
    struct sc_writer out;
    struct sc_arena small;
    struct sc_note note;

    sc_report_tensor(&report, "y", &t);
    report.main_tensor = "y";
    add_classes();
    for (size_t i = 0; i < COUNT(formats); i++) {
        sc_arena_init(&small, 256, NULL);
        sc_writer_init(&out, &small);
        ck_assert_status(codec_named(formats[i])->encode(&sole, &style, &out, &note),
                         SC_NO_MEMORY);
        sc_arena_done(&small);
    }
}
END_TEST

START_TEST(bytes_are_base64)
{
    static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "/f7/"};
    static const char *const given[] = {"", "f", "fo", "foo", "foob", "\xfd\xfe\xff"};

    for (size_t i = 0; i < COUNT(given); i++) {
        char json[80];

        snprintf(json, sizeof json, "{\"state\":\"%s\",\"warnings\":[]}\n", expected[i]);
        sc_report_init(&report, &arena);
        sc_report_bytes(&report, "state", (const uint8_t *)given[i], strlen(given[i]));
        ck_assert_str_eq(encode("json", false), json);
    }
    ck_assert_str_eq(encode("text", false), "state  3 bytes\n");
}
END_TEST

START_TEST(results_with_names_stand_side_by_side)
{
    const struct codec_result items[] = {{"losses/a", &report}, {"losses/b", &report}};
    const struct codec_style style = {0};
    struct sc_writer out;
    struct sc_note note;

    sc_report_int(&report, "n", 1);
    for (size_t count = 1; count <= 2; count++) {
        const struct codec_results results = {.item = items, .count = count};

        sc_writer_init(&out, &arena);
        ck_assert_status(codec_named("json")->encode(&results, &style, &out, &note), SC_OK);
        sc_write_byte(&out, '\0');
        ck_assert_str_eq((const char *)out.data,
                         count == 1 ? "{\"results\":{\"losses/a\":{\"n\":1,\"warnings\":[]}}}\n"
                                    : "{\"results\":{\"losses/a\":{\"n\":1,\"warnings\":[]},"
                                      "\"losses/b\":{\"n\":1,\"warnings\":[]}}}\n");
        sc_writer_init(&out, &arena);
        ck_assert_status(codec_named("text")->encode(&results, &style, &out, &note), SC_OK);
        sc_write_byte(&out, '\0');
        ck_assert_str_eq((const char *)out.data,
                         count == 1 ? "---- losses/a ----\n\nn  1\n"
                                    : "---- losses/a ----\n\nn  1\n\n---- losses/b "
                                      "----\n\nn  1\n");
        ck_assert_status(codec_named("csv")->encode(&results, &style, &out, &note),
                         SC_NOT_ACCEPTABLE);
        ck_assert_status(codec_named("npy")->encode(&results, &style, &out, &note),
                         SC_NOT_ACCEPTABLE);
    }
}
END_TEST

START_TEST(the_best_form_that_there_is_is_written)
{
    static const struct {
        const char *accept, *plain, *full; /* without and with a tensor and a table */
    } cases[] = {
        {NULL, "json", "json"},
        {"application/x-npy, application/json;q=0.5", "json", "npy"},
        {"application/json;q=0, */*", "npz", "npy"},
        {"text/csv, application/x-npy;q=0.9, text/plain;q=0.1", "text", "csv"},
        {"text/csv, application/x-npy", NULL, "csv"},
    };
    const struct codec_style style = {0};

    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const char *expected = i % 2 ? cases[i / 2].full : cases[i / 2].plain;
        const struct sc_tensor t = tensor(SC_FLOAT64, 0, NULL, &(double){1});
        const struct codec *used;
        struct codec_forms forms;
        struct sc_writer out;
        struct sc_note note = {0};

        sc_report_init(&report, &arena);
        sc_report_tensor(&report, "y", &t);
        if (i % 2) report.main_tensor = "y";
        if (i % 2) add_classes();
        sc_writer_init(&out, &arena);
        ck_assert_status(codec_accept(cases[i / 2].accept, &forms, &note), SC_OK);
        ck_assert_status(codec_encode(&forms, &sole, &style, &out, &used, &note),
                         expected ? SC_OK : SC_NOT_ACCEPTABLE);
        ck_assert(expected == NULL ? note.detail[0] != '\0' : note.detail[0] == '\0');
        if (expected != NULL) ck_assert_str_eq(used->name, expected);
    }
}
END_TEST

/* A form that finds out late that it does not fit, after a view. */
static enum sc_status half_written(const struct codec_results *results,
                                   const struct codec_style *style, struct sc_writer *out,
                                   struct sc_note *n)
{
    static const uint8_t large[1 << 20];

    (void)results, (void)style;
    sc_write_text(out, "half");
    sc_write_view(out, large, sizeof large);
    return sc_fail(n, SC_NOT_ACCEPTABLE, NULL, "no");
}

START_TEST(nothing_is_left_of_a_form_that_does_not_fit)
{
    const struct codec first = {.name = "half", .encode = half_written};
    const struct codec_forms forms = {.form = {&first, codec_named("json")}, .count = 2};
    const struct codec_style style = {0};
    const struct codec *used;
    struct sc_pieces pieces;
    struct sc_writer out;
    struct sc_note note = {0};

    sc_report_init(&report, &arena);
    sc_report_int(&report, "n", 1);
    sc_writer_init(&out, &arena);
    sc_write_text(&out, "kept ");
    ck_assert_status(codec_encode(&forms, &sole, &style, &out, &used, &note), SC_OK);
    pieces = sc_writer_pieces(&out);
    ck_assert_uint_eq(pieces.count, 1);
    ck_assert_uint_eq(sc_writer_total(&out), out.size);
    ck_assert_int_eq(memcmp(out.data, "kept {", 6), 0);
}
END_TEST

Suite *suite_encode(void);

Suite *suite_encode(void)
{
    Suite *s = suite_create("encode");
    TCase *c = tcase_create("encode");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, scalars_nest_by_their_dots);
    tcase_add_test(c, nonfinite_numbers_are_null_or_tokens);
    tcase_add_test(c, lists_nest_and_tensors_are_flat);
    tcase_add_test(c, every_dtype_prints_its_own_numbers);
    tcase_add_test(c, tables_are_objects_rows_and_columns);
    tcase_add_test(c, text_summarises_arrays_and_hides_control_characters);
    tcase_add_test(c, text_shows_small_matrices_as_lines);
    tcase_add_test(c, npy_round_trips);
    tcase_add_test(c, a_form_that_does_not_fit_is_not_acceptable);
    tcase_add_test(c, running_out_of_memory_is_a_status);
    tcase_add_test(c, bytes_are_base64);
    tcase_add_test(c, results_with_names_stand_side_by_side);
    tcase_add_test(c, the_best_form_that_there_is_is_written);
    tcase_add_test(c, nothing_is_left_of_a_form_that_does_not_fit);
    return s;
}
