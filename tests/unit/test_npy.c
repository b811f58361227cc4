/* test_npy.c - NPY, raw elements, and how a format is recognised. */
#include <stdio.h>

#include "codec_fixtures.h"
#include "decoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_fixture(const struct fixture *f)
{
    struct decoding d;
    const struct sc_tensor *t;

    ck_assert_msg(decode(&d, f->file, f->file_size, NULL) == SC_OK, "%s: %s", f->name,
                  d.note.detail);
    t = tensor_at(&d, 0);
    ck_assert_str_eq(d.payload.tensors.item[0].name, "");
    ck_assert_msg(t->dtype == f->dtype && t->rank == f->rank, "%s: dtype or rank", f->name);
    for (int i = 0; i < f->rank; i++) ck_assert_int_eq(t->dim[i], f->dim[i]);
    ck_assert_uint_eq((uintptr_t)t->data % sc_dtype_size(t->dtype), 0);
    ck_assert_msg(memcmp(t->data, f->elements, f->elements_size) == 0, "%s: elements", f->name);
    decoding_done(&d);
}

START_TEST(every_dtype_and_order_is_read)
{
    for (size_t i = 0; i < COUNT(npy_fixtures); i++) check_fixture(&npy_fixtures[i]);
}
END_TEST

START_TEST(aligned_row_major_data_are_a_view)
{
    const struct fixture *f = &npy_fixtures[4]; /* <u1 C */
    struct decoding d;

    ck_assert_status(decode(&d, f->file, f->file_size, NULL), SC_OK);
    ck_assert_ptr_eq(tensor_at(&d, 0)->data, d.body + f->file_size - f->elements_size);
    decoding_done(&d);
}
END_TEST

START_TEST(every_truncation_and_extra_byte_is_refused)
{
    for (size_t i = 0; i < COUNT(npy_fixtures); i += 5) {
        const struct fixture *f = &npy_fixtures[i];
        char longer[512];

        for (size_t size = 6; size < f->file_size; size++)
            ck_assert_status(status_of(f->file, size, NULL), SC_MALFORMED);
        memcpy(longer, f->file, f->file_size);
        longer[f->file_size] = 0;
        ck_assert_status(status_of(longer, f->file_size + 1, NULL), SC_MALFORMED);
    }
}
END_TEST

/* An NPY file of this header and `size` bytes of data. */
static enum sc_status read_header(const char *header, size_t size, struct sc_note *note)
{
    char file[1024] = "\x93NUMPY\x01";
    const size_t length = strlen(header);
    struct decoding d;
    enum sc_status status;

    file[8] = (char)(length & 255);
    file[9] = (char)(length >> 8);
    memcpy(file + 10, header, length + 1);
    status = decode(&d, file, 10 + length + size, NULL);
    if (note != NULL) *note = d.note;
    decoding_done(&d);
    return status;
}

#define DICT(descr, order, shape)                                                              \
    "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }\n"

START_TEST(broken_headers_are_refused)
{
    static const char *const headers[] = {
        "",
        "{",
        "{}",
        "[]",
        "{'descr': '|u1'}",
        "{'descr': '|u1', 'fortran_order': False}",
        DICT("'|u1'", "False", "(3)"),
        DICT("'|u1'", "False", "[3]"),
        DICT("'|u1'", "False", "3"),
        DICT("'|u1'", "False", "(-3,)"),
        DICT("'|u1'", "False", "(True,)"),
        DICT("'|u1'", "False", "(3.0,)"),
        DICT("'|u1'", "False", "(,)"),
        DICT("'|u1'", "False", "(3,,)"),
        DICT("'|u1'", "False", "(3 3)"),
        DICT("'|u1'", "False", "(0x3,)"),
        DICT("'|u1'", "False", "(+3,)"),
        DICT("'|u1'", "false", "(3,)"),
        DICT("'|u1'", "0", "(3,)"),
        DICT("'|u1'", "", "(3,)"),
        DICT("'u3'", "False", "(3,)"),
        DICT("''", "False", "(3,)"),
        DICT("'<'", "False", "(3,)"),
        DICT("'u1", "False", "(3,)"),
        DICT("u1", "False", "(3,)"),
        DICT("'\\x75\\x31'", "False", "(3,)"),
        "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'more': 1}",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '|u1' 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '|u1',, 'fortran_order': False, 'shape': (3,)}",
        DICT("'|u1'", "False", "(3,)") "x",
        DICT("'|u1'", "False", "(3,)") "{}",
    };

    for (size_t i = 0; i < COUNT(headers); i++) {
        struct sc_note note;

        ck_assert_msg(read_header(headers[i], 3, &note) == SC_MALFORMED, "%s", headers[i]);
        ck_assert_str_ne(note.detail, "");
    }
}
END_TEST

