/* test_json_isa.c - the readers by vectors give what the plain ones give, to the bit and to the
 * letter of each refusal: on arrays of all kinds, at every alignment, broken anywhere. */
#include <stdio.h>

#include "decoding.h"
#include "isa.h"

#define BODY_MAX 16384

static const char *const levels[] = {"v1", "v3", "v4", "arm64"};

static uint64_t draw(void)
{
    static uint64_t state = 7;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state ^ state >> 29) * 0x9e3779b97f4a7c15u >> 3;
}

static uint64_t below(uint64_t limit)
{
    return draw() % limit;
}

/* ---- texts ---- */

static char *put_digits(char *at, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) *at++ = (char)('0' + below(10));
    return at;
}

/* A number of JSON with up to `digits` digits before and behind the point. */
static char *put_real(char *at, uint64_t digits)
{
    if (below(2)) *at++ = '-';
    if (below(3)) {
        *at++ = '0';
    } else {
        *at++ = (char)('1' + below(9));
        at = put_digits(at, below(digits));
    }
    if (below(4)) {
        *at++ = '.';
        at = put_digits(at, 1 + below(digits));
    }
    if (below(6) == 0)
        at += sprintf(at, "%c%s%d", below(2) ? 'e' : 'E',
                      below(2)   ? ""
                      : below(2) ? "+"
                                 : "-",
                      (int)below(45));
    return at;
}

enum kind { LABELS, BYTES, SIGNED, INTEGERS, SHORT, REALS, LONG, WORDS, BOOLS, MIXED, KINDS };

static char *put_element(char *at, enum kind kind)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "0", "-0", "1e-400"};

    switch (kind) {
    case LABELS:
        return at + sprintf(at, "%d", (int)below(19));
    case BYTES:
        return at + sprintf(at, "%d", (int)below(256));
    case SIGNED:
        return at + sprintf(at, "%d", (int)below(600) - 300);
    case INTEGERS:
        return at + sprintf(at, "%s%llu", below(4) ? "" : "-",
                            (unsigned long long)(draw() << 3 >> below(64)));
    case SHORT:
        return at + sprintf(at, "%.2f", (double)below(1000) / 100);
    case REALS:
        return put_real(at, 17);
    case LONG:
        return put_real(at, below(16) ? 24 : 200);
    case WORDS:
        return at + sprintf(at, "%s", words[below(6)]);
    case MIXED:
        return put_element(at, below(30) ? INTEGERS + below(3) : LONG);
    default:
        return at + sprintf(at, "%s", below(2) ? "true" : "false");
    }
}

static char *put_space(char *at, uint64_t style)
{
    static const char blank[] = " \n\t\r";

    if (style == 0) *at++ = ' ';
    if (style == 1)
        for (uint64_t i = below(90) ? below(3) : 150; i > 0; i--) *at++ = blank[below(4)];
    return at;
}

static char *put_array(char *at, int rank, const uint64_t *dim, enum kind kind, uint64_t style)
{
    if (rank == 0) return put_element(at, kind);
    *at++ = '[';
    for (uint64_t i = 0; i < dim[0]; i++) {
        if (i > 0) {
            *at++ = ',';
            at = put_space(at, style);
        }
        at = put_array(at, rank - 1, dim + 1, kind, style);
        if (style == 1) at = put_space(at, style);
    }
    *at++ = ']';
    return at;
}

/* A body with one array, long enough to be read by vectors. */
static size_t put_body(char *at)
{
    static const char *const dtypes[] = {"uint8", "int8",    "uint16",  "int64",   "uint64",
                                         "int32", "float32", "float64", "float16", "bfloat16",
                                         "bool",  "float32", "float64"};
    const char *begin = at;
    const enum kind kind = (enum kind)below(KINDS);
    const int rank = 1 + (int)below(3);
    const uint64_t count = kind == LONG ? 40 + below(40) : 300 + below(200);
    const uint64_t last = rank == 1 ? count : 1 + below(9), outer = rank == 3 ? 2 : 1;
    const uint64_t dim[3] = {rank == 1   ? last
                             : rank == 2 ? count / last
                                         : outer,
                             rank == 2 ? last : count / last / outer, last};
    const bool with_dtype = below(4) != 0;

    if (with_dtype)
        at += sprintf(at, "{\"x\": {\"dtype\": \"%s\", \"data\": ", dtypes[below(13)]);
    else
        at += sprintf(at, "{\"x\":%s", below(2) ? " " : "");
    at = put_array(at, rank, dim, kind, below(3));
    at += sprintf(at, "%s", with_dtype ? "}}" : "}");
    return (size_t)(at - begin);
}

