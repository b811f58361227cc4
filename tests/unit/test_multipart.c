/* test_multipart.c - parts, their headers, and what clients make of them. */
#include <stdio.h>

#include "codec_fixtures.h"
#include "decoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TYPE         "multipart/form-data; boundary=XX"
#define END          "\r\n--XX--\r\n"

/* A part of this name whose content is JSON. */
#define PART(name, content)                                                                    \
    "--XX\r\nContent-Disposition: form-data; name=" name "\r\n\r\n" content

static const char two_parts[] =
    "--XX\r\nContent-Disposition: form-data; name=\"pred\"; filename=\"p.json\"\r\n"
    "Content-Type: application/json\r\n\r\n[1, 2, 3]\r\n" PART("\"target\"", "[[4]]") END;

START_TEST(parts_become_tensors_in_order)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, two_parts, TYPE), SC_OK);
    ck_assert_uint_eq(d.payload.tensors.count, 2);
    ck_assert_str_eq(d.payload.tensors.item[0].name, "pred");
    ck_assert_str_eq(d.payload.tensors.item[1].name, "target");
    ck_assert_int_eq(tensor_at(&d, 0)->dim[0], 3);
    ck_assert_int_eq(*(int64_t *)tensor_at(&d, 1)->data, 4);
    decoding_done(&d);
}
END_TEST

START_TEST(parameters_are_a_part)
{
    struct decoding d;

    ck_assert_status(
        decode_text(&d, PART("params", "{\"smooth\": 1, \"classes\": [1, 2]}") END, TYPE),
        SC_OK);
    ck_assert_uint_eq(d.payload.tensors.count, 0);
    ck_assert_uint_eq(d.payload.args.count, 2);
    ck_assert_str_eq(d.payload.args.item[0].name, "smooth");
    ck_assert_str_eq(d.payload.args.item[1].text[1], "2");
    decoding_done(&d);
    ck_assert_status(status_of_text(PART("params", "[1]") END, TYPE), SC_BAD_PARAM);
    ck_assert_status(status_of_text(PART("params", "{\"a\": NaN}") END, TYPE), SC_MALFORMED);
}
END_TEST

