/* test_v2.c - requests of the Open Inference Protocol: sizes that add up, and all that do not.
 */
#include <check.h>
#include <string.h>

#include "v2.h"

#define PRED   "{\"name\":\"pred\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,2]}"
#define TARGET "{\"name\":\"target\",\"shape\":[3],\"datatype\":\"INT16\","
#define BINARY "\"parameters\":{\"binary_data_size\":6}}"
#define HEADER "{\"id\":\"7\",\"inputs\":[" PRED "," TARGET BINARY "]}"
#define BYTES  "\1\0\2\0\3\0"

static struct sc_arena arena;
static struct sc_note note;
static struct sc_limits limits;

static void open_arena(void)
{
    sc_arena_init(&arena, 1 << 20, NULL);
    note = (struct sc_note){.detail = ""};
    limits = sc_limits_preset();
}

static void close_arena(void)
{
    sc_arena_done(&arena);
}

/* Decodes a copy with the promised padding, whose first byte has this offset from alignment. */
static enum sc_status decode(const char *bytes, size_t size, size_t json_size, size_t offset,
                             struct v2_request *out)
{
    uint8_t *body = (uint8_t *)sc_arena_alloc(&arena, size + offset + SC_BYTES_PADDING) +
                    offset;
    const struct codec_source source = {
        .body = {body, size}, .name = "", .limits = &limits, .arena = &arena};

    memcpy(body, bytes, size);
    memset(body + size, '7', SC_BYTES_PADDING);
    return v2_decode(&source, json_size, out, &note);
}

static const char body[] = HEADER BYTES;

#define BODY_SIZE (sizeof body - 1)
#define JSON_SIZE (sizeof HEADER - 1)

START_TEST(json_and_bytes_become_tensors)
{
    struct v2_request request;
    const struct sc_named_tensor *in;

    ck_assert_int_eq(decode(body, BODY_SIZE, JSON_SIZE, (size_t)_i, &request), SC_OK);
    in = request.payload.tensors.item;
    ck_assert_str_eq(request.id, "7");
    ck_assert_uint_eq(request.payload.tensors.count, 2);
    ck_assert_str_eq(in[0].name, "pred");
    ck_assert_int_eq(in[0].tensor.dtype, SC_FLOAT32);
    ck_assert_str_eq(in[1].name, "target");
    ck_assert_mem_eq(in[1].tensor.data, BYTES, 6);
}
END_TEST

START_TEST(aligned_bytes_are_not_copied)
{
    const size_t offset = 64 - JSON_SIZE % 64;
    struct v2_request request;
    const uint8_t *data;

    ck_assert_int_eq(decode(body, BODY_SIZE, JSON_SIZE, offset, &request), SC_OK);
    data = request.payload.tensors.item[1].tensor.data;
    ck_assert_mem_eq(data - JSON_SIZE, HEADER, JSON_SIZE);
}
END_TEST

START_TEST(a_body_that_is_cut_is_refused)
{
    struct v2_request request;

    for (size_t size = 0; size < BODY_SIZE; size++) {
        const size_t json_size = size < JSON_SIZE ? size : JSON_SIZE;

        ck_assert_int_ne(decode(body, size, json_size, 0, &request), SC_OK);
        ck_assert_str_ne(note.detail, "");
    }
}
END_TEST

START_TEST(no_other_size_of_the_json_will_do)
{
    struct v2_request request;

    for (size_t size = 0; size <= BODY_SIZE; size++)
        if (size != JSON_SIZE)
            ck_assert_int_ne(decode(body, BODY_SIZE, size, 0, &request), SC_OK);
}
END_TEST

START_TEST(parameters_of_the_protocol_are_taken_out)
{
    static const char text[] =
        "{\"parameters\":{\"timeout\":5,\"report\":true,\"delta\":2,\"priority\":1,"
        "\"binary_data_output\":true},\"outputs\":[{\"name\":\"sum\"},{\"name\":\"y\","
        "\"parameters\":{\"binary_data\":false}}],\"inputs\":[" PRED "]}";
    struct v2_request request;

    ck_assert_int_eq(decode(text, sizeof text - 1, sizeof text - 1, 0, &request), SC_OK);
    ck_assert_int_eq(request.timeout, 5);
    ck_assert(request.report);
    ck_assert_uint_eq(request.payload.args.count, 1);
    ck_assert_str_eq(request.payload.args.item[0].name, "delta");
    ck_assert_uint_eq(request.wanted_count, 2);
    ck_assert(request.wanted[0].binary);
    ck_assert(!request.wanted[1].binary);
}
END_TEST

START_TEST(datatypes_have_names)
{
    for (int d = 0; d < SC_DTYPE_COUNT; d++) {
        const char *name = v2_datatype((enum sc_dtype)d);
        enum sc_dtype found;

        ck_assert(v2_datatype_find(sc_bytes(name, strlen(name)), &found));
        ck_assert_int_eq(found, d);
        ck_assert(!v2_datatype_find(sc_bytes(name, strlen(name) - 1), &found));
    }
}
END_TEST

Suite *suite_v2(void);

Suite *suite_v2(void)
{
    Suite *suite = suite_create("v2");
    TCase *requests = tcase_create("requests");

    tcase_add_checked_fixture(requests, open_arena, close_arena);
    tcase_add_loop_test(requests, json_and_bytes_become_tensors, 0, 4);
    tcase_add_test(requests, aligned_bytes_are_not_copied);
    tcase_add_test(requests, a_body_that_is_cut_is_refused);
    tcase_add_test(requests, no_other_size_of_the_json_will_do);
    tcase_add_test(requests, parameters_of_the_protocol_are_taken_out);
    tcase_add_test(requests, datatypes_have_names);
    suite_add_tcase(suite, requests);
    return suite;
}