/* Changes, removes or adds a byte. */
static size_t spoil(char *body, size_t size)
{
    static const char bytes[] = "0123456789-+.eE,[] \n\"{}tfNIn/:;\x80";
    const size_t place = below(size);
    const char byte = bytes[below(sizeof bytes - 1)];

    if (below(2)) {
        body[place] = byte;
        return size;
    }
    if (below(2)) {
        memmove(body + place, body + place + 1, size - place - 1);
        return size - 1;
    }
    memmove(body + place + 1, body + place, size - place);
    body[place] = byte;
    return size + 1;
}

/* ---- one body at one level ---- */

struct outcome {
    struct sc_arena arena;
    struct codec_payload payload;
    struct sc_note note;
    enum sc_status status;
};

static void decode_at(const char *level, const uint8_t *body, size_t size, struct outcome *out)
{
    static struct sc_limits limits;
    const struct codec_source source = {
        .body = sc_bytes(body, size), .name = "", .limits = &limits, .arena = &out->arena};

    limits = sc_limits_preset();
    ck_assert(codec_isa_choose(level));
    *out = (struct outcome){.status = SC_OK};
    sc_arena_init(&out->arena, (size_t)64 << 20, NULL);
    out->status = codec_decode(&source, &out->payload, &out->note);
}

static void compare(const struct outcome *a, const struct outcome *b, const char *level,
                    const char *body)
{
    ck_assert_msg(a->status == b->status && strcmp(a->note.detail, b->note.detail) == 0 &&
                      strcmp(a->note.pointer, b->note.pointer) == 0,
                  "%s: %s (%s), not %s (%s): %s", level, b->note.detail, b->note.pointer,
                  a->note.detail, a->note.pointer, body);
    ck_assert_uint_eq(a->payload.tensors.count, b->payload.tensors.count);
    for (size_t i = 0; i < a->payload.tensors.count; i++) {
        const struct sc_tensor *x = &a->payload.tensors.item[i].tensor,
                               *y = &b->payload.tensors.item[i].tensor;

        ck_assert_msg(
            x->dtype == y->dtype && sc_tensor_same_shape(x, y) &&
                memcmp(x->data, y->data, (size_t)x->count * sc_dtype_size(x->dtype)) == 0,
            "%s: %s", level, body);
    }
}

/* All levels that this machine has, with a body that begins so far from an alignment. */
static void check_body(const char *text, size_t size, size_t offset)
{
    uint8_t *room = malloc(offset + size + SC_BYTES_PADDING), *body = room + offset;
    struct outcome plain, other;

    memcpy(body, text, size);
    memset(body + size, '7', SC_BYTES_PADDING);
    decode_at("plain", body, size, &plain);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!codec_isa_choose(levels[i])) continue;
        decode_at(levels[i], body, size, &other);
        compare(&plain, &other, levels[i], text);
        sc_arena_done(&other.arena);
    }
    sc_arena_done(&plain.arena);
    free(room);
}

START_TEST(right_and_broken_arrays_are_read_as_by_the_plain_readers)
{
    static char body[BODY_MAX * 2];

    for (int i = 0; i < 3000; i++) {
        size_t size = put_body(body);

        for (uint64_t n = below(3); n > 0; n--) size = spoil(body, size);
        body[size] = '\0';
        check_body(body, size, below(64));
    }
}
END_TEST

/* One mistake in a row of labels, or what looks like one, at each place of three blocks. */
START_TEST(one_byte_is_seen_wherever_it_stands)
{
    static const char bytes[] = "09-+.eE,[] \t\"{}tNI\x01";
    static char body[2048];

    for (size_t place = 100; place < 300; place++)
        for (size_t i = 0; i < sizeof bytes - 1; i++) {
            char *at = body + sprintf(body, "{\"x\": [");

            for (int n = 0; n < 600; n++) at += sprintf(at, "%d, ", n % 12);
            at += sprintf(at, "1]}");
            body[place] = bytes[i];
            check_body(body, (size_t)(at - body), 0);
        }
}
END_TEST

