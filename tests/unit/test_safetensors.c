/* test_safetensors.c - safetensors files: good ones, and all that the reference refuses. */
#include <stdio.h>

#include "decoding.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file: the size of the header, the header, `size` bytes of data. */
struct file {
    char bytes[4096];
    size_t size;
};

static void set_header_size(struct file *f, uint64_t size)
{
    for (int i = 0; i < 8; i++) f->bytes[i] = (char)(size >> 8 * i);
}

static struct file make(const char *header, const void *data, size_t size)
{
    const size_t length = strlen(header);
    struct file f = {.size = 8 + length + size};

    ck_assert_uint_le(f.size, sizeof f.bytes);
    set_header_size(&f, length);
    memcpy(f.bytes + 8, header, length);
    memcpy(f.bytes + 8 + length, data, size);
    return f;
}

static enum sc_status read_file(const struct file *f, struct sc_note *note)
{
    struct decoding d;
    const enum sc_status status = decode(&d, f->bytes, f->size, "application/x-safetensors");

    if (note != NULL) *note = d.note;
    decoding_done(&d);
    return status;
}

/* Of this header and `size` bytes of zeros. */
static enum sc_status read_header(const char *header, size_t size, struct sc_note *note)
{
    static const char zeros[1024];
    const struct file f = make(header, zeros, size);

    return read_file(&f, note);
}

#define TENSOR(name, dtype, shape, begin, end)                                                 \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin      \
    "," #end "]}"

static const char data[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";

START_TEST(tensors_are_found_by_name)
{
    const struct file f = make(
        "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR("b", "I16", "[2,1]", 8, 12) "," /**/
        TENSOR("a", "F64", "[]", 0, 8) "}   ",
        data, 12);
    struct decoding d;

    ck_assert_status(decode(&d, f.bytes, f.size, NULL), SC_OK);
    ck_assert_uint_eq(d.payload.tensors.count, 2);
    ck_assert_str_eq(d.payload.tensors.item[0].name, "a");
    ck_assert_int_eq(tensor_at(&d, 0)->dtype, SC_FLOAT64);
    ck_assert_int_eq(tensor_at(&d, 0)->rank, 0);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, data, 8);
    ck_assert_str_eq(d.payload.tensors.item[1].name, "b");
    ck_assert_int_eq(tensor_at(&d, 1)->dtype, SC_INT16);
    ck_assert_int_eq(tensor_at(&d, 1)->rank, 2);
    ck_assert_int_eq(tensor_at(&d, 1)->dim[0], 2);
    ck_assert_int_eq(tensor_at(&d, 1)->dim[1], 1);
    ck_assert_mem_eq(tensor_at(&d, 1)->data, data + 8, 4);
    decoding_done(&d);
}
END_TEST

START_TEST(every_dtype_is_read)
{
    static const struct {
        const char *name;
        enum sc_dtype dtype;
    } cases[] = {
        {"BOOL", SC_BOOL},   {"U8", SC_UINT8},    {"I8", SC_INT8},       {"U16", SC_UINT16},
        {"I16", SC_INT16},   {"F16", SC_FLOAT16}, {"BF16", SC_BFLOAT16}, {"U32", SC_UINT32},
        {"I32", SC_INT32},   {"F32", SC_FLOAT32}, {"U64", SC_UINT64},    {"I64", SC_INT64},
        {"F64", SC_FLOAT64},
    };

    ck_assert_uint_eq(COUNT(cases), SC_DTYPE_COUNT);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const size_t size = 2 * sc_dtype_size(cases[i].dtype);
        char header[128];
        struct decoding d;
        struct file f;

        snprintf(header, sizeof header,
                 "{\"x\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%zu]}}",
                 cases[i].name, size);
        f = make(header, data, size);
        ck_assert_status(decode(&d, f.bytes, f.size, NULL), SC_OK);
        ck_assert_int_eq(tensor_at(&d, 0)->dtype, cases[i].dtype);
        if (cases[i].dtype == SC_BOOL)
            ck_assert_mem_eq(tensor_at(&d, 0)->data, "\1\1", 2);
        else
            ck_assert_mem_eq(tensor_at(&d, 0)->data, data, size);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(aligned_data_are_a_view)
{
    const struct file aligned = make("{" TENSOR("x", "F64", "[2]", 0, 16) "} ", data, 16);
    const struct file odd = make("{" TENSOR("x", "F64", "[2]", 0, 16) "}", data, 16);
    struct decoding d;

    ck_assert_uint_eq(aligned.size % 8, 0);
    ck_assert_status(decode(&d, aligned.bytes, aligned.size, NULL), SC_OK);
    ck_assert_ptr_eq(tensor_at(&d, 0)->data, d.body + aligned.size - 16);
    decoding_done(&d);
    ck_assert_status(decode(&d, odd.bytes, odd.size, NULL), SC_OK);
    ck_assert_uint_eq((uintptr_t)tensor_at(&d, 0)->data % 8, 0);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, data, 16);
    decoding_done(&d);
}
END_TEST