/* As curl -F pred=1.5 sends them. */
START_TEST(fields_of_a_form_are_json)
{
    static const struct {
        const char *text;
        enum sc_dtype dtype;
        int rank;
    } cases[] = {
        {"1.5", SC_FLOAT64, 0}, {"-2", SC_INT64, 0},       {" 7\n", SC_INT64, 0},
        {"NaN", SC_FLOAT64, 0}, {"true", SC_BOOL, 0},      {"Infinity", SC_FLOAT64, 0},
        {"[1]", SC_INT64, 1},   {"false\r\n", SC_BOOL, 0}, {"{\"data\": [1]}", SC_INT64, 1},
    };

    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        char body[300];
        struct decoding d;

        snprintf(body, sizeof body,
                 "--XX\r\nContent-Disposition: form-data; name=pred\r\n%s\r\n%s" END,
                 i % 2 ? "Content-Type: text/plain; charset=utf-8\r\n" : "", cases[i / 2].text);
        ck_assert_msg(decode_text(&d, body, TYPE) == SC_OK, "%s: %s", body, d.note.detail);
        ck_assert_int_eq(tensor_at(&d, 0)->dtype, cases[i / 2].dtype);
        ck_assert_int_eq(tensor_at(&d, 0)->rank, cases[i / 2].rank);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(parameters_as_fields_are_told_where_to_go)
{
    static const char *const texts[] = {"sum", "none", "tokens", "stra\xc3\x9f\x65"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        char body[300];
        struct decoding d;

        snprintf(body, sizeof body, PART("reduction", "%s") END, texts[i]);
        ck_assert_status(decode_text(&d, body, TYPE), SC_BAD_INPUT);
        ck_assert_str_eq(d.note.pointer, "#/reduction");
        ck_assert_msg(strstr(d.note.detail, "'reduction'") != NULL &&
                          strstr(d.note.detail,
                                 "parameters go into the query or the part params") != NULL,
                      "%s", d.note.detail);
        decoding_done(&d);
    }
}
END_TEST

/* Every fixture as a part, at every alignment. */
START_TEST(misaligned_elements_are_copied)
{
    for (size_t i = 0; i < COUNT(npy_fixtures); i++) {
        const struct fixture *f = &npy_fixtures[i];

        for (int shift = 0; shift < 8; shift++) {
            char body[1024];
            int size = snprintf(body, sizeof body, "%*s\r\n" PART("x", ""), shift, "");
            struct decoding d;

            memcpy(body + size, f->file, f->file_size);
            size += (int)f->file_size;
            memcpy(body + size, END, sizeof END);
            ck_assert_status(decode(&d, body, (size_t)size + strlen(END), TYPE), SC_OK);
            ck_assert_uint_eq((uintptr_t)tensor_at(&d, 0)->data % sc_dtype_size(f->dtype), 0);
            ck_assert_mem_eq(tensor_at(&d, 0)->data, f->elements, f->elements_size);
            decoding_done(&d);
        }
    }
}
END_TEST

START_TEST(quirks_of_clients_are_taken)
{
    static const struct {
        const char *type, *body;
    } cases[] = {
        {TYPE, "preamble\r\n" PART("pred", "[1]") END},
        {TYPE, PART("pred", "[1]") "\r\n--XX--"},
        {TYPE, PART("pred", "[1]") "\r\n--XX--\r\n \t\r\n"},
        {TYPE, "--XX \t\r\nContent-Disposition: form-data; name=pred\r\n\r\n[1]" END},
        {"multipart/form-data; charset=utf-8; boundary=\"XX\"", PART("pred", "[1]") END},
        {"Multipart/Form-Data;BOUNDARY=XX;charset=utf-8", PART("pred", "[1]") END},
        {TYPE, "--XX\r\nCONTENT-disposition:form-data;NAME=pred\r\n\r\n[1]" END},
        {TYPE, "--XX\r\ncontent-type: text/plain\r\nX-Other: 1\r\nContent-Transfer-Encoding: "
               "binary\r\nContent-Disposition: form-data; filename=\"a;name=b\"; "
               "name=\"pred\"\r\n\r\n[1]" END},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decoding d;
        const enum sc_status status = decode_text(&d, cases[i].body, cases[i].type);

        ck_assert_msg(status == SC_OK, "case %zu: %s", i, d.note.detail);
        ck_assert_str_eq(d.payload.tensors.item[0].name, "pred");
        decoding_done(&d);
    }
}
END_TEST

START_TEST(a_longer_line_is_no_boundary)
{
    static const char body[] =
        "--XX\r\nContent-Disposition: form-data; name=x\r\nContent-Type: "
        "application/octet-stream; dtype=uint8; shape=9\r\n\r\n"
        "a\r\n--XXY\r" END;
    struct decoding d;

    ck_assert_status(decode_text(&d, body, TYPE), SC_OK);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, "a\r\n--XXY\r", 9);
    decoding_done(&d);
}
END_TEST

START_TEST(names_may_hold_quotes)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, PART("\"a\\\"b%22c\\\\d\\e\"", "[1]") END, TYPE), SC_OK);
    ck_assert_str_eq(d.payload.tensors.item[0].name, "a\"b\"c\\d\\e");
    decoding_done(&d);
}
END_TEST

