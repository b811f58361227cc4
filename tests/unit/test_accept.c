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

Suite *suite_accept(void);

Suite *suite_accept(void)
{
    Suite *s = suite_create("accept");
    TCase *c = tcase_create("accept");

    suite_add_tcase(s, c);
    tcase_add_test(c, accept_ranks_the_forms);
    tcase_add_test(c, accept_of_something_else_is_refused);
    return s;
}