/* R stands for a long row of numbers. */
START_TEST(arrays_of_any_shape_are_as_the_plain_readers_say)
{
    static const char *const shapes[] = {"[R]",
                                         "[[R]]",
                                         "[[R],[R]]",
                                         "[1,[R]]",
                                         "[[R],1]",
                                         "[R,[R]]",
                                         "[[R],R]",
                                         "[[R],[R],[]]",
                                         "[[],[R]]",
                                         "[R,]",
                                         "[,R]",
                                         "[[R] [R]]",
                                         "[[R],,[R]]",
                                         "[R}",
                                         "[R,null]",
                                         "[[R,1],[R]]",
                                         "[[R],[R,1]]",
                                         "[[[R]],[R]]",
                                         "[[R],[[R]]]",
                                         "[[[R]],[[R],[R]]]",
                                         "[R,true]",
                                         "[true,R]",
                                         "[R]]",
                                         "[R] 1",
                                         "[R],[R]",
                                         "[[R],2,[R]]",
                                         "[[R],[R]2]",
                                         "[1[R]]",
                                         "[[R]1]",
                                         "[R,\"a\"]",
                                         "[R,{}]",
                                         "[[[[[[[[R]]]]]]]]",
                                         "[[[[[[[[[R]]]]]]]]]",
                                         "[[[]],[[R]]]",
                                         "[R,-]",
                                         "[R,Infinity]",
                                         "[R,+Infinity]",
                                         "[R,--1]",
                                         "[R,1e]",
                                         "[R,-NaN]",
                                         "[R,NaNa]",
                                         "[R,-true]",
                                         "[R, -Infinity ]",
                                         "[R,1NaN]",
                                         "[R,00]"};
    static char body[BODY_MAX], row[4096];

    for (int n = 0, at = 0; n < 600; n++)
        at += sprintf(row + at, "%s%d", n ? "," : "", n % 300);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        char *at = body + sprintf(body, "{\"x\":");

        for (const char *c = shapes[i]; *c != '\0'; c++)
            if (*c == 'R')
                at += sprintf(at, "%s", row);
            else
                *at++ = *c;
        at += sprintf(at, "}");
        check_body(body, (size_t)(at - body), i % 64);
    }
}
END_TEST

/* The text ends after each of its bytes: as a body, nothing behind it counts. */
START_TEST(a_text_may_end_anywhere)
{
    static char body[BODY_MAX];

    for (int n = 0; n < 4; n++) {
        const size_t size = put_body(body);

        for (size_t cut = size > 300 ? size - 300 : 1; cut <= size; cut++)
            check_body(body, cut, cut % 64);
    }
}
END_TEST

/* Digits around the ends of what one operation, one product and one load can do. */
START_TEST(numbers_at_the_limits_of_the_quick_ways_are_exact)
{
    static const char *const numbers[] = {"9007199254740993",
                                          "4294967295",
                                          "4294967296",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "16777217",
                                          "0.1",
                                          "1e22",
                                          "1e23",
                                          "3.4028234663852886e38",
                                          "3.4028235677973366e38",
                                          "1.1754943508222875e-38",
                                          "1.401298464324817e-45",
                                          "7.006492321624085e-46",
                                          "0.50000000000000000001",
                                          "16777217.000000000000001",
                                          "0.000000000000000000000000000001",
                                          "1234567890123456789012345678901",
                                          "123456789012345678901234567890.1",
                                          "1.7976931348623157e308",
                                          "4.9e-324",
                                          "2.2250738585072014e-308",
                                          "2.2250738585072011e-308",
                                          "1e-400",
                                          "-0.0",
                                          "0e99999",
                                          "99999999999999999999e-20",
                                          "1e0000000001",
                                          "1.00000005960464477539062500000",
                                          "3760474101e-14",
                                          "2712892001e-14",
                                          "0.00000034176123620000",
                                          "3749469073e-16",
                                          "3417612362e-16"};
    static char body[BODY_MAX];

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (int dtype = 0; dtype < 3; dtype++) {
            static const char *const names[] = {"float32", "float64", "uint64"};
            char *at = body +
                       sprintf(body, "{\"x\": {\"dtype\": \"%s\", \"data\": [", names[dtype]);

            for (int n = 0; n < 400; n++) at += sprintf(at, "%s, ", n % 7 ? "17" : numbers[i]);
            at += sprintf(at, "0]}}");
            check_body(body, (size_t)(at - body), i);
        }
}
END_TEST

/* Numbers of each form, moved through two blocks byte by byte. */
START_TEST(a_number_may_stand_across_two_blocks)
{
    static const char *const forms[] = {
        "-1.25",
        "12",
        "-0",
        "0.0",
        "1e5",
        "-3E-2",
        "2.5e+10",
        "-7.0625E-07",
        "1e00000000012",
        "1e-99999",
        "123456789012345678901234567890",
        "-0.1234567890123456789012345678901",
        "12345678901234567890123456789012345678901234567890e-40",
        "1.5, 2, -3e1, 4, 5.25",
        "1,-2,3.0,-4.5e0,5"};
    static const char *const dtypes[] = {"float32", "float64", "float16", "int64"};
    static char body[BODY_MAX];

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        for (int blanks = 0; blanks < 2 * 64; blanks++)
            for (size_t k = 0; k < sizeof dtypes / sizeof dtypes[0]; k++) {
                char *at = body + sprintf(body, "{\"x\": {\"dtype\": \"%s\", \"data\": [%*s",
                                          dtypes[k], blanks, "");

                for (int n = 0; n < 20; n++) at += sprintf(at, "%s,", forms[i]);
                for (int n = 0; n < 400; n++) at += sprintf(at, "%d,", n);
                at += sprintf(at, "%s]}}", forms[i]);
                check_body(body, (size_t)(at - body), 0);
            }
}
END_TEST

