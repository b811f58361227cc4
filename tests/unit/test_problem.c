/* test_problem.c - every status has its row, and every row makes a whole answer. */
#include <check.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "problem.h"

static struct http_request rq;

static void start(void)
{
    rq = (struct http_request){.id = "abc", .path = "/", .method_text = "GET"};
    sc_arena_init(&rq.arena, 1 << 20, NULL);
}

static void stop(void)
{
    sc_arena_done(&rq.arena);
}

static cJSON *reply(void)
{
    cJSON *json = cJSON_ParseWithLength((const char *)rq.reply.body.data, rq.reply.body.size);

    ck_assert_str_eq(rq.reply.content_type, "application/problem+json");
    ck_assert_ptr_nonnull(json);
    return json;
}

static const char *text(const cJSON *json, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    ck_assert_msg(value != NULL, "no text '%s'", name);
    return value;
}

START_TEST(every_row_makes_an_answer)
{
    const struct problem_row *row = problem_row((enum problem)_i);
    cJSON *json;

    sc_fail(&rq.note, SC_INTERNAL, NULL, "row %d", _i);
    problem_reply(&rq, (enum problem)_i, NULL);
    json = reply();
    ck_assert_int_eq(rq.reply.status, row->http);
    ck_assert_str_eq(rq.reply.error, row->slug);
    ck_assert_ptr_nonnull(strstr(text(json, "type"), row->slug));
    ck_assert_str_eq(text(json, "title"), row->title);
    ck_assert_str_eq(text(json, "detail"), rq.note.detail);
    ck_assert_str_eq(text(json, "instance"), "abc");
    ck_assert_ptr_nonnull(strstr(text(json, "error"), rq.note.detail));
    ck_assert_double_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "status")), row->http);
    ck_assert_ptr_null(cJSON_GetObjectItem(json, "errors"));
    ck_assert_ptr_null(cJSON_GetObjectItem(json, "suggestions"));
    ck_assert_int_eq(rq.reply.extras, (row->http == 503 || row->http == 429));
    cJSON_Delete(json);
}
END_TEST

START_TEST(slugs_are_unique)
{
    for (int i = PROBLEM_OK + 1; i < _i; i++)
        ck_assert_str_ne(problem_row((enum problem)i)->slug,
                         problem_row((enum problem)_i)->slug);
}
END_TEST

START_TEST(a_place_has_value_index_and_count)
{
    cJSON *json, *error;

    sc_fail(&rq.note, SC_BAD_LABEL, "#/target", "label 11");
    rq.note.has_value = true;
    rq.note.value = 11;
    snprintf(rq.note.exact, sizeof rq.note.exact, "%s", "11");
    rq.note.index = 4;
    rq.note.count = 2;
    problem_reply(&rq, PROBLEM_BAD_LABEL, NULL);
    json = reply();
    error = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "errors"), 0);
    ck_assert_str_eq(text(error, "pointer"), "#/target");
    ck_assert_str_eq(text(error, "detail"), "label 11");
    ck_assert_double_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(error, "value")), 11);
    ck_assert_double_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(error, "index")), 4);
    ck_assert_double_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(error, "count")), 2);
    cJSON_Delete(json);
}
END_TEST

/* Past 2^53 the text alone has all digits. */
START_TEST(a_value_is_exact)
{
    static const char *const values[] = {"9223372036854775807", "-9223372036854775808",
                                         "18446744073709551615", "0.25", "1e+300"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char wanted[64], *body;

        sc_fail(&rq.note, SC_BAD_LABEL, "#/target", "label");
        rq.note.has_value = true;
        rq.note.value = strtod(values[i], NULL);
        snprintf(rq.note.exact, sizeof rq.note.exact, "%s", values[i]);
        problem_reply(&rq, PROBLEM_BAD_LABEL, NULL);
        snprintf(wanted, sizeof wanted, "\"value\":%s,", values[i]);
        body = strndup((const char *)rq.reply.body.data, rq.reply.body.size);
        ck_assert_ptr_nonnull(strstr(body, wanted));
        free(body);
    }
}
END_TEST

START_TEST(a_value_that_is_no_number_is_null)
{
    cJSON *json, *error;

    sc_fail(&rq.note, SC_BAD_VALUE, "#/weight", "weight nan");
    rq.note.has_value = true;
    rq.note.value = NAN;
    snprintf(rq.note.exact, sizeof rq.note.exact, "%s", "nan");
    problem_reply(&rq, PROBLEM_BAD_VALUE, NULL);
    json = reply();
    error = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "errors"), 0);
    ck_assert(cJSON_IsNull(cJSON_GetObjectItem(error, "value")));
    cJSON_Delete(json);
}
END_TEST

START_TEST(suggestions_are_listed)
{
    const struct suggestions near = {.name = {"a", "b"}, .count = 2};
    cJSON *json;

    problem_reply(&rq, PROBLEM_NO_OPERATION, &near);
    json = reply();
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(json, "suggestions")), 2);
    cJSON_Delete(json);
}
END_TEST

