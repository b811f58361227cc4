/* test_json_tensor.c - tensors in all the forms that JSON has for them. */
#include <stdio.h>

#include "decoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE         "application/json"

START_TEST(nested_arrays_give_dtype_and_shape)
{
    static const struct {
        const char *json;
        enum sc_dtype dtype;
        const char *shape;
    } cases[] = {
        {"[1, 2, 3]", SC_INT64, "[3]"},
        {"[[1, 2], [3, 4], [5, 6]]", SC_INT64, "[3, 2]"},
        {"[1, 2.0]", SC_FLOAT64, "[2]"},
        {"[1, 2e0]", SC_FLOAT64, "[2]"},
        {"[]", SC_FLOAT64, "[0]"},
        {"[[], []]", SC_FLOAT64, "[2, 0]"},
        {"[[[]]]", SC_FLOAT64, "[1, 1, 0]"},
        {"5", SC_INT64, "[]"},
        {"-0.5", SC_FLOAT64, "[]"},
        {"true", SC_BOOL, "[]"},
        {"NaN", SC_FLOAT64, "[]"},
        {"[NaN, Infinity, -Infinity]", SC_FLOAT64, "[3]"},
        {"[1, NaN]", SC_FLOAT64, "[2]"},
        {"[[true], [false]]", SC_BOOL, "[2, 1]"},
        {"[[[[[[[[1]]]]]]]]", SC_INT64, "[1, 1, 1, 1, 1, 1, 1, 1]"},
        {"{\"data\": [1.5]}", SC_FLOAT64, "[1]"},
        {"{\"dtype\": \"uint8\", \"data\": [[1, 2]]}", SC_UINT8, "[1, 2]"},
        {"{\"shape\": [2, 1], \"data\": [1, 2]}", SC_INT64, "[2, 1]"},
        {"{\"dtype\": \"float32\", \"shape\": [], \"data\": [1]}", SC_FLOAT32, "[]"},
        {"{\"dtype\": \"float32\", \"shape\": [], \"data\": 1}", SC_FLOAT32, "[]"},
        {"{\"dtype\": \"int8\", \"shape\": [2, 0, 3], \"data\": []}", SC_INT8, "[2, 0, 3]"},
        {"{\"dtype\": \"bool\", \"shape\": [2], \"data\": [0, 1]}", SC_BOOL, "[2]"},
        {"{\"dtype\": \"int16\", \"shape\": [2], \"base64\": \"AQD/\\/w==\"}", SC_INT16, "[2]"},
        {"{\"dtype\": \"int16\", \"shape\": [0], \"base64\": \"\"}", SC_INT16, "[0]"},
        {"{\"size\": [2, 3], \"counts\": [2, 1, 1, 2]}", SC_UINT8, "[2, 3]"},
        {"{\"size\": [0, 3], \"counts\": []}", SC_UINT8, "[0, 3]"},
        {"{\"size\": [3, 0], \"counts\": [0]}", SC_UINT8, "[3, 0]"},
        {"{\"size\": [0, 0], \"counts\": \"0\"}", SC_UINT8, "[0, 0]"},
        {"{\"size\": [0, 3], \"counts\": \"\"}", SC_UINT8, "[0, 3]"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char body[256], shape[80];
        struct decoding d;

        snprintf(body, sizeof body, "{\"x\": %s}", cases[i].json);
        ck_assert_msg(decode_text(&d, body, NULL) == SC_OK, "%s: %s", body, d.note.detail);
        ck_assert_msg(tensor_at(&d, 0)->dtype == cases[i].dtype, "%s", body);
        sc_tensor_shape_text(tensor_at(&d, 0), shape, sizeof shape);
        ck_assert_str_eq(shape, cases[i].shape);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(wrong_tensors_are_refused_with_their_place)
{
    static const struct {
        const char *json;
        enum sc_status status;
        const char *pointer;
    } cases[] = {
        {"[[1, 2], [3]]", SC_MALFORMED, "#/x/1"},
        {"[[1], 2]", SC_MALFORMED, "#/x/1"},
        {"[1, [2]]", SC_MALFORMED, "#/x/1"},
        {"[[], [1]]", SC_MALFORMED, "#/x/1"},
        {"[[], [[1]]]", SC_MALFORMED, "#/x/1/0"},
        {"[[[1, 2], [3, 4]], [[1, 2], [3]]]", SC_MALFORMED, "#/x/1/1"},
        {"[[1, null]]", SC_MALFORMED, "#/x/0/1"},
        {"[1, \"2\"]", SC_MALFORMED, "#/x/1"},
        {"[1, {}]", SC_MALFORMED, "#/x/1"},
        {"null", SC_MALFORMED, "#/x"},
        {"\"text\"", SC_MALFORMED, "#/x"},
        {"[1, true]", SC_MALFORMED, "#/x/1"},
        {"[false, 0.5]", SC_MALFORMED, "#/x/1"},
        {"[true, NaN]", SC_MALFORMED, "#/x/1"},
        {"[[[[[[[[[1]]]]]]]]]", SC_TOO_LARGE, "#/x/0/0/0/0/0/0/0/0"},
        {"[[1, 9223372036854775808]]", SC_MALFORMED, "#/x/0/1"},
        {"[-9223372036854775809]", SC_MALFORMED, "#/x/0"},
        {"[1.0, 1e400]", SC_MALFORMED, "#/x/1"},
        {"{}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"complex64\", \"data\": [1]}", SC_UNSUPPORTED, "#/x/dtype"},
        {"{\"dtype\": 8, \"data\": [1]}", SC_MALFORMED, "#/x/dtype"},
        {"{\"dtype\": \"uint8\", \"data\": [0, 256]}", SC_MALFORMED, "#/x/data/1"},
        {"{\"dtype\": \"uint8\", \"data\": [[0], [-1]]}", SC_MALFORMED, "#/x/data/1/0"},
        {"{\"dtype\": \"int8\", \"data\": [-129]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"uint64\", \"data\": [18446744073709551616]}", SC_MALFORMED,
         "#/x/data/0"},
        {"{\"dtype\": \"int32\", \"data\": [1.0]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"int32\", \"data\": [NaN]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"int32\", \"data\": [-Infinity]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"bool\", \"data\": [2]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"uint8\", \"data\": [true]}", SC_MALFORMED, "#/x/data"},
        {"{\"dtype\": \"float16\", \"data\": [0, 65520]}", SC_MALFORMED, "#/x/data/1"},
        {"{\"dtype\": \"bfloat16\", \"data\": [3.4e38]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"dtype\": \"float32\", \"data\": [-1e39]}", SC_MALFORMED, "#/x/data/0"},
        {"{\"shape\": [3], \"data\": [1, 2]}", SC_MALFORMED, "#/x"},
        {"{\"shape\": [2, 3], \"data\": [[1, 2], [3, 4], [5, 6]]}", SC_MALFORMED, "#/x"},
        {"{\"shape\": [-1], \"data\": [1]}", SC_MALFORMED, "#/x/shape"},
        {"{\"shape\": [1.0], \"data\": [1]}", SC_MALFORMED, "#/x/shape/0"},
        {"{\"shape\": 1, \"data\": [1]}", SC_MALFORMED, "#/x/shape"},
        {"{\"shape\": [4611686018427387904, 4], \"data\": [1]}", SC_TOO_LARGE, "#/x"},
        {"{\"shape\": [1,1,1,1,1,1,1,1,1], \"data\": [1]}", SC_TOO_LARGE, "#/x/shape"},
        {"{\"data\": [1], \"base64\": \"\"}", SC_MALFORMED, "#/x"},
        {"{\"data\": [1], \"more\": 1}", SC_MALFORMED, "#/x"},
        {"{\"base64\": \"AAAA\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [3], \"base64\": 1}", SC_MALFORMED, "#/x/base64"},
        {"{\"dtype\": \"uint8\", \"shape\": [4], \"base64\": \"AAAA\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [3], \"base64\": \"AAA\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [3], \"base64\": \"AA A\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [2], \"base64\": \"AAB=\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [0], \"base64\": \"====\"}", SC_MALFORMED, "#/x"},
        {"{\"dtype\": \"uint8\", \"shape\": [3], \"base64\": \"A-_A\"}", SC_MALFORMED, "#/x"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char body[256];
        struct decoding d;

        snprintf(body, sizeof body, "{\"x\": %s}", cases[i].json);
        ck_assert_msg(decode_text(&d, body, TYPE) == cases[i].status, "%s: %s", body,
                      d.note.detail);
        ck_assert_msg(strcmp(d.note.pointer, cases[i].pointer) == 0, "%s: %s", body,
                      d.note.pointer);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(integers_are_exact_to_the_ends_of_their_dtype)
{
    struct decoding d;
    const int64_t *i;
    const uint64_t *u;

    ck_assert_status(
        decode_text(&d,
                    "{\"i\": [9223372036854775807, -9223372036854775808, 9007199254740993, -0],"
                    " \"u\": {\"dtype\": \"uint64\", \"data\": [18446744073709551615, -0]},"
                    " \"b\": {\"dtype\": \"int8\", \"data\": [-128, 127]}}",
                    TYPE),
        SC_OK);
    i = tensor_at(&d, 0)->data;
    u = tensor_at(&d, 1)->data;
    ck_assert(i[0] == INT64_MAX && i[1] == INT64_MIN && i[2] == 9007199254740993 && i[3] == 0);
    ck_assert(u[0] == UINT64_MAX && u[1] == 0);
    ck_assert_mem_eq(tensor_at(&d, 2)->data, "\x80\x7f", 2);
    decoding_done(&d);
}
END_TEST

START_TEST(halves_are_rounded_once)
{
    struct decoding d;
    const uint16_t *half;

    ck_assert_status(decode_text(&d,
                                 "{\"h\": {\"dtype\": \"float16\", \"data\": [1, -0.0, 65504, "
                                 "1.00048828125, 1.000488281250001, NaN, -Infinity, 6e-8]},"
                                 " \"b\": {\"dtype\": \"bfloat16\", \"data\": [1, 3.14159]}}",
                                 TYPE),
                     SC_OK);
    half = tensor_at(&d, 0)->data;
    ck_assert(half[0] == 0x3c00 && half[1] == 0x8000 && half[2] == 0x7bff);
    ck_assert(half[3] == 0x3c00 && half[4] == 0x3c01);
    ck_assert((half[5] & 0x7fff) > 0x7c00 && half[6] == 0xfc00 && half[7] == 1);
    half = tensor_at(&d, 1)->data;
    ck_assert(half[0] == 0x3f80 && half[1] == 0x4049);
    decoding_done(&d);
}
END_TEST

START_TEST(run_lengths_are_masks)
{
    struct decoding d;
    uint8_t stripe[5 * 29] = {0};

    ck_assert_status(decode_text(&d,
                                 "{\"a\": {\"size\": [2, 3], \"counts\": \"2111\"},"
                                 " \"b\": {\"counts\": [2, 1, 1, 2], \"size\": [2, 3]},"
                                 " \"c\": {\"size\": [5, 29], \"counts\": \"0T35TN\"}}",
                                 TYPE),
                     SC_OK);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, "\0\1\1\0\0\1", 6);
    ck_assert_mem_eq(tensor_at(&d, 1)->data, "\0\1\1\0\0\1", 6);
    for (int i = 0; i < 145; i++) stripe[i % 5 * 29 + i / 5] = i < 100 || i >= 105;
    ck_assert_mem_eq(tensor_at(&d, 2)->data, stripe, sizeof stripe);
    decoding_done(&d);
}
END_TEST

START_TEST(broken_run_lengths_are_refused)
{
    static const char *const masks[] = {
        "[2, 3], \"counts\": [2, 1, 1]",
        "[2, 3], \"counts\": [2, 1, 1, 3]",
        "[2, 3], \"counts\": [-1, 7]",
        "[2, 3], \"counts\": [7, -1]",
        "[2, 3], \"counts\": [9223372036854775807, 9223372036854775807, 8]",
        "[2, 3], \"counts\": [2.0, 4]",
        "[2, 3], \"counts\": [[6]]",
        "[2, 3], \"counts\": []",
        "[2, 3], \"counts\": \"\"",
        "[2, 3], \"counts\": \"211\"",
        "[2, 3], \"counts\": \"211 1\"",
        "[2, 3], \"counts\": \"211p\"",
        "[2, 3], \"counts\": \"211T\"",
        "[2, 3], \"counts\": \"ooooooo0\"",
        "[2, -3], \"counts\": [6]",
        "[6], \"counts\": [6]",
        "[2, 3, 1], \"counts\": [6]",
        "[0, 3], \"counts\": [1]",
        "[0, 3], \"counts\": [0, 0, 1]",
        "[0, -3], \"counts\": []",
        "[0, 9223372036854775807, 1], \"counts\": []",
        "[65536, 65536], \"counts\": [4294967296]",
        "[9223372036854775807, 3], \"counts\": [6]",
        "[2, 3]",
        "[2, 3], \"dtype\": \"uint8\", \"counts\": [6]",
    };

    for (size_t i = 0; i < COUNT(masks); i++) {
        char body[200];

        snprintf(body, sizeof body, "{\"x\": {\"size\": %s}}", masks[i]);
        ck_assert_msg(status_of_text(body, TYPE) != SC_OK, "%s", body);
    }
}
END_TEST

START_TEST(only_objects_are_bodies)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, "[1, 2]", TYPE), SC_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(d.note.detail, "the JSON body is a list"));
    ck_assert_ptr_nonnull(strstr(d.note.detail, "{\"x\": ...} for an activation"));
    decoding_done(&d);
    ck_assert_status(decode_text(&d, "3", TYPE), SC_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(d.note.detail, "the JSON body is a bare value"));
    decoding_done(&d);
    ck_assert_status(status_of_text("{\"x\": [1], \"x\": [1]}", TYPE), SC_MALFORMED);
    ck_assert_status(status_of_text("{\"x\\u0000\": [1]}", TYPE), SC_MALFORMED);
    ck_assert_status(status_of_text("{}", TYPE), SC_OK);
}
END_TEST

START_TEST(forms_of_a_tensor_are_told)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, "{\"x\": {\"dtype\": \"uint8\"}}", TYPE), SC_MALFORMED);
    ck_assert_str_eq(d.note.detail,
                     "expected one of: data, alone or with dtype and shape; base64 with dtype "
                     "and shape; size and counts");
    decoding_done(&d);
}
END_TEST