START_TEST(base64_is_read_as_by_the_plain_reader)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char body[2048];

    for (int i = 0; i < 2000; i++) {
        const int groups = 1 + (int)below(60);
        char *at = body + sprintf(body,
                                  "{\"x\": {\"dtype\": \"uint8\", \"shape\": [%d], "
                                  "\"base64\": \"",
                                  groups * 3);
        char *const text = at;

        for (int n = 0; n < groups * 4; n++) *at++ = alphabet[below(64)];
        if (below(2)) text[below((uint64_t)groups * 4)] = "=-_.@[`{/:\\ \x80"[below(13)];
        at += sprintf(at, "\"}}");
        check_body(body, (size_t)(at - body), below(64));
    }
}
END_TEST

/* A number and its negative, so often that some are read by vectors, at each level. */
static void check_halves(const char *dtype, const char *number, uint16_t expected)
{
    static char body[BODY_MAX];
    char *at = body + sprintf(body, "{\"x\": {\"dtype\": \"%s\", \"data\": [0", dtype);

    for (int n = 0; n < 40; n++) at += sprintf(at, ", %s, -%s", number, number);
    at += sprintf(at, "]}}");
    memset(at, '7', SC_BYTES_PADDING);
    for (size_t i = 0; i <= sizeof levels / sizeof levels[0]; i++) {
        const char *level = i > 0 ? levels[i - 1] : "plain";
        struct outcome out;
        const uint16_t *half;

        if (!codec_isa_choose(level)) continue;
        decode_at(level, (const uint8_t *)body, (size_t)(at - body), &out);
        ck_assert_int_eq(out.status, SC_OK);
        half = out.payload.tensors.item[0].tensor.data;
        for (int n = 1; n <= 80; n++)
            ck_assert_msg(half[n] == (expected | (n % 2 ? 0 : 0x8000)), "%s %s at %s: %#x",
                          dtype, number, level, (unsigned)half[n]);
        sc_arena_done(&out.arena);
    }
}

START_TEST(halves_are_rounded_once)
{
    static const struct {
        const char *dtype, *number;
        uint16_t expected;
    } cases[] = {
        {"float16", "2049", 0x6800},
        {"float16", "2049.0", 0x6800},
        {"float16", "2049.00000000000000001", 0x6801},
        {"float16", "2048.99999999999999999", 0x6800},
        {"float16", "2051", 0x6802},
        {"float16", "2051.00000000000000001", 0x6802},
        {"float16", "2050.99999999999999999", 0x6801},
        {"float16", "65519.99999999999999999999999999", 0x7bff},
        {"float16", "2.98023223876953125e-8", 0},
        {"float16", "2.98023223876953125000000000001e-8", 1},
        {"float16", "2.9802322387695313e-8", 1},
        {"bfloat16", "257", 0x4380},
        {"bfloat16", "257.00000000000000001", 0x4381},
        {"bfloat16", "256.99999999999999999", 0x4380},
        {"bfloat16", "259", 0x4382},
        {"bfloat16", "258.99999999999999999", 0x4381},
        {"bfloat16", "259.00000000000000000000000000000000000000000000001", 0x4382},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_halves(cases[i].dtype, cases[i].number, cases[i].expected);
}
END_TEST

Suite *suite_json_isa(void);

Suite *suite_json_isa(void)
{
    Suite *suite = suite_create("json_isa");
    TCase *cases = tcase_create("levels");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, right_and_broken_arrays_are_read_as_by_the_plain_readers);
    tcase_add_test(cases, one_byte_is_seen_wherever_it_stands);
    tcase_add_test(cases, arrays_of_any_shape_are_as_the_plain_readers_say);
    tcase_add_test(cases, a_text_may_end_anywhere);
    tcase_add_test(cases, numbers_at_the_limits_of_the_quick_ways_are_exact);
    tcase_add_test(cases, a_number_may_stand_across_two_blocks);
    tcase_add_test(cases, halves_are_rounded_once);
    tcase_add_test(cases, base64_is_read_as_by_the_plain_reader);
    suite_add_tcase(suite, cases);
    return suite;
}