START_TEST(what_the_reference_takes_is_taken)
{
    ck_assert_status(read_header("{}", 0, NULL), SC_OK);
    ck_assert_status(read_header("{\"__metadata__\":{}}", 0, NULL), SC_OK);
    ck_assert_status(read_header("{" TENSOR("x", "F32", "[2,0]", 0, 0) "}", 0, NULL), SC_OK);
    ck_assert_status(read_header("{" TENSOR("x", "F32", "[]", 0, 4) "}", 4, NULL), SC_OK);
    ck_assert_status(read_header("{" TENSOR("x", "U8", "[1]", 0, 1) "}\n\r  ", 1, NULL), SC_OK);
    ck_assert_status(read_header("{" TENSOR("a", "U8", "[0]", 1, 1) "," /* empty, behind one */
                                 TENSOR("x", "U8", "[1]", 0, 1) "}",
                                 1, NULL),
                     SC_OK);
    ck_assert_status(read_header("{" TENSOR("x", "U8", "[1,1,1,1,1,1,1,1]", 0, 1) "}", 1, NULL),
                     SC_OK);
    ck_assert_status(read_header("{\"\\u0078\":{\"shape\":[1],\"data_offsets\":[0,1],"
                                 "\"dtype\":\"\\u00558\"}}",
                                 1, NULL),
                     SC_OK);
}
END_TEST

START_TEST(sizes_of_the_header_are_checked)
{
    struct file f = make("{}", "", 0);
    struct sc_note note;

    for (f.size = 0; f.size < 10; f.size++)
        ck_assert_status(read_file(&f, NULL), f.size == 0 ? SC_BAD_INPUT : SC_MALFORMED);
    set_header_size(&f, 0);
    ck_assert_status(read_file(&f, NULL), SC_MALFORMED);
    set_header_size(&f, 3);
    ck_assert_status(read_file(&f, &note), SC_MALFORMED);
    ck_assert_str_eq(note.detail, "safetensors: the header should have 3 bytes; 2 follow");
    set_header_size(&f, UINT64_MAX);
    ck_assert_status(read_file(&f, NULL), SC_MALFORMED);
    set_header_size(&f, UINT64_MAX - 7);
    ck_assert_status(read_file(&f, NULL), SC_MALFORMED);
}
END_TEST

START_TEST(a_long_header_is_refused_before_it_is_read)
{
    const size_t size = 8 + 1048577;
    char *file = malloc(size);
    struct decoding d;

    memset(file, '{', size);
    memset(file, 0, 8);
    file[0] = 1;
    file[2] = 0x10;
    ck_assert_status(decode(&d, file, size, NULL), SC_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(d.note.detail, "limit safetensors_header_bytes"));
    ck_assert_uint_eq(d.arena.held, 0);
    decoding_done(&d);
    free(file);
}
END_TEST