/* What is wrong, and what would be right. */
START_TEST(refusals_say_what_would_be_right)
{
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"{\"shape\": [2, 4], \"data\": [1,2,3,4,5,6,7,8,9]}",
         "'data' has 9 values, but shape [2, 4] needs 8"},
        {"{\"shape\": [2, 3], \"data\": [[1, 2], [3, 4], [5, 6]]}",
         "'data' is nested as [3, 2], but shape is [2, 3]; nest it so, or send one flat list"},
        {"[[1, 2], [3]]", "a ragged array: its length is 1, that of the arrays before it 2"},
        {"[[[[[[[[[1]]]]]]]]]", "deeper than 8, the most dimensions of a tensor (limit rank)"},
        {"{\"shape\": [1,1,1,1,1,1,1,1,1], \"data\": [1]}",
         "9 dimensions; at most 8 (limit rank)"},
        {"{\"dtype\": \"float128\", \"data\": [1]}",
         "dtype 'float128' is not taken; expected bool, uint8 to uint64"},
        {"[null]", "NaN is taken where there is none"},
        {"\"sum\"", "parameters go into \"params\""},
        {"{\"size\": [2, 3, 1], \"counts\": [6]}", "expected [height, width]"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char body[256];
        struct decoding d;

        snprintf(body, sizeof body, "{\"x\": %s}", cases[i].json);
        ck_assert_msg(decode_text(&d, body, TYPE) != SC_OK, "%s", body);
        ck_assert_msg(strstr(d.note.detail, cases[i].says) != NULL, "%s: %s", body,
                      d.note.detail);
        decoding_done(&d);
    }
}
END_TEST

