/* test_states.c - bodies of saved states. */
#include <check.h>
#include <stdio.h>

#include "decoding.h"
#include "states.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sc_arena arena;
static struct sc_limits limits;
static struct sc_note note;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    limits = sc_limits_preset();
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static struct codec_source source_of(const char *text)
{
    note = (struct sc_note){0};
    return (struct codec_source){
        .body = sc_bytes(text, strlen(text)), .name = "", .limits = &limits, .arena = &arena};
}

static enum sc_status open_text(const char *text, struct codec_states *out)
{
    const struct codec_source source = source_of(text);

    return codec_states_open(&source, out, &note);
}

static enum sc_status open_reply(const char *text, struct codec_states *out)
{
    const struct codec_source source = source_of(text);

    return codec_states_open_reply(&source, "losses/mse", out, &note);
}

START_TEST(states_come_one_after_another)
{
    static const char *const texts[] = {
        "{\"states\":[\"Zm9v\",\"\",\"\\/f7/\"]}",
        " { \"params\": {\"state\": true}, \"st\\u0061tes\" : [ \"Zm9v\" ,\"\", \"/f7\\/\" ] "
        "} ",
    };
    static const char *const expected[] = {"foo", "", "\xfd\xfe\xff"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct codec_states states;
        struct sc_bytes state;

        ck_assert_status(open_text(texts[i], &states), SC_OK);
        ck_assert_uint_eq(states.args.count, i);
        for (size_t k = 0; k < COUNT(expected); k++) {
            ck_assert_status(codec_states_next(&states, &arena, &state, &note), SC_OK);
            ck_assert_ptr_nonnull(state.data);
            ck_assert_uint_eq(state.size, strlen(expected[k]));
            ck_assert_int_eq(memcmp(state.data, expected[k], state.size), 0);
        }
        ck_assert_status(codec_states_next(&states, &arena, &state, &note), SC_OK);
        ck_assert_ptr_null(state.data);
        ck_assert_int_eq(states.count, 3);
    }
}
END_TEST

START_TEST(bodies_without_states_are_refused)
{
    static const struct {
        const char *text;
        enum sc_status status;
        const char *pointer;
    } cases[] = {
        {"", SC_BAD_INPUT, ""},
        {"x", SC_UNSUPPORTED, ""},
        {"[]", SC_BAD_INPUT, ""},
        {"{}", SC_BAD_INPUT, "#/states"},
        {"{\"states\":[]}", SC_BAD_INPUT, "#/states"},
        {"{\"states\":{}}", SC_BAD_INPUT, "#/states"},
        {"{\"states\":null}", SC_BAD_INPUT, "#/states"},
        {"{\"states\":[\"\"],\"a/b\":1}", SC_BAD_INPUT, "#/a~1b"},
        {"{\"states\":[\"\"],\"states\":[\"\"]}", SC_MALFORMED, ""},
        {"{\"states\":[\"\"],\"params\":1}", SC_BAD_PARAM, "#/params"},
        {"{\"states\":[\"\"", SC_MALFORMED, ""},
        {"{\"states\":[NaN]}", SC_MALFORMED, ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct codec_states states;

        ck_assert_status(open_text(cases[i].text, &states), cases[i].status);
        ck_assert_str_eq(note.pointer, cases[i].pointer);
        ck_assert_str_ne(note.detail, "");
    }
}
END_TEST

START_TEST(replies_have_a_state)
{
    static const char *const texts[] = {
        "{\"op\":\"losses/mse\",\"value\":NaN,\"state\":\"Zm9v\"}",
        " {\"state\" : \"Zm9v\" , \"value\":1}\n",
        "{\"results\":{\"a\":{\"state\":\"\"},\"losses\\/mse\":{\"state\":\"Zm9v\"}}}",
        "{\"states\":[\"Zm9v\"]}",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct codec_states states;
        struct sc_bytes state;

        ck_assert_status(open_reply(texts[i], &states), SC_OK);
        ck_assert_status(codec_states_next(&states, &arena, &state, &note), SC_OK);
        ck_assert_uint_eq(state.size, 3);
        ck_assert_mem_eq(state.data, "foo", 3);
        ck_assert_status(codec_states_next(&states, &arena, &state, &note), SC_OK);
        ck_assert_ptr_null(state.data);
        ck_assert_int_eq(states.count, 1);
    }
}
END_TEST

START_TEST(replies_without_a_state_are_refused)
{
    static const char *const texts[] = {
        "{}",
        "{\"value\":1}",
        "{\"results\":{\"losses/mae\":{\"state\":\"Zm9v\"}}}",
        "{\"results\":{\"losses/mse\":{}},\"state\":\"Zm9v\"}",
        "{\"results\":[],\"state\":\"Zm9v\"}",
        "[\"Zm9v\"]",
    };
    struct codec_states states;

    for (size_t i = 0; i < COUNT(texts); i++) {
        ck_assert_status(open_reply(texts[i], &states), SC_BAD_INPUT);
        ck_assert_ptr_nonnull(strstr(note.detail, "state of losses/mse"));
    }
    ck_assert_status(open_reply("{\"state\":\"Zm9v\"", &states), SC_MALFORMED);
    ck_assert_status(open_reply("Zm9v", &states), SC_UNSUPPORTED);
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
    static const char *const texts[] = {"1",        "null",     "[\"\"]",
                                        "{}",       "\"a\"",    "\"====\"",
                                        "\"ab-_\"", "\"a b=\"", "\"\\u0000AAA\""};

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct codec_states states;
        struct sc_bytes state;
        char text[80];

        snprintf(text, sizeof text, "{\"states\":[%s]}", texts[i]);
        ck_assert_status(open_text(text, &states), SC_OK);
        ck_assert_status(codec_states_next(&states, &arena, &state, &note), SC_MALFORMED);
        ck_assert_int_eq(states.count, 1);
    }
}
END_TEST

START_TEST(too_large_a_body_is_refused)
{
    struct codec_states states;

    limits.json_bytes = 15;
    ck_assert_status(open_text("{\"states\":[\"\"]}", &states), SC_OK);
    limits.json_bytes = 14;
    ck_assert_status(open_text("{\"states\":[\"\"]}", &states), SC_TOO_LARGE);
}
END_TEST

Suite *suite_states(void);

Suite *suite_states(void)
{
    Suite *s = suite_create("states");
    TCase *c = tcase_create("states");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, states_come_one_after_another);
    tcase_add_test(c, bodies_without_states_are_refused);
    tcase_add_test(c, replies_have_a_state);
    tcase_add_test(c, replies_without_a_state_are_refused);
    tcase_add_test(c, what_is_no_base64_is_refused);
    tcase_add_test(c, too_large_a_body_is_refused);
    return s;
}
