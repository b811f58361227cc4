/* test_accept.c - which forms an Accept header asks for. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "decoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(accept_ranks_the_forms)
{
    static const struct {
        const char *accept, *forms;
    } cases[] = {
        {NULL, "json npy npz safetensors text csv"},
        {"", "json npy npz safetensors text csv"},
        {" , ", "json npy npz safetensors text csv"},
        {"*/*", "json npy npz safetensors text csv"},
        {"application/*", "json npy npz safetensors"},
        {"text/*", "text csv"},
        {"text/plain", "text"},
        {"TEXT/CSV", "csv"},
        {"text/csv; charset=utf-8", "csv"},
        {"application/x-npy", "npy"},
        {"application/x-npz", "npz"},
        {"application/x-safetensors", "safetensors"},
        {"application/json, text/plain, */*", "json text npy npz safetensors csv"},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
         "json npy npz safetensors text csv"},
        {"text/csv;q=0.5, text/plain;q=0.8", "text csv"},
        {"text/csv, application/json", "csv json"},
        {"text/csv;q=0.9, */*;q=0.1", "csv json npy npz safetensors text"},
        {"*/*, application/json;q=0, text/plain;q=0.2", "npy npz safetensors csv text"},
        {"text/*;q=0.3, text/plain;q=0, text/csv;q=0.2", "csv"},
        {"image/png, application/json;q=0.001", "json"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct codec_forms forms;
        char found[64] = "";

        ck_assert_status(codec_accept(cases[i].accept, &forms, NULL), SC_OK);
        for (size_t k = 0; k < forms.count; k++) {
            const size_t used = strlen(found);

            snprintf(found + used, sizeof found - used, "%s%s", k > 0 ? " " : "",
                     forms.form[k]->name);
        }
        ck_assert_msg(strcmp(found, cases[i].forms) == 0, "%s: %s", cases[i].accept, found);
    }
}
END_TEST

START_TEST(accept_of_something_else_is_refused)
{
    static const char *const accepts[] = {
        "image/png", "application/xml, text/html", "application/json;q=0",
        "*/*;q=0",   "multipart/form-data",        "json"};

    for (size_t i = 0; i < COUNT(accepts); i++) {
        struct codec_forms forms = {0};
        struct sc_note note;

        ck_assert_msg(codec_accept(accepts[i], &forms, &note) == SC_NOT_ACCEPTABLE, "%s",
                      accepts[i]);
        ck_assert_uint_eq(forms.count, 0);
    }
}
END_TEST

/* What is said when nothing fits names every format of the table. */
START_TEST(refusals_name_all_formats)
{
    struct codec_forms forms;
    struct sc_note written, taken;
    struct decoding d;
    char accept[200], type[200];

    memset(accept, 'x', sizeof accept - 1);
    accept[sizeof accept - 1] = '\0';
    memcpy(type, accept, sizeof type);
    ck_assert_status(codec_accept(accept, &forms, &written), SC_NOT_ACCEPTABLE);
    ck_assert_status(decode(&d, "\1", 1, type), SC_UNSUPPORTED);
    taken = d.note;
    decoding_done(&d);
    for (size_t i = 0; i < CODEC_COUNT; i++) {
        const struct codec *c = &codecs[i];
        const bool said = strstr(written.detail, c->media_type) != NULL;

        ck_assert_msg(said == (c->encode != NULL), "%s: %s", c->name, written.detail);
        ck_assert_int_eq(c->holds != HOLDS_NOTHING, c->encode != NULL);
        if (c->decode == NULL) continue;
        ck_assert_msg(strstr(taken.detail, c->probe ? c->name : c->media_type) != NULL,
                      "%s: %s", c->name, taken.detail);
        if (c->parameter != NULL) ck_assert_ptr_nonnull(strstr(taken.detail, c->parameter));
    }
    ck_assert_uint_lt(strlen(written.detail), sizeof written.detail - 1);
    ck_assert_uint_lt(strlen(taken.detail), sizeof taken.detail - 1);
}
END_TEST

START_TEST(archives_want_all_of_a_result)
{
    static const struct {
        const char *accept;
        bool whole;
    } cases[] = {
        {NULL, false},
        {"application/x-npz", true},
        {"application/x-safetensors", true},
        {"text/csv, application/x-npz", true},
        {"application/x-npy, text/csv", false},
        {"application/json, application/x-npz", false},
        {"text/plain, application/x-npz", false},
        {"text/csv, text/plain, application/x-npz", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct codec_forms forms;

        ck_assert_status(codec_accept(cases[i].accept, &forms, NULL), SC_OK);
        ck_assert_int_eq(codec_wants_whole(&forms), cases[i].whole);
    }
}
END_TEST

Suite *suite_accept(void);

Suite *suite_accept(void)
{
    Suite *s = suite_create("accept");
    TCase *c = tcase_create("accept");

    suite_add_tcase(s, c);
    tcase_add_test(c, accept_ranks_the_forms);
    tcase_add_test(c, accept_of_something_else_is_refused);
    tcase_add_test(c, refusals_name_all_formats);
    tcase_add_test(c, archives_want_all_of_a_result);
    return s;
}