/* A name that is empty would be the one input of an activation. */
START_TEST(empty_names_are_refused)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, "{\"\": [1]}", TYPE), SC_BAD_INPUT);
    ck_assert_str_eq(d.note.pointer, "#/");
    ck_assert_ptr_nonnull(strstr(d.note.detail, "unknown input ''"));
    decoding_done(&d);
    ck_assert_status(status_of_text("{\"x\": [1], \"\": {\"a\": 1}}", TYPE), SC_BAD_INPUT);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    static const char body[] =
        " {\"pred\": [[0.25, -1e-3], [NaN, 7]], \"target\": {\"dtype\": \"uint8\", \"shape\":"
        "[2], \"base64\": \"AAE=\"}, \"m\": {\"size\": [2, 3], \"counts\": \"2111\"},"
        " \"params\": {\"smooth\": 1e-5, \"names\": [\"a\", \"\\u00e9\"]}}";

    for (size_t size = 0; size < sizeof body - 1; size++)
        ck_assert_msg(status_of(body, size, TYPE) != SC_OK, "%zu bytes", size);
    ck_assert_status(status_of_text(body, TYPE), SC_OK);
}
END_TEST

START_TEST(memory_and_size_are_limited)
{
    static char body[100000] = "{\"x\": [";
    size_t size = strlen(body);
    enum sc_status status = SC_NO_MEMORY;
    struct decoding d;

    while (size < 90000) size += (size_t)sprintf(body + size, "0,");
    sprintf(body + size, "0]}");
    ck_assert_status(decode_limited(&d, body, strlen(body), TYPE, 100000), SC_NO_MEMORY);
    ck_assert_uint_le(d.arena.held, 100000);
    decoding_done(&d);
    for (size_t memory = 0; status != SC_OK; memory += 64) {
        static const char small[] =
            "{\"x\": [1], \"params\": {\"a\": [1, 2], \"b/c\": {\"d\": 1}}}";

        status = decode_limited(&d, small, strlen(small), TYPE, memory);
        ck_assert_msg(status == SC_OK || status == SC_NO_MEMORY, "%zu: %s", memory,
                      d.note.detail);
        ck_assert_uint_lt(memory, 1 << 20);
        decoding_done(&d);
    }
}
END_TEST

Suite *suite_json_tensor(void);

Suite *suite_json_tensor(void)
{
    Suite *s = suite_create("json_tensor");
    TCase *c = tcase_create("json_tensor");

    suite_add_tcase(s, c);
    tcase_add_test(c, nested_arrays_give_dtype_and_shape);
    tcase_add_test(c, wrong_tensors_are_refused_with_their_place);
    tcase_add_test(c, integers_are_exact_to_the_ends_of_their_dtype);
    tcase_add_test(c, halves_are_rounded_once);
    tcase_add_test(c, run_lengths_are_masks);
    tcase_add_test(c, broken_run_lengths_are_refused);
    tcase_add_test(c, only_objects_are_bodies);
    tcase_add_test(c, forms_of_a_tensor_are_told);
    tcase_add_test(c, refusals_say_what_would_be_right);
    tcase_add_test(c, empty_names_are_refused);
    tcase_add_test(c, every_truncation_is_refused);
    tcase_add_test(c, memory_and_size_are_limited);
    return s;
}
