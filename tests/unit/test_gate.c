/* test_gate.c - every header list that two readers could frame differently is refused. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

#define F(name, value)                                                                         \
    {                                                                                          \
        name, value, sizeof name - 1, sizeof value - 1                                         \
    }
#define HOST       F("Host", "a")
#define FIELDS_MAX 6

struct gate_case {
    const char *what;
    int status; /* 0: goes on */
    const char *method, *version;
    struct http_field field[FIELDS_MAX];
};

#define V11 "POST", "HTTP/1.1"
#define V10 "POST", "HTTP/1.0"

static const struct gate_case cases[] = {
    {"a plain request", 0, "GET", "HTTP/1.1", {HOST}},
    {"a body with a length", 0, V11, {HOST, F("Content-Length", "25")}},
    {"an empty body", 0, V11, {HOST, F("content-length", "0")}},
    {"a chunked body", 0, V11, {HOST, F("Transfer-Encoding", "chunked")}},
    {"codings have no case", 0, V11, {HOST, F("TRANSFER-ENCODING", "Chunked")}},
    {"a method of somebody else", 0, "PROPFIND", "HTTP/1.1", {HOST}},
    {"HTTP/1.0 needs no Host", 0, V10, {F("Accept", "*/*")}},
    {"HTTP/1.0 with Host and body", 0, V10, {HOST, F("Content-Length", "1")}},
    {"a tab and other languages in a value", 0, V11, {HOST, F("X", "a\tb \xc3\xa9\xff")}},
    {"an empty value", 0, V11, {HOST, F("X", "")}},

    {"HTTP/1.2", 505, "GET", "HTTP/1.2", {HOST}},
    {"HTTP/2.0", 505, "GET", "HTTP/2.0", {HOST}},
    {"HTTP/0.9", 505, "GET", "", {HOST}},
    {"a version in lower case", 505, "GET", "http/1.1", {HOST}},
    {"bytes after the version", 505, "GET", "HTTP/1.1x", {HOST}},

    {"no method", 400, "", "HTTP/1.1", {HOST}},
    {"a method that is not a token", 400, "GE(T", "HTTP/1.1", {HOST}},
    {"an empty name", 400, V11, {HOST, F("", "x")}},
    {"a space before the colon", 400, V11, {HOST, F("Content-Length ", "5")}},
    {"a tab before the colon", 400, V11, {HOST, F("X\t", "5")}},
    {"a space in a name", 400, V11, {HOST, F("X Y", "5")}},
    {"a space before a name", 400, V11, {HOST, F(" X", "5")}},
    {"a colon in a name", 400, V11, {HOST, F("X:Y", "5")}},
    {"NUL in a name", 400, V11, {HOST, F("X\0Y", "5")}},
    {"a letter that is not ASCII in a name", 400, V11, {HOST, F("X\xc3\xa9", "5")}},
    {"NUL in a value", 400, V11, {HOST, F("X", "a\0b")}},
    {"CR in a value", 400, V11, {HOST, F("X", "a\rb")}},
    {"LF in a value", 400, V11, {HOST, F("X", "a\nb")}},
    {"DEL in a value", 400, V11, {HOST, F("X", "a\x7f")}},

    {"no Host", 400, V11, {F("Accept", "*/*")}},
    {"two Hosts", 400, V11, {HOST, F("Host", "b")}},
    {"the same Host twice", 400, V11, {HOST, F("HOST", "a")}},
    {"two Hosts in HTTP/1.0", 400, V10, {HOST, F("Host", "b")}},

    {"Content-Length twice",
     400,
     V11,
     {HOST, F("Content-Length", "5"), F("Content-Length", "6")}},
    {"the same Content-Length twice",
     400,
     V11,
     {HOST, F("Content-Length", "5"), F("content-length", "5")}},
    {"Content-Length as a list", 400, V11, {HOST, F("Content-Length", "5,5")}},
    {"Content-Length with a sign", 400, V11, {HOST, F("Content-Length", "+5")}},
    {"a negative Content-Length", 400, V11, {HOST, F("Content-Length", "-5")}},
    {"Content-Length in hexadecimal", 400, V11, {HOST, F("Content-Length", "0x5")}},
    {"an empty Content-Length", 400, V11, {HOST, F("Content-Length", "")}},
    {"Content-Length and a space", 400, V11, {HOST, F("Content-Length", "5 ")}},
    {"a fraction of a byte", 400, V11, {HOST, F("Content-Length", "5.0")}},
    {"Content-Length beyond int64",
     400,
     V11,
     {HOST, F("Content-Length", "18446744073709551616")}},
    {"Content-Length and Transfer-Encoding",
     400,
     V11,
     {HOST, F("Content-Length", "5"), F("Transfer-Encoding", "chunked")}},
    {"a bad Content-Length and Transfer-Encoding",
     400,
     V11,
     {HOST, F("Transfer-Encoding", "chunked"), F("Content-Length", "x")}},
    {"a folded Content-Length", 400, V11, {HOST, F("Content-Length25", "")}},
    {"a folded Transfer-Encoding", 400, V11, {HOST, F("transfer-encodingchunked", "")}},
    {"a field like Content-Length", 400, V11, {HOST, F("Content-Length-X", "5")}},

    {"chunked in HTTP/1.0", 400, V10, {HOST, F("Transfer-Encoding", "chunked")}},
    {"chunked twice",
     400,
     V11,
     {HOST, F("Transfer-Encoding", "chunked"), F("Transfer-Encoding", "chunked")}},
    {"gzip, chunked", 501, V11, {HOST, F("Transfer-Encoding", "gzip, chunked")}},
    {"chunked, gzip", 501, V11, {HOST, F("Transfer-Encoding", "chunked, gzip")}},
    {"identity", 501, V11, {HOST, F("Transfer-Encoding", "identity")}},
    {"an empty Transfer-Encoding", 501, V11, {HOST, F("Transfer-Encoding", "")}},
    {"chunked and a space", 501, V11, {HOST, F("Transfer-Encoding", "chunked ")}},
    {"chunked with a tab before", 501, V11, {HOST, F("Transfer-Encoding", "\tchunked")}},
    {"xchunked", 501, V11, {HOST, F("Transfer-Encoding", "xchunked")}},
};