START_TEST(other_kinds_of_dtype_are_unsupported)
{
    static const char *const descr[] = {
        "'|O'",   "'<U4'", "'|S5'", "'<M8[s]'", "'<m8[ns]'",      "'<c8'",
        "'<c16'", "'|V8'", "'<V2'", "'<f16'",   "[('a', '<f4')]", "('<f4', (2,))"};

    for (size_t i = 0; i < COUNT(descr); i++) {
        char header[256];
        struct sc_note note;

        snprintf(header, sizeof header, DICT("%s", "False", "(3,)"), descr[i]);
        ck_assert_msg(read_header(header, 24, &note) == SC_UNSUPPORTED, "%s", descr[i]);
        ck_assert_msg(i > 0 || strstr(note.detail, "pickle") != NULL, "%s", note.detail);
    }
}
END_TEST

START_TEST(sizes_are_checked_before_memory_is_taken)
{
    struct sc_note note;

    ck_assert_status(read_header(DICT("'|u1'", "False", "(2147483648,)"), 10, &note),
                     SC_MALFORMED);
    ck_assert_ptr_nonnull(strstr(note.detail, "2147483648 bytes; 10 bytes follow"));
    ck_assert_status(
        read_header(DICT("'<f8'", "False", "(4294967296, 4294967296, 0)"), 0, NULL),
        SC_TOO_LARGE);
    ck_assert_status(read_header(DICT("'|u1'", "False", "(3037000500, 3037000500)"), 9, NULL),
                     SC_TOO_LARGE);
    ck_assert_status(read_header(DICT("'|u1'", "False", "(99999999999999999999,)"), 9, NULL),
                     SC_TOO_LARGE);
    ck_assert_status(read_header(DICT("'|u1'", "True", "(1,1,1,1,1,1,1,1,1)"), 1, NULL),
                     SC_TOO_LARGE);
    ck_assert_status(read_header(DICT("'|u1'", "True", "(1,1,1,1,1,1,1,1)"), 1, NULL), SC_OK);
}
END_TEST

START_TEST(a_copy_stays_inside_the_arena)
{
    static char file[10 + 64 + 80000] = "\x93NUMPY\x01";
    const char *header = DICT("'>f4'", "False", "(20000,)");
    struct decoding d;

    file[8] = (char)strlen(header);
    memcpy(file + 10, header, strlen(header) + 1);
    ck_assert_status(decode_limited(&d, file, 10 + strlen(header) + 80000, NULL, 40000),
                     SC_NO_MEMORY);
    ck_assert_uint_le(d.arena.held, 40000);
    decoding_done(&d);
}
END_TEST

START_TEST(versions_and_long_headers_are_refused)
{
    ck_assert_status(status_of("\x93NUMPY\x04\0vv0123456789", 20, NULL), SC_UNSUPPORTED);
    ck_assert_status(status_of("\x93NUMPY\x01\1vv0123456789", 20, NULL), SC_UNSUPPORTED);
    ck_assert_status(status_of("\x93NUMPY\x02\0\0\0\x10\0 0123456789", 22, NULL), SC_TOO_LARGE);
    ck_assert_status(status_of("\x93NUMPY\x02\0\xff\0\0\0 0123456789", 22, NULL), SC_MALFORMED);
}
END_TEST

START_TEST(a_file_stripped_by_curl_is_explained)
{
    static const char *const files[] = {"\x93NUMPY\x01v{'descr': '|u1', 'fortran_order'",
                                        "\x93NUMPY", "\x93NUMPY\x01", "\x93NUMPY\x01v"};

    for (size_t i = 0; i < COUNT(files); i++) {
        struct decoding d;

        ck_assert_status(decode_text(&d, files[i], NULL), SC_MALFORMED);
        ck_assert_msg(strstr(d.note.detail, "--data-binary") != NULL, "%s", d.note.detail);
        decoding_done(&d);
    }
}
END_TEST

#define RAW "application/octet-stream; dtype="

