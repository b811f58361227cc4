/* fuzz_request.c - a whole request but for the socket: the gate, the target, the route, the
 * decoder, the operation, the reply.
 *
 * The input is a head as in head.h, an empty line, and the body; of a GET, what follows is left
 * out. */
#include <stdlib.h>

#include "exchange.h"
#include "guard.h"
#include "head.h"
#include "metrics.h"
#include "server.h"
#include "statistics.h"

#define HEAD_MEMORY ((size_t)1 << 20)
#define MEMORY      ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- one server for all ---- */

static struct config config;
static struct server server = {.config = &config};
static struct http_server http;
static struct peer peer = {.fd = -1};

static void start(void)
{
    if (server.http != NULL) return;
    sc_init(NULL);
    config = (struct config){.threads = 1, .limits = sc_limits_preset()};
    config.limits.classes = 256;
    config.limits.confusion_classes = 64;
    server.http = &http;
    server.phase = READY;
    server.statistics = statistics_new();
    server.metrics = metrics_new();
    http.executor = executor_start(&(struct executor_calls){NULL, NULL}, 1, 0);
    teams_start(&server.teams, NULL, NULL, NULL);
    if (server.statistics == NULL || server.metrics == NULL || http.executor == NULL) abort();
}

/* ---- one request ---- */

static enum http_method method_of(const char *text)
{
    return strcmp(text, "GET") == 0       ? HTTP_GET
           : strcmp(text, "HEAD") == 0    ? HTTP_HEAD
           : strcmp(text, "POST") == 0    ? HTTP_POST
           : strcmp(text, "OPTIONS") == 0 ? HTTP_OPTIONS
                                          : HTTP_OTHER;
}

/* A reply has a status and says the same to everybody; a server never fails. */
static void check_reply(const struct http_request *rq)
{
    const struct http_reply *reply = &rq->reply;
    unsigned sum = 0;

    if (reply->status < 200 || reply->status == 500 || reply->status > 599) abort();
    for (size_t i = 0; i < reply->body.size; i++) sum += reply->body.data[i];
    if (reply->status >= 400 && (reply->body.size == 0 || sum == 0)) abort();
    if (rq->arena.held > rq->arena.limit) abort();
}

static void serve_body(struct http_request *rq, const struct http_app *app, size_t size)
{
    rq->arena.limit = rq->arena.held + (size % 4 == 3 ? size * 64 : MEMORY);
    app->serve(rq, app->context);
    if (!rq->deferred) return;
    rq->deferred = false;
    rq->on_executor = rq->parallel = true;
    app->serve(rq, app->context);
}

static void ask(struct http_request *rq, const struct head *head, size_t size)
{
    const struct http_app app = app_of(&server);
    struct http_verdict verdict =
        http_gate(head->method, head->version, &head->headers, &config.limits);

    rq->method = method_of(head->method);
    rq->method_text = head->method;
    rq->headers = head->headers;
    if (verdict.status == 0) verdict = http_target(rq, head->target, &config.limits);
    if (verdict.status != 0)
        app.refuse(rq, verdict.status, verdict.reason, app.context);
    else
        app.begin(rq, app.context);
    if (rq->reply.status == 0) serve_body(rq, &app, size);
    check_reply(rq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct exchange x = {.rq = {.id = "fuzz"}, .server = &http, .peer = &peer};
    char *copy = malloc(size + 1), *rest;
    struct head head;
    uint8_t *body;
    size_t left;

    start();
    memcpy(copy, data, size);
    rest = read_head(copy, copy + size, &head);
    left = (size_t)(copy + size - rest);
    body = guarded_body((const uint8_t *)rest, left);
    x.rq.body = sc_bytes(body, left);
    sc_arena_init(&x.rq.arena, HEAD_MEMORY, NULL);
    ask(&x.rq, &head, left);
    sc_arena_done(&x.rq.arena);
    unguard_body(body, left);
    free(copy);
    return 0;
}