static struct http_fields fields_of(const struct gate_case *c, struct http_field *copy)
{
    struct http_fields fields = {.item = copy};

    memcpy(copy, c->field, sizeof c->field);
    while (fields.count < FIELDS_MAX && copy[fields.count].name != NULL) fields.count++;
    return fields;
}

START_TEST(each_header_list_has_its_verdict)
{
    const struct sc_limits limits = sc_limits_preset();
    const struct gate_case *c = &cases[_i];
    struct http_field copy[FIELDS_MAX];
    const struct http_fields fields = fields_of(c, copy);
    const struct http_verdict got = http_gate(c->method, c->version, &fields, &limits);

    ck_assert_msg(got.status == c->status, "%s: %d (%s), not %d", c->what, got.status,
                  got.reason ? got.reason : "", c->status);
    ck_assert_msg(got.status == 0 || got.reason != NULL, "%s: no reason", c->what);
}
END_TEST

static const struct {
    const char *host;
    bool good;
} hosts[] = {
    {"a", true},
    {"example.org", true},
    {"example.org.", true},
    {"my_service-1.ns", true},
    {"127.0.0.1:8080", true},
    {"localhost:", true},
    {"localhost:65535", true},
    {"a ", true},
    {"[::1]", true},
    {"[::1]:8080", true},
    {"[2001:db8::7:ffff]", true},
    {"[::ffff:192.0.2.1]:1", true},
    {"", false},
    {" ", false},
    {":80", false},
    {"a b", false},
    {"a,b", false},
    {"a/b", false},
    {"user@a", false},
    {"a?b", false},
    {"a#b", false},
    {"a\\b", false},
    {"a:b", false},
    {"a:80:80", false},
    {"a:+80", false},
    {"a:65536", false},
    {"a:000080", false},
    {"::1", false},
    {"[::1", false},
    {"[]", false},
    {"[a]", false},
    {"[::1]x", false},
    {"[::1]:x", false},
    {"[1.2.3.4]", false},
    {"[:::1]", false},
    {"[11111111111111111111111111111111111111111111111111]", false},
};

START_TEST(host_is_a_host_and_perhaps_a_port)
{
    const struct sc_limits limits = sc_limits_preset();
    const char *host = hosts[_i].host;
    struct http_field field = {"Host", host, 4, strlen(host)};
    const struct http_fields fields = {&field, 1};

    ck_assert_msg((http_gate("GET", "HTTP/1.1", &fields, &limits).status == 0) ==
                      hosts[_i].good,
                  "Host: %s", host);
    ck_assert_msg((http_gate("GET", "HTTP/1.0", &fields, &limits).status == 0) ==
                      hosts[_i].good,
                  "HTTP/1.0, Host: %s", host);
}
END_TEST

START_TEST(host_has_no_nul)
{
    const struct sc_limits limits = sc_limits_preset();
    struct http_field field = F("Host", "[::1\0]");
    const struct http_fields fields = {&field, 1};

    ck_assert_int_eq(http_gate("GET", "HTTP/1.1", &fields, &limits).status, 400);
}
END_TEST

START_TEST(headers_are_counted)
{
    struct sc_limits limits = sc_limits_preset();
    struct http_field field[] = {HOST, F("A", "1"), F("B", "2"), F("C", "3")};
    const struct http_fields fields = {field, 4};

    limits.headers = 4;
    ck_assert_int_eq(http_gate("GET", "HTTP/1.1", &fields, &limits).status, 0);
    limits.headers = 3;
    ck_assert_int_eq(http_gate("GET", "HTTP/1.1", &fields, &limits).status, 431);
}
END_TEST

START_TEST(header_bytes_are_counted)
{
    struct sc_limits limits = sc_limits_preset();
    struct http_field field[] = {HOST, F("Name", "0123456789")};
    const struct http_fields fields = {field, 2};

    limits.header_bytes = 5 + 14;
    ck_assert_int_eq(http_gate("GET", "HTTP/1.1", &fields, &limits).status, 0);
    limits.header_bytes--;
    ck_assert_int_eq(http_gate("GET", "HTTP/1.1", &fields, &limits).status, 431);
}
END_TEST

Suite *suite_gate(void);

Suite *suite_gate(void)
{
    Suite *suite = suite_create("gate");
    TCase *tcase = tcase_create("gate");

    tcase_add_loop_test(tcase, each_header_list_has_its_verdict, 0,
                        sizeof cases / sizeof *cases);
    tcase_add_loop_test(tcase, host_is_a_host_and_perhaps_a_port, 0,
                        sizeof hosts / sizeof *hosts);
    tcase_add_test(tcase, host_has_no_nul);
    tcase_add_test(tcase, headers_are_counted);
    tcase_add_test(tcase, header_bytes_are_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}