START_TEST(broken_headers_are_refused)
{
    static const char *const headers[] = {
        "[]",
        "7",
        "{",
        "{}x",
        "",
        " {" TENSOR("x", "U8", "[1]", 0, 1) "}",
        "\n{" TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[[[[[1]]]]]", 0, 1) "}",
        "{\"x\":{\"a\":[[[]]]}}",
        "{\"__metadata__\":{\"a\":[[[]]]}," TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{\"x\":1}",
        "{\"x\":[]}",
        "{\"x\":{}}",
        "{\"x\xff\":{}}",
        "{\"x\\u0000\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[1]}}",
        "{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}",
        "{\"x\":{\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"x\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":1}}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"more\":0}}",
        "{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{" TENSOR("x", "U8", "[1]", 0, 1) "," TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[1]", 0, 1) "," TENSOR("\\u0078", "U8", "[0]", 1, 1) "}",
        "{" TENSOR("x", "U8", "[1.0]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[1e0]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[-1]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[\"1\"]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[[1]]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[null]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[01]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[18446744073709551616]", 0, 1) "}",
        "{" TENSOR("x", "U8", "[1]", 0, 1.0) "}",
        "{" TENSOR("x", "U8", "[1]", -1, 0) "}",
        "{" TENSOR("x", "U8", "[1]", 0, 18446744073709551617) "}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}",
        "{\"__metadata__\":[]," TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{\"__metadata__\":{\"a\":1}," TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{\"__metadata__\":{\"a\":{\"b\":\"c\"}}," TENSOR("x", "U8", "[1]", 0, 1) "}",
        "{\"__metadata__\":{\"a\":\"b\",\"a\":\"b\"}," TENSOR("x", "U8", "[1]", 0, 1) "}",
    };

    for (size_t i = 0; i < COUNT(headers); i++) {
        struct sc_note note;

        ck_assert_msg(read_header(headers[i], 1, &note) == SC_MALFORMED, "%s", headers[i]);
        ck_assert_str_ne(note.detail, "");
    }
    ck_assert_status(read_header("{" TENSOR("", "U8", "[1]", 0, 1) "}", 1, NULL), SC_BAD_INPUT);
}
END_TEST

START_TEST(each_byte_is_of_one_tensor)
{
    static const struct {
        const char *header;
        size_t size;
        const char *said;
    } cases[] = {
        {"{" TENSOR("x", "U8", "[1]", 0, 1) "}", 2, "the tensors have 1 bytes, but 2"},
        {"{" TENSOR("x", "U8", "[2]", 0, 2) "}", 1, "the tensors have 2 bytes, but 1"},
        {"{}", 1, "the tensors have 0 bytes, but 1"},
        {"{" TENSOR("x", "U8", "[1]", 1, 2) "}", 2, "of no tensor"},
        {"{" TENSOR("x", "U8", "[1]", 0, 1) "," TENSOR("y", "U8", "[1]", 2, 3) "}", 3,
         "of no tensor"},
        {"{" TENSOR("x", "U8", "[2]", 0, 2) "," TENSOR("y", "U8", "[2]", 1, 3) "}", 3,
         "overlap"},
        {"{" TENSOR("x", "U8", "[2]", 0, 2) "," TENSOR("y", "U8", "[2]", 0, 2) "}", 2,
         "overlap"},
        {"{" TENSOR("x", "U8", "[2]", 0, 2) "," TENSOR("y", "U8", "[0]", 1, 1) "}", 2,
         "overlap"},
        {"{" TENSOR("x", "U8", "[0]", 1, 0) "}", 1, "ends before it begins"},
        {"{" TENSOR("x", "F32", "[2]", 0, 4) "}", 4, "is 8 bytes, but data_offsets say 4"},
        {"{" TENSOR("x", "F32", "[2,18446744073709551614]", 0, 4) "}", 4, "2^64 elements"},
        {"{" TENSOR("x", "F32", "[2,9223372036854775807]", 0, 4) "}", 4, "2^64 bits"},
        {"{" TENSOR("x", "F4", "[3]", 0, 1) "}", 1, "whole byte"},
        {"{" TENSOR("x", "F6_E2M3", "[4]", 0, 2) "}", 2, "is 3 bytes, but"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sc_note note;

        ck_assert_msg(read_header(cases[i].header, cases[i].size, &note) == SC_MALFORMED, "%s",
                      cases[i].header);
        ck_assert_msg(strstr(note.detail, cases[i].said) != NULL, "%s: %s", cases[i].header,
                      note.detail);
    }
}
END_TEST

START_TEST(sizes_that_are_ours_are_checked)
{
    ck_assert_status(
        read_header("{" TENSOR("x", "U8", "[1,1,1,1,1,1,1,1,1]", 0, 1) "}", 1, NULL),
        SC_TOO_LARGE);
    ck_assert_status(
        read_header("{" TENSOR("x", "U8", "[0,9223372036854775807]", 0, 0) "}", 0, NULL),
        SC_TOO_LARGE);
    ck_assert_status(
        read_header("{" TENSOR("x", "U8", "[0,18446744073709551615]", 0, 0) "}", 0, NULL),
        SC_TOO_LARGE);
}
END_TEST

START_TEST(other_dtypes_are_refused_where_they_are_needed)
{
    static const char *const names[] = {"C64",         "F8_E5M2", "F8_E4M3", "F8_E8M0", "F4",
                                        "F8_E5M2FNUZ", "F6_E2M3", "F6_E3M2", "F9",      "f32"};

    for (size_t i = 0; i < COUNT(names); i++) {
        const bool wide = i == 0, sub = strchr("46", names[i][1]) != NULL && names[i][0] == 'F';
        const size_t size = wide ? 32 : !sub ? 4 : names[i][1] == '4' ? 2 : 3;
        char header[128];
        struct sc_note note;

        snprintf(header, sizeof header,
                 "{\"x\":{\"dtype\":\"%s\",\"shape\":[4],\"data_offsets\":[0,%zu]}}", names[i],
                 size);
        ck_assert_msg(read_header(header, size, &note) == SC_UNSUPPORTED, "%s: %s", names[i],
                      note.detail);
        ck_assert_ptr_nonnull(strstr(note.detail, names[i]));
        ck_assert_ptr_nonnull(strstr(note.detail, "tensor 'x'"));
    }
}
END_TEST

/* As a part named x. */
static enum sc_status read_part(const struct file *f, struct decoding *d)
{
    char body[8192] = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n";
    static const char end[] = "\r\n--b--\r\n"; /* with its NUL */
    const size_t begin = strlen(body);

    memcpy(body + begin, f->bytes, f->size);
    memcpy(body + begin + f->size, end, sizeof end);
    return decode(d, body, begin + f->size + sizeof end - 1, "multipart/form-data; boundary=b");
}

START_TEST(a_part_is_one_tensor)
{
    const struct file sole = make("{" TENSOR("a", "U16", "[2]", 0, 4) "}", data, 4);
    const struct file two = make("{" TENSOR("a", "F4", "[8]", 0, 4) "," /* not needed */
                                 TENSOR("x", "U16", "[2]", 4, 8) "}",
                                 data, 8);
    const struct file none = make("{" TENSOR("a", "U8", "[1]", 0, 1) "," /**/
                                  TENSOR("b", "U8", "[1]", 1, 2) "}",
                                  data, 2);
    struct decoding d;

    ck_assert_status(read_part(&sole, &d), SC_OK);
    ck_assert_str_eq(d.payload.tensors.item[0].name, "x");
    ck_assert_mem_eq(tensor_at(&d, 0)->data, data, 4);
    decoding_done(&d);
    ck_assert_status(read_part(&two, &d), SC_OK);
    ck_assert_uint_eq(d.payload.tensors.count, 1);
    ck_assert_mem_eq(tensor_at(&d, 0)->data, data + 4, 4);
    decoding_done(&d);
    ck_assert_status(read_part(&none, &d), SC_BAD_INPUT);
    ck_assert_str_eq(d.note.pointer, "#/x");
    decoding_done(&d);
}
END_TEST

START_TEST(bytes_that_are_no_safetensors_are_not_taken_for_it)
{
    struct decoding d;

    ck_assert_status(decode_text(&d, "{\"x\":[1]}", NULL), SC_OK);
    decoding_done(&d);
    ck_assert_status(status_of("\2\0\0\0\0\0\0\1{}", 10, NULL), SC_UNSUPPORTED);
    ck_assert_status(status_of("\2\0\0\0\0\0\0\0{}", 10, NULL), SC_OK);
    ck_assert_status(status_of("{\0\0\0\0\0\0\0{}", 10, NULL), SC_MALFORMED);
    ck_assert_status(decode_text(&d, "H{\"x\":{\"dtype\":\"U8\",\"data_offsets\":", NULL),
                     SC_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(d.note.detail, "--data-binary"));
    decoding_done(&d);
}
END_TEST

START_TEST(every_cut_and_many_little_memories_are_survived)
{
    const struct file f = make("{" TENSOR("a", "F64", "[1]", 0, 8) "," /**/
                               TENSOR("b", "U8", "[3]", 8, 11) "}",
                               data, 11);
    enum sc_status status = SC_NO_MEMORY;

    for (struct file cut = f; cut.size-- > 1;)
        ck_assert_status(read_file(&cut, NULL), SC_MALFORMED);
    for (size_t memory = 0; status != SC_OK; memory += 256) {
        struct decoding d;

        status = decode_limited(&d, f.bytes, f.size, NULL, memory);
        ck_assert_msg(status == SC_OK || status == SC_NO_MEMORY, "%s", d.note.detail);
        ck_assert_uint_le(d.arena.held, memory);
        ck_assert_uint_lt(memory, 1 << 20);
        decoding_done(&d);
    }
}
END_TEST

Suite *suite_safetensors(void);

Suite *suite_safetensors(void)
{
    Suite *s = suite_create("safetensors");
    TCase *c = tcase_create("safetensors");

    suite_add_tcase(s, c);
    tcase_add_test(c, tensors_are_found_by_name);
    tcase_add_test(c, every_dtype_is_read);
    tcase_add_test(c, aligned_data_are_a_view);
    tcase_add_test(c, what_the_reference_takes_is_taken);
    tcase_add_test(c, sizes_of_the_header_are_checked);
    tcase_add_test(c, a_long_header_is_refused_before_it_is_read);
    tcase_add_test(c, broken_headers_are_refused);
    tcase_add_test(c, each_byte_is_of_one_tensor);
    tcase_add_test(c, sizes_that_are_ours_are_checked);
    tcase_add_test(c, other_dtypes_are_refused_where_they_are_needed);
    tcase_add_test(c, a_part_is_one_tensor);
    tcase_add_test(c, bytes_that_are_no_safetensors_are_not_taken_for_it);
    tcase_add_test(c, every_cut_and_many_little_memories_are_survived);
    return s;
}