START_TEST(hostile_texts_are_escaped)
{
    cJSON *json;

    sc_fail(&rq.note, SC_BAD_PARAM, NULL, "a \"b\"\\ \n\x01 \xff");
    problem_reply(&rq, PROBLEM_BAD_PARAM, NULL);
    json = reply();
    ck_assert_ptr_nonnull(strstr(text(json, "detail"), "a \"b\"\\ \n\x01 "));
    ck_assert_ptr_null(memchr(rq.reply.body.data, 0xff, rq.reply.body.size));
    cJSON_Delete(json);
}
END_TEST

START_TEST(without_memory_the_bare_row_answers)
{
    cJSON *json;

    rq.arena.limit = 0;
    problem_reply(&rq, PROBLEM_NO_MEMORY, NULL);
    json = reply();
    ck_assert_int_eq(rq.reply.status, 503);
    ck_assert_str_eq(rq.reply.extra[0].name, "Retry-After");
    ck_assert_str_eq(text(json, "type"), "urn:scored:problem:out-of-memory");
    cJSON_Delete(json);
}
END_TEST

START_TEST(memory_that_no_request_may_have_is_413)
{
    static struct sc_budget budget = {.limit = 1 << 20};

    sc_arena_init(&rq.arena, 1 << 16, &budget);
    ck_assert_ptr_null(sc_arena_alloc(&rq.arena, 1 << 17));
    ck_assert_int_eq(problem_of(SC_NO_MEMORY, &rq.arena), PROBLEM_HEAVY);
}
END_TEST

START_TEST(memory_over_a_quota_is_429)
{
    static struct sc_budget all = {.limit = 1 << 20}, team = {.limit = 1 << 18, .parent = &all};

    sc_arena_init(&rq.arena, 1 << 20, &team);
    team.used = 3 << 16; /* of others of the team */
    ck_assert_ptr_null(sc_arena_alloc(&rq.arena, 1 << 17));
    ck_assert_int_eq(problem_of(SC_NO_MEMORY, &rq.arena), PROBLEM_OVER_QUOTA);
    team.limit = 1 << 16;
    ck_assert_ptr_null(sc_arena_alloc(&rq.arena, 1 << 17));
    ck_assert_int_eq(problem_of(SC_NO_MEMORY, &rq.arena), PROBLEM_HEAVY); /* alone, too */
    rq.arena.over_limit = false;
    team.used = 0;
    team.limit = all.limit;
    all.used = all.limit;
    ck_assert_ptr_null(sc_arena_alloc(&rq.arena, 1 << 17));
    ck_assert_int_eq(problem_of(SC_NO_MEMORY, &rq.arena), PROBLEM_NO_MEMORY);
}
END_TEST

START_TEST(memory_that_others_have_is_503)
{
    static struct sc_budget budget = {.limit = 1 << 20, .used = 1 << 20};

    sc_arena_init(&rq.arena, 1 << 20, &budget);
    ck_assert_ptr_null(sc_arena_alloc(&rq.arena, 1 << 17));
    ck_assert_int_eq(problem_of(SC_NO_MEMORY, &rq.arena), PROBLEM_NO_MEMORY);
}
END_TEST

static const struct {
    int http;
    enum problem problem;
} refusals[] = {
    {400, PROBLEM_BAD_REQUEST},   {408, PROBLEM_SLOW},        {413, PROBLEM_TOO_LARGE},
    {414, PROBLEM_LONG_PATH},     {415, PROBLEM_UNSUPPORTED}, {418, PROBLEM_BAD_REQUEST},
    {431, PROBLEM_LARGE_HEADERS}, {500, PROBLEM_INTERNAL},    {501, PROBLEM_NO_CODING},
    {503, PROBLEM_BUSY},          {504, PROBLEM_STOPPED},     {505, PROBLEM_NO_VERSION},
};

START_TEST(a_status_of_http_has_its_problem)
{
    ck_assert_int_eq(problem_of_http(refusals[_i].http), refusals[_i].problem);
}
END_TEST

Suite *suite_problem(void);

Suite *suite_problem(void)
{
    Suite *suite = suite_create("problem");
    TCase *rows = tcase_create("rows"), *replies = tcase_create("replies");

    tcase_add_checked_fixture(rows, start, stop);
    tcase_add_loop_test(rows, every_row_makes_an_answer, PROBLEM_OK + 1, PROBLEM_COUNT);
    tcase_add_loop_test(rows, slugs_are_unique, PROBLEM_OK + 1, PROBLEM_COUNT);
    suite_add_tcase(suite, rows);
    tcase_add_checked_fixture(replies, start, stop);
    tcase_add_test(replies, a_place_has_value_index_and_count);
    tcase_add_test(replies, a_value_is_exact);
    tcase_add_test(replies, a_value_that_is_no_number_is_null);
    tcase_add_test(replies, suggestions_are_listed);
    tcase_add_test(replies, hostile_texts_are_escaped);
    tcase_add_test(replies, without_memory_the_bare_row_answers);
    tcase_add_test(replies, memory_that_no_request_may_have_is_413);
    tcase_add_test(replies, memory_over_a_quota_is_429);
    tcase_add_test(replies, memory_that_others_have_is_503);
    tcase_add_loop_test(replies, a_status_of_http_has_its_problem, 0,
                        sizeof refusals / sizeof *refusals);
    suite_add_tcase(suite, replies);
    return suite;
}
