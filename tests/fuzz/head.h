/* head.h - the head of a request as fuzzers write it: "method target version", then
 * "name:value" lines. */
#pragma once

#include <string.h>

#include "http.h"

#define FIELDS_MAX 80

/* What the lines say; `item` holds the fields. */
struct head {
    char *method, *target, *version;
    struct http_field item[FIELDS_MAX];
    struct http_fields headers;
};

/* The next line, NUL-terminated in place of its LF. */
static inline char *next_line(char **rest, char *end, size_t *size)
{
    char *line = *rest, *lf = memchr(line, '\n', (size_t)(end - line));

    if (lf == NULL) lf = end;
    *lf = '\0';
    *size = (size_t)(lf - line);
    *rest = lf < end ? lf + 1 : end;
    return line;
}

static inline struct http_field split(char *line, size_t size)
{
    char *colon = memchr(line, ':', size), *value = colon != NULL ? colon + 1 : line + size;

    if (colon != NULL) *colon = '\0';
    return (struct http_field){line, value, colon != NULL ? (size_t)(colon - line) : size,
                               (size_t)(line + size - value)};
}

/* Cuts `text` into its lines, up to an empty one; gives what follows that. */
static inline char *read_head(char *text, char *end, struct head *head)
{
    char *rest = text, *line;
    size_t size;

    *head = (struct head){.headers = {head->item, 0}};
    head->method = next_line(&rest, end, &size);
    head->target = head->method + strcspn(head->method, " ");
    if (*head->target != '\0') *head->target++ = '\0';
    head->version = head->target + strcspn(head->target, " ");
    if (*head->version != '\0') *head->version++ = '\0';
    while (rest < end && head->headers.count < FIELDS_MAX) {
        line = next_line(&rest, end, &size);
        if (size == 0) break;
        head->item[head->headers.count++] = split(line, size);
    }
    return rest;
}
