/* test_deflate.c - which replies are deflated. */
#include <check.h>
#include <string.h>

#include "server.h"

#define SIZE 32768

static char text[SIZE];
static struct http_request rq;
static struct call call;

static void setup(void)
{
    static struct http_field accepts = {"Accept-Encoding", "gzip", 15, 4};

    memset(text, 'a', sizeof text);
    rq = (struct http_request){.headers = {&accepts, 1}};
    rq.reply.content_type = "application/json";
    rq.reply.body = sc_bytes(text, SIZE);
    sc_arena_init(&rq.arena, 8 << 20, NULL);
    call = (struct call){.rq = &rq};
}

static void teardown(void)
{
    sc_arena_done(&rq.arena);
}

static const char *header(const char *name)
{
    for (int i = 0; i < rq.reply.extras; i++)
        if (strcmp(rq.reply.extra[i].name, name) == 0) return rq.reply.extra[i].value;
    return NULL;
}

START_TEST(text_is_deflated)
{
    call_deflate(&call);
    ck_assert_str_eq(header("Content-Encoding"), "gzip");
    ck_assert_str_eq(header("Vary"), "Accept-Encoding");
    ck_assert_uint_lt(rq.reply.body.size, SIZE / 10);
}
END_TEST

START_TEST(pieces_are_sent_as_they_are)
{
    const struct sc_bytes pieces[] = {sc_bytes(text, SIZE / 2), sc_bytes(text, SIZE / 2)};

    rq.reply.pieces = (struct sc_pieces){pieces, 2};
    call_deflate(&call);
    ck_assert_ptr_null(header("Content-Encoding"));
    ck_assert_ptr_null(header("Vary"));
    ck_assert_ptr_eq(rq.reply.body.data, text);
    ck_assert_ptr_eq(rq.reply.pieces.item, pieces);
    ck_assert_uint_eq(http_reply_size(&rq.reply), SIZE);
}
END_TEST

Suite *suite_deflate(void);

Suite *suite_deflate(void)
{
    Suite *suite = suite_create("deflate");
    TCase *tcase = tcase_create("deflate");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, text_is_deflated);
    tcase_add_test(tcase, pieces_are_sent_as_they_are);
    suite_add_tcase(suite, tcase);
    return suite;
}
