/* request.c - what the request line and the headers say. */
#include "exchange.h"
#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define METHOD_KEPT 256 /* bytes; the longest that IANA lists has 17 */

static enum MHD_Result add_header(void *exchange, enum MHD_ValueKind kind, const char *name,
                                  size_t name_size, const char *value, size_t value_size)
{
    struct exchange *x = exchange;
    struct http_fields *headers = &x->rq.headers;

    (void)kind;
    headers->item[headers->count++] =
        (struct http_field){name, value != NULL ? value : "", name_size, value_size};
    return (int64_t)headers->count > x->server->config.limits.headers ? MHD_NO : MHD_YES;
}

/* One more than the limit is enough for the gate to refuse. Names and values stay where
 * libmicrohttpd has them, until the exchange is over. */
static bool read_headers(struct exchange *x)
{
    const int64_t most = x->server->config.limits.headers + 1;

    x->rq.headers.item =
        sc_arena_calloc(&x->rq.arena, (size_t)most, sizeof *x->rq.headers.item);
    if (x->rq.headers.item == NULL) return false;
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, add_header, x);
    return true;
}

static enum http_method find_method(const char *text)
{
    static const char *const name[] = {[HTTP_GET] = "GET",
                                       [HTTP_HEAD] = "HEAD",
                                       [HTTP_POST] = "POST",
                                       [HTTP_OPTIONS] = "OPTIONS"};

    for (enum http_method m = 0; m < HTTP_OTHER; m++)
        if (strcmp(text, name[m]) == 0) return m;
    return HTTP_OTHER;
}

static bool is_good_id(const char *id)
{
    const size_t size = strlen(id);

    for (size_t i = 0; i < size; i++)
        if (id[i] <= ' ' || id[i] > '~') return false;
    return size > 0 && size < sizeof(((struct http_request *)NULL)->id);
}

void request_new_id(char id[REQUEST_ID_SIZE])
{
    uint64_t random[2] = {0, (uint64_t)sc_clock_us()};
    const ssize_t made = getrandom(random, sizeof random, 0); /* without it the time is an id */

    (void)made;
    snprintf(id, REQUEST_ID_SIZE, "%016llx%016llx", (unsigned long long)random[0],
             (unsigned long long)random[1]);
}

static void set_id(struct http_request *rq)
{
    const char *given = http_header(rq, "X-Request-Id");

    if (given != NULL && is_good_id(given))
        memcpy(rq->id, given, strlen(given) + 1);
    else
        request_new_id(rq->id);
}

/* Several are none: nobody could say which is meant. */
static void set_trace(struct http_request *rq)
{
    const char *given = http_header(rq, "traceparent");
    int count = 0;

    for (size_t i = 0; i < rq->headers.count && given != NULL; i++)
        count += strcasecmp(rq->headers.item[i].name, "traceparent") == 0;
    if (count == 1 && trace_is_valid(given)) trace_continue(given, rq->trace);
}

/* Blanks behind a value are no part of it (RFC 9110, 5.5); libmicrohttpd keeps them. The gate
 * has seen the exact values. */
static void trim(struct http_field *field, struct sc_arena *arena)
{
    size_t size = field->value_size;
    const char *copy;

    while (size > 0 && (field->value[size - 1] == ' ' || field->value[size - 1] == '\t'))
        size--;
    if (size == field->value_size) return;
    copy = sc_arena_strndup(arena, field->value, size);
    if (copy == NULL) return;
    field->value = copy;
    field->value_size = size;
}

static void trim_all(struct http_request *rq)
{
    for (size_t i = 0; i < rq->headers.count; i++) trim(&rq->headers.item[i], &rq->arena);
}

struct http_verdict request_read(struct exchange *x, const char *method, const char *version)
{
    const struct sc_limits *limits = &x->server->config.limits;
    struct http_request *rq = &x->rq;
    struct http_verdict verdict;

    x->http11 = strcmp(version, "HTTP/1.1") == 0;
    rq->method = find_method(method);
    /* The log tells of a request even when libmicrohttpd has dropped it without a word. */
    rq->method_text = sc_arena_strndup(&rq->arena, method, strnlen(method, METHOD_KEPT));
    rq->path = "";
    if (rq->method_text == NULL) rq->method_text = "";
    if (!read_headers(x))
        return (struct http_verdict){.status = 503, .reason = "no memory for the headers"};
    set_id(rq);
    set_trace(rq);
    verdict = http_gate(method, version, &rq->headers, limits);
    trim_all(rq);
    return verdict;
}

bool request_waits(const struct exchange *x)
{
    const char *expect = http_header(&x->rq, "Expect");

    return expect != NULL && x->http11 && strcasecmp(expect, "100-continue") == 0;
}

static bool is_named(const struct http_field *field, const char *name, size_t size)
{
    return field->name_size == size && strncasecmp(field->name, name, size) == 0;
}

const char *http_header(const struct http_request *rq, const char *name)
{
    const size_t size = strlen(name);

    for (size_t i = 0; i < rq->headers.count; i++) {
        const struct http_field *field = &rq->headers.item[i];

        if (is_named(field, name, size)) return field->value;
    }
    return NULL;
}

const char *http_header_list(struct http_request *rq, const char *name)
{
    const size_t size = strlen(name);
    const char *list = NULL;

    for (size_t i = 0; i < rq->headers.count; i++) {
        const struct http_field *field = &rq->headers.item[i];

        if (!is_named(field, name, size)) continue;
        list = list == NULL ? field->value
                            : sc_arena_printf(&rq->arena, "%s, %s", list, field->value);
        if (list == NULL) return "";
    }
    return list;
}