START_TEST(raw_elements_are_described_by_their_type)
{
    struct decoding d;

    ck_assert_status(decode(&d, "{\0\x93NUM", 6, RAW "uint16; shape=\"3, 1\""), SC_OK);
    ck_assert_int_eq(tensor_at(&d, 0)->rank, 2);
    ck_assert_int_eq(tensor_at(&d, 0)->dim[0], 3);
    ck_assert_int_eq(((uint16_t *)tensor_at(&d, 0)->data)[0], '{');
    decoding_done(&d);
    ck_assert_status(decode(&d, "\0\x02", 2, "Application/Octet-Stream;DTYPE=bool;Shape=2"),
                     SC_OK);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, "\0\1", 2);
    decoding_done(&d);
    ck_assert_status(status_of("12345678", 8, RAW "float64; shape="), SC_OK);
    ck_assert_status(status_of("", 0, RAW "float64; shape=0,5"), SC_OK);
}
END_TEST

START_TEST(raw_descriptions_are_checked)
{
    static const struct {
        const char *type;
        enum sc_status status;
    } cases[] = {
        {RAW "uint8; shape=5", SC_MALFORMED},
        {RAW "uint8; shape=3", SC_MALFORMED},
        {RAW "uint8", SC_MALFORMED},
        {RAW "uint8; shape=-4", SC_MALFORMED},
        {RAW "uint8; shape=2x2", SC_MALFORMED},
        {RAW "uint8; shape=2,,2", SC_MALFORMED},
        {RAW "uint9; shape=4", SC_UNSUPPORTED},
        {RAW "; shape=4", SC_UNSUPPORTED},
        {RAW "\"uint8; shape=4", SC_UNSUPPORTED},
        {RAW "uint8; shape=\"4", SC_MALFORMED},
        {RAW "uint8; shape=4611686018427387904,4", SC_TOO_LARGE},
        {RAW "uint8; shape=1,1,1,1,1,1,1,1,4", SC_TOO_LARGE},
        {"application/octet-stream", SC_UNSUPPORTED},
        {"application/octet-stream; shape=4", SC_UNSUPPORTED},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(status_of("abcd", 4, cases[i].type) == cases[i].status, "%s",
                      cases[i].type);
}
END_TEST

START_TEST(foreign_formats_get_advice)
{
    static const struct {
        const char *data, *advice;
    } cases[] = {{"\x80\x04\x95...", "pickle"},
                 {"PK\x03\x04 archive/data.pkl", "torch"},
                 {"\x1f\x8b\x08", "gzip"},
                 {"\xff\xd8\xff\xe0 JFIF", "grey"},
                 {"\x89PNG\x1aIHDR", "--data-binary"},
                 {"pred=1&target=2", "not taken|JSON"}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decoding d;

        ck_assert_status(decode_text(&d, cases[i].data, "application/x-www-form-urlencoded"),
                         SC_UNSUPPORTED);
        ck_assert_msg(i == COUNT(cases) - 1 || strstr(d.note.detail, cases[i].advice) != NULL,
                      "%s", d.note.detail);
        decoding_done(&d);
    }
    ck_assert_status(status_of("", 0, "application/json"), SC_BAD_INPUT);
    ck_assert_status(status_of("hello", 5, "image/png"), SC_MALFORMED);
}
END_TEST

Suite *suite_npy(void);

Suite *suite_npy(void)
{
    Suite *s = suite_create("npy");
    TCase *c = tcase_create("npy");

    suite_add_tcase(s, c);
    tcase_add_test(c, every_dtype_and_order_is_read);
    tcase_add_test(c, aligned_row_major_data_are_a_view);
    tcase_add_test(c, every_truncation_and_extra_byte_is_refused);
    tcase_add_test(c, broken_headers_are_refused);
    tcase_add_test(c, other_kinds_of_dtype_are_unsupported);
    tcase_add_test(c, sizes_are_checked_before_memory_is_taken);
    tcase_add_test(c, a_copy_stays_inside_the_arena);
    tcase_add_test(c, versions_and_long_headers_are_refused);
    tcase_add_test(c, a_file_stripped_by_curl_is_explained);
    tcase_add_test(c, raw_elements_are_described_by_their_type);
    tcase_add_test(c, raw_descriptions_are_checked);
    tcase_add_test(c, foreign_formats_get_advice);
    return s;
}