START_TEST(broken_bodies_are_refused)
{
    static const struct {
        const char *type, *body;
        enum sc_status status;
    } cases[] = {
        {"multipart/form-data", "--XX--", SC_MALFORMED},
        {"multipart/form-data; boundary=", "--XX--", SC_MALFORMED},
        {"multipart/form-data; boundary=\"XX", "--XX--", SC_MALFORMED},
        {TYPE, "", SC_MALFORMED},
        {TYPE, "no boundary", SC_MALFORMED},
        {TYPE, PART("pred", "[1]"), SC_MALFORMED},
        {TYPE, PART("pred", "[1]") "\n--XX--", SC_MALFORMED},
        {TYPE, PART("pred", "[1]") END "more", SC_MALFORMED},
        {TYPE, PART("\"\"", "[1]") END, SC_MALFORMED},
        {TYPE, PART("\"pred", "[1]") END, SC_MALFORMED},
        {TYPE, "--XX\r\n\r\n[1]" END, SC_MALFORMED},
        {TYPE, "--XX\r\nContent-Type: text/plain\r\n\r\n[1]" END, SC_MALFORMED},
        {TYPE, "--XX\r\nContent-Disposition: form-data\r\n\r\n[1]" END, SC_MALFORMED},
        {TYPE, "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n[1]" END, SC_MALFORMED},
        {TYPE, "--XX\r\nno colon\r\n\r\n[1]" END, SC_MALFORMED},
        {TYPE, "--XX\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n[1]" END,
         SC_MALFORMED},
        {TYPE,
         "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
         "name=b\r\n\r\n[1]" END,
         SC_MALFORMED},
        {TYPE,
         "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\nWzFd" END,
         SC_UNSUPPORTED},
        {TYPE,
         "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/form-data; "
         "boundary=YY\r\n\r\n--YY--" END,
         SC_UNSUPPORTED},
        {TYPE, PART("pred", "") END, SC_BAD_INPUT},
        {TYPE, PART("pred", "what is this") END, SC_BAD_INPUT},
        {TYPE, PART("pred", "what \x01 is this") END, SC_UNSUPPORTED},
        {TYPE, PART("pred", "what \xff is this") END, SC_UNSUPPORTED},
        {TYPE, PART("pred", "II*") END, SC_UNSUPPORTED},
        {TYPE, PART("pred", "null") END, SC_MALFORMED},
        {TYPE, PART("pred", "1st") END, SC_MALFORMED},
        {TYPE,
         "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Type: image/png\r\n\r\n"
         "1.5" END,
         SC_MALFORMED},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decoding d;
        const enum sc_status status = decode_text(&d, cases[i].body, cases[i].type);

        ck_assert_msg(status == cases[i].status, "case %zu: %s: %s", i, sc_status_text(status),
                      d.note.detail);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    const size_t size = sizeof two_parts - 1;

    for (size_t cut = 0; cut < size - 2; cut++) /* the last CR LF may be missing */
        ck_assert_msg(status_of(two_parts, cut, TYPE) != SC_OK, "%zu bytes", cut);
    ck_assert_status(status_of(two_parts, size, TYPE), SC_OK);
}
END_TEST

START_TEST(notes_name_the_part)
{
    static const struct {
        const char *body, *pointer;
    } cases[] = {
        {PART("pred", "\x93NUMPY.......") END, "#/pred"},
        {PART("pred", "[1]\r\n") PART("target", "[1]\r\n") PART("pred", "[1]\r\n")
             PART("pred", "II*") END,
         "#/pred/2"},
        {PART("pred", "[1, [2]]") END, "#/pred/1"},
        {PART("a/b~c", "II*") END, "#/a~1b~0c"},
        {PART("params", "{") END, "#/params"},
        {"--XX\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; "
         "name=pred\r\n\r\nWzFd" END,
         "#/pred"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decoding d;

        ck_assert_int_ne(decode_text(&d, cases[i].body, TYPE), SC_OK);
        ck_assert_str_eq(d.note.pointer, cases[i].pointer);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(parts_and_headers_are_limited)
{
    static char body[200000];
    size_t size = 0;

    for (int i = 0; i < 1025; i++)
        size += (size_t)sprintf(body + size, "%s", PART("pred", "[1]\r\n"));
    sprintf(body + size, "--XX--");
    ck_assert_status(status_of_text(body, TYPE), SC_TOO_LARGE);
    sprintf(body, "--XX\r\nX: %8300s\r\nContent-Disposition: form-data; name=a\r\n\r\n[1]" END,
            "");
    ck_assert_status(status_of_text(body, TYPE), SC_MALFORMED);
}
END_TEST

START_TEST(memory_is_limited)
{
    enum sc_status status = SC_NO_MEMORY;

    for (size_t memory = 0; status != SC_OK; memory += 64) {
        struct decoding d;

        status = decode_limited(&d, two_parts, strlen(two_parts), TYPE, memory);
        ck_assert_msg(status == SC_OK || status == SC_NO_MEMORY, "%zu bytes: %s", memory,
                      d.note.detail);
        ck_assert_uint_lt(memory, 1 << 20);
        decoding_done(&d);
    }
}
END_TEST

Suite *suite_multipart(void);

Suite *suite_multipart(void)
{
    Suite *s = suite_create("multipart");
    TCase *c = tcase_create("multipart");

    suite_add_tcase(s, c);
    tcase_add_test(c, parts_become_tensors_in_order);
    tcase_add_test(c, parameters_are_a_part);
    tcase_add_test(c, fields_of_a_form_are_json);
    tcase_add_test(c, parameters_as_fields_are_told_where_to_go);
    tcase_add_test(c, misaligned_elements_are_copied);
    tcase_add_test(c, quirks_of_clients_are_taken);
    tcase_add_test(c, a_longer_line_is_no_boundary);
    tcase_add_test(c, names_may_hold_quotes);
    tcase_add_test(c, broken_bodies_are_refused);
    tcase_add_test(c, every_truncation_is_refused);
    tcase_add_test(c, notes_name_the_part);
    tcase_add_test(c, parts_and_headers_are_limited);
    tcase_add_test(c, memory_is_limited);
    return s;
}
