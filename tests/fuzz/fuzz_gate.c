/* fuzz_gate.c - any request line and header list, against the gate and the target.
 *
 * The input is lines: "method target version", then "name:value". What the gate lets through
 * must be framed in one way only. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"

#define FIELDS_MAX 80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line, NUL-terminated in place of its LF. */
static char *next_line(char **rest, char *end, size_t *size)
{
    char *line = *rest, *lf = memchr(line, '\n', (size_t)(end - line));

    if (lf == NULL) lf = end;
    *lf = '\0';
    *size = (size_t)(lf - line);
    *rest = lf < end ? lf + 1 : end;
    return line;
}

static struct http_field split(char *line, size_t size)
{
    char *colon = memchr(line, ':', size), *value = colon != NULL ? colon + 1 : line + size;

    if (colon != NULL) *colon = '\0';
    return (struct http_field){line, value, colon != NULL ? (size_t)(colon - line) : size,
                               (size_t)(line + size - value)};
}

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
    struct http_field item[FIELDS_MAX];
    struct http_fields headers = {item, 0};
    char *copy = malloc(size + 1), *rest = copy, *end = copy + size;
    char *method, *target, *version;
    size_t line_size;

    memcpy(copy, data, size);
    method = next_line(&rest, end, &line_size);
    target = method + strcspn(method, " ");
    if (*target != '\0') *target++ = '\0';
    version = target + strcspn(target, " ");
    if (*version != '\0') *version++ = '\0';
    while (rest < end && headers.count < FIELDS_MAX) {
        char *line = next_line(&rest, end, &line_size);

        item[headers.count++] = split(line, line_size);
    }
    if (http_gate(method, version, &headers, &limits).status == 0)
        check_passed(version, &headers);
    check_target(target, &limits);
    free(copy);
    return 0;
}
