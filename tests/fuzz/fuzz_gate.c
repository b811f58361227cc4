/* fuzz_gate.c - any request line and header list, against the gate and the target.
 *
 * The input is lines: "method target version", then "name:value". What the gate lets through
 * must be framed in one way only. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct http_fields *headers, const char *prefix)
{
    size_t found = 0;

    for (size_t i = 0; i < headers->count; i++)
        found += strncasecmp(headers->item[i].name, prefix, strlen(prefix)) == 0;
    return found;
}

static void check_passed(const char *version, const struct http_fields *headers)
{
    const size_t lengths = count(headers, "Content-Length");
    const size_t codings = count(headers, "Transfer-Encoding");

    if (lengths + codings > 1 || count(headers, "Host:") != 0) abort();
    if (strcmp(version, "HTTP/1.0") == 0 && codings > 0) abort();
    for (size_t i = 0; i < headers->count; i++)
        if (memchr(headers->item[i].value, '\0', headers->item[i].value_size) != NULL ||
            strlen(headers->item[i].name) != headers->item[i].name_size)
            abort();
}

static void check_target(const char *target, const struct sc_limits *limits)
{
    struct http_request rq = {0};

    sc_arena_init(&rq.arena, (size_t)4 << 20, NULL);
    if (http_target(&rq, target, limits).status == 0 && rq.path[0] != '/' && rq.path[0] != '*')
        abort();
    for (size_t i = 0; i < rq.query.count; i++)
        if (strlen(rq.query.item[i].value) != rq.query.item[i].value_size) abort();
    sc_arena_done(&rq.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sc_limits limits = sc_limits_preset();
    char *copy = malloc(size + 1);
    struct head head;

    memcpy(copy, data, size);
    read_head(copy, copy + size, &head);
    if (http_gate(head.method, head.version, &head.headers, &limits).status == 0)
        check_passed(head.version, &head.headers);
    check_target(head.target, &limits);
    free(copy);
    return 0;
}
