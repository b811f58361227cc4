/* test_json.c - grammar, duplicates and depth of JSON, and parameters. */
#include <stdio.h>

#include "decoding.h"
#include "json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE         "application/json"

/* ---- grammar ---- */

static enum sc_status check(const char *data, size_t size, bool nonfinite)
{
    const struct json_rules rules = {.depth = 32, .nonfinite = nonfinite};
    uint8_t *copy = malloc(size + SC_BYTES_PADDING);
    struct sc_arena arena;
    struct sc_note note;
    enum sc_status status;

    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    memcpy(copy, data, size);
    status = json_check(sc_bytes(copy, size), &rules, &arena, &note);
    sc_arena_done(&arena);
    free(copy);
    return status;
}

START_TEST(valid_texts_are_accepted)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "-12",
        "0.5",
        "1.25e3",
        "1E+2",
        "1e-2",
        "0e0",
        "123456789012345678901",
        "1e999",
        "\"\"",
        "\"a\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0041\\u00e9\\u20AC\"",
        "\"\\uD83D\\ude00\"",
        "\"\\u0000\"",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\x7f\"",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        " [ ] ",
        "\t\r\n{ \"a\" : 1 , \"b\" : [ { } , [ ] ] } \n",
        "[[[[[[]]]]]]",
        "{\"\":0}",
        "{\"a\":{\"a\":1},\"b\":{\"a\":2}}",
        "[{\"a\":1},{\"a\":2}]",
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(check(texts[i], strlen(texts[i]), false) == SC_OK, "%s", texts[i]);
}
END_TEST

START_TEST(broken_texts_are_refused)
{
    static const char *const texts[] = {
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "-.5",
        "1.e3",
        "1e",
        "1e+",
        "1e1.5",
        "0x10",
        "1_000",
        "1 2",
        "--1",
        "1-",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\U0041\"",
        "\"\\uD800\"",
        "\"\\uDC00\"",
        "\"\\uD800\\u0041\"",
        "\"\\uD800x\"",
        "\"\\ud800\\",
        "\"\n\"",
        "\"\t\"",
        "\"\x1f\"",
        "'a'",
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xe0\x80\x80\"",
        "\"\xed\xa0\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf8\x88\x80\x80\x80\"",
        "\"\xc3\"",
        "\"\xe2\x82\"",
        "\"\x80\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1,,2]",
        "[1 2]",
        "[1}",
        "[\"a\" \"b\"]",
        "[1]]",
        "[1],",
        "{",
        "}",
        "{]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "{'a':1}",
        "{null:1}",
        "{[]:1}",
        "{\"a\":1}x",
        "{} {}",
        "[1]/**/",
        "//x\n1",
        "\xef\xbb\xbf{}",
        "\f1",
        "\v1",
        "\xa0 1",
        "[1]\f",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\":1,\"\":1}",
        "{\"b\":1,\"a\":{\"c\":1,\"d\":2,\"c\":3}}",
        "[{\"x\":1,\"y\":2,\"z\":3,\"x\":4}]",
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(check(texts[i], strlen(texts[i]), false) == SC_MALFORMED, "%s", texts[i]);
    ck_assert_status(check("1\0", 2, false), SC_MALFORMED);
    ck_assert_status(check("\"\0\"", 3, false), SC_MALFORMED);
    ck_assert_status(check("[1\0]", 4, false), SC_MALFORMED);
}
END_TEST

START_TEST(nonfinite_tokens_are_an_option)
{
    static const char tokens[] = "[NaN, Infinity, -Infinity]";

    ck_assert_status(check(tokens, strlen(tokens), true), SC_OK);
    ck_assert_status(check(tokens, strlen(tokens), false), SC_MALFORMED);
    ck_assert_status(check("[-NaN]", 6, true), SC_MALFORMED);
    ck_assert_status(check("[nan]", 5, true), SC_MALFORMED);
    ck_assert_status(check("[Inf]", 5, true), SC_MALFORMED);
    ck_assert_status(check("[NaN1]", 6, true), SC_MALFORMED);
}
END_TEST

START_TEST(depth_is_limited)
{
    static char text[20000];

    memset(text, '[', 10000);
    ck_assert_status(check(text, 10000, false), SC_TOO_LARGE);
    for (int i = 0; i < 10000; i++) text[2 * i] = '[', text[2 * i + 1] = '{';
    ck_assert_status(check(text, 20000, false), SC_MALFORMED);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    ck_assert_status(check(text, 66, false), SC_TOO_LARGE);
    ck_assert_status(check(text + 1, 64, false), SC_OK);
}
END_TEST

START_TEST(duplicates_are_found_among_many_keys)
{
    enum { KEYS = 5000 };
    static char text[KEYS * 16];
    size_t size = (size_t)sprintf(text, "{\"k\":0");

    for (int i = 0; i < KEYS; i++)
        size += (size_t)sprintf(text + size, ",\"k%d\":0", (i * 7919) % KEYS);
    sprintf(text + size, "}");
    ck_assert_status(check(text, size + 1, false), SC_OK);
    sprintf(text + size, ",\"k4321\":0}");
    ck_assert_status(check(text, strlen(text), false), SC_MALFORMED);
}
END_TEST

/* ---- parameters ---- */

START_TEST(parameters_keep_their_kinds)
{
    struct decoding d;
    const struct sc_arg *arg;

    ck_assert_status(decode_text(&d,
                                 "{\"params\": {\"a\": 1, \"b\": 0.1, \"c\": true, \"d\": "
                                 "\"t\\u00e9xt\", \"e\": [1, 2], \"f\": [], \"g\": -1e300, "
                                 "\"losses/dice\": {\"smooth\": 1}, \"h\": 9007199254740991}}",
                                 TYPE),
                     SC_OK);
    ck_assert_uint_eq(d.payload.args.count, 9);
    arg = d.payload.args.item;
    ck_assert(arg[0].kind == SC_ARG_NUMBER && !arg[0].is_list && arg[0].count == 1);
    ck_assert_str_eq(arg[0].text[0], "1");
    ck_assert_str_eq(arg[0].source, "params");
    ck_assert_str_eq(arg[1].text[0], "0.1");
    ck_assert(arg[2].kind == SC_ARG_BOOL);
    ck_assert_str_eq(arg[2].text[0], "true");
    ck_assert(arg[3].kind == SC_ARG_STRING);
    ck_assert_str_eq(arg[3].text[0], "t\xc3\xa9xt");
    ck_assert(arg[4].is_list && arg[4].count == 2 && arg[5].is_list && arg[5].count == 0);
    ck_assert_str_eq(arg[6].text[0], "-1e300");
    ck_assert_str_eq(arg[7].name, "losses/dice.smooth");
    ck_assert_str_eq(arg[8].text[0], "9007199254740991");
    decoding_done(&d);
}
END_TEST

START_TEST(objects_of_integers_are_pairs)
{
    struct decoding d;
    const struct sc_arg *arg;

    ck_assert_status(decode_text(&d,
                                 "{\"params\": {\"label_map\": { \"7\" : 0,\"-8\":-1 }, "
                                 "\"none\": {}, \"l/d\": {\"m\": {\"\\u0031\": "
                                 "9223372036854775807}}}}",
                                 TYPE),
                     SC_OK);
    ck_assert_uint_eq(d.payload.args.count, 3);
    arg = d.payload.args.item;
    for (size_t i = 0; i < 3; i++) ck_assert(arg[i].kind == SC_ARG_PAIR && arg[i].is_list);
    ck_assert_uint_eq(arg[0].count, 2);
    ck_assert_str_eq(arg[0].text[0], "7:0");
    ck_assert_str_eq(arg[0].text[1], "-8:-1");
    ck_assert_uint_eq(arg[1].count, 0);
    ck_assert_str_eq(arg[2].name, "l/d.m");
    ck_assert_str_eq(arg[2].text[0], "1:9223372036854775807");
    decoding_done(&d);
}
END_TEST

/* Doubles would change most of these. */
START_TEST(numbers_of_parameters_stay_as_written)
{
    static const char *const numbers[] = {"9007199254740993",
                                          "-9007199254740993",
                                          "9223372036854775807",
                                          "18446744073709551615",
                                          "2.0",
                                          "1E2",
                                          "-0",
                                          "0.10",
                                          "1e-400"};

    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *n = numbers[i];
        char body[200];
        struct decoding d;

        snprintf(body, sizeof body,
                 "{\"params\": \n{ \"s\" : \"1]}\", \"a\" :%s ,\"b\": [ 7,%s\t] , \"l/d\": { "
                 "\"c\" : %s } } }",
                 n, n, n);
        ck_assert_status(decode_text(&d, body, TYPE), SC_OK);
        ck_assert_uint_eq(d.payload.args.count, 4);
        ck_assert_str_eq(d.payload.args.item[1].text[0], n);
        ck_assert_str_eq(d.payload.args.item[2].text[1], n);
        ck_assert_str_eq(d.payload.args.item[3].text[0], n);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(wrong_parameters_are_refused)
{
    static const struct {
        const char *params;
        enum sc_status status;
    } cases[] = {
        {"[]", SC_BAD_PARAM},
        {"1", SC_BAD_PARAM},
        {"{\"a\": null}", SC_BAD_PARAM},
        {"{\"a\": {\"7\": 0.5}}", SC_BAD_PARAM},
        {"{\"a\": {\"7\": \"0\"}}", SC_BAD_PARAM},
        {"{\"a\": {\"7\": {}}}", SC_BAD_PARAM},
        {"{\"a\": {\"7:1\": 0}}", SC_BAD_PARAM},
        {"{\"a\": {\"\": 0}}", SC_BAD_PARAM},
        {"{\"a\": {\"-\": 0}}", SC_BAD_PARAM},
        {"{\"a\": {\"7\": 0, \"7\": 0}}", SC_MALFORMED},
        {"{\"a\": {\"b\": 1}}", SC_BAD_PARAM},
        {"{\"a/b\": {\"c\": {\"d\": 1}}}", SC_BAD_PARAM},
        {"{\"a\": [[1]]}", SC_BAD_PARAM},
        {"{\"a\": [1, true]}", SC_BAD_PARAM},
        {"{\"a\": [\"1\", 1]}", SC_BAD_PARAM},
        {"{\"a\": 1e400}", SC_BAD_PARAM},
        {"{\"a\": \"x\\u0000y\"}", SC_BAD_PARAM},
        {"{\"a\\u0000\": 1}", SC_BAD_PARAM},
        {"{\"a\": NaN}", SC_MALFORMED},
        {"{\"a\": 1, \"a\": 1}", SC_MALFORMED},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char body[100];

        snprintf(body, sizeof body, "{\"params\": %s}", cases[i].params);
        ck_assert_msg(status_of_text(body, TYPE) == cases[i].status, "%s", body);
    }
    ck_assert_status(status_of_text("{\"params\": {\"a\": \"\\\\u0000\"}}", TYPE), SC_OK);
}
END_TEST

START_TEST(objects_and_parameters_are_bounded)
{
    static char text[1200000] = "{\"params\": {\"a\": [";
    size_t size = strlen(text);

    while (size < 1100000) size += (size_t)sprintf(text + size, "0,");
    sprintf(text + size, "0]}}");
    ck_assert_status(status_of_text(text, TYPE), SC_TOO_LARGE);
    size = (size_t)sprintf(text, "{\"k\":0");
    for (int i = 0; i < 65536; i++) size += (size_t)sprintf(text + size, ",\"k%d\":0", i);
    sprintf(text + size, "}");
    ck_assert_status(check(text, strlen(text), false), SC_TOO_LARGE);
    size = (size_t)sprintf(text, "{\"params\": {\"k\":0");
    for (int i = 0; i < 1024; i++) size += (size_t)sprintf(text + size, ",\"k%d\":0", i);
    sprintf(text + size, "}}");
    ck_assert_status(status_of_text(text, TYPE), SC_BAD_PARAM);
}
END_TEST

Suite *suite_json(void);

Suite *suite_json(void)
{
    Suite *s = suite_create("json");
    TCase *c = tcase_create("json");

    suite_add_tcase(s, c);
    tcase_add_test(c, valid_texts_are_accepted);
    tcase_add_test(c, broken_texts_are_refused);
    tcase_add_test(c, nonfinite_tokens_are_an_option);
    tcase_add_test(c, depth_is_limited);
    tcase_add_test(c, duplicates_are_found_among_many_keys);
    tcase_add_test(c, parameters_keep_their_kinds);
    tcase_add_test(c, objects_of_integers_are_pairs);
    tcase_add_test(c, numbers_of_parameters_stay_as_written);
    tcase_add_test(c, wrong_parameters_are_refused);
    tcase_add_test(c, objects_and_parameters_are_bounded);
    return s;
}
