/* target.c - the path and the query of a request line. */
#include "http.h"

#include <string.h>
#include <strings.h>

static const struct http_verdict go_on;
static const struct http_verdict no_memory = {.status = 503,
                                              .reason = "no memory for the request target"};
static const struct http_verdict invisible = {
    .status = 400, .reason = "the request target has spaces or control characters"};
static const struct http_verdict neither = {
    .status = 400, .reason = "the request target is neither a path nor a URL"};
static const struct http_verdict broken = {
    .status = 400, .reason = "the request target has a percent escape that is broken or NUL"};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The byte of "%XX" at `text`; 0 when it is none, or NUL. */
static char escaped(const char *text, size_t size)
{
    int high, low;

    if (size < 3 || (high = hex_digit(text[1])) < 0 || (low = hex_digit(text[2])) < 0) return 0;
    return (char)(high << 4 | low);
}

/* Decodes into `out`, which has room for `size` + 1 bytes; the decoded size, or -1. */
static ptrdiff_t decode(char *out, const char *text, size_t size, bool is_query)
{
    ptrdiff_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c == '+' && is_query) c = ' ';
        if (c == '%') {
            c = escaped(text + i, size - i);
            if (c == '\0') return -1;
            if (c == '/' && !is_query)
                c = '%';
            else
                i += 2;
        }
        out[used++] = c;
    }
    out[used] = '\0';
    return used;
}

/* One field, decoded to *out, which is moved behind it. */
static bool add_field(struct http_fields *query, char **out, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    const size_t cut = equals != NULL ? (size_t)(equals - text) : size;
    const size_t from = equals != NULL ? cut + 1 : size;
    char *name = *out, *value;
    ptrdiff_t name_size, value_size;

    name_size = decode(name, text, cut, true);
    if (name_size < 0) return false;
    value = name + name_size + 1;
    value_size = decode(value, text + from, size - from, true);
    if (value_size < 0) return false;
    query->item[query->count++] =
        (struct http_field){name, value, (size_t)name_size, (size_t)value_size};
    *out = value + value_size + 1;
    return true;
}

static struct http_verdict read_query(struct http_request *rq, const char *query,
                                      const struct sc_limits *limits)
{
    size_t most = 1, size;
    char *out;

    for (const char *c = query; *c != '\0'; c++) most += *c == '&';
    if ((int64_t)most > limits->query_fields)
        return (struct http_verdict){414,
                                     "the query has more fields than the limit `query_fields`",
                                     &limits->query_fields};
    rq->query.item = sc_arena_calloc(&rq->arena, most, sizeof *rq->query.item);
    out = sc_arena_alloc(&rq->arena, strlen(query) + 2 * most); /* decoded, two NULs a field */
    if (rq->query.item == NULL || out == NULL) return no_memory;
    for (; *query != '\0'; query += size + (query[size] == '&')) {
        size = strcspn(query, "&");
        if (size > 0 && !add_field(&rq->query, &out, query, size)) return broken;
    }
    return go_on;
}

static struct http_verdict read_path(struct http_request *rq, const char *text, size_t size)
{
    char *path = sc_arena_alloc(&rq->arena, size + 1);

    if (path == NULL) return no_memory;
    if (decode(path, text, size, false) < 0) return broken;
    rq->path = size > 0 ? path : "/";
    if (rq->path[0] != '/' && strcmp(rq->path, "*") != 0) return neither;
    return go_on;
}

/* "http://host:8080/path" is "/path": a proxy may send the whole URL. */
static const char *skip_authority(const char *target)
{
    size_t scheme = 0;

    if (strncasecmp(target, "http://", 7) == 0) scheme = 7;
    if (strncasecmp(target, "https://", 8) == 0) scheme = 8;
    return scheme == 0 ? target : target + scheme + strcspn(target + scheme, "/?");
}

static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f) return false;
    return true;
}

struct http_verdict http_target(struct http_request *rq, const char *target,
                                const struct sc_limits *limits)
{
    struct http_verdict verdict;
    size_t path_size;

    rq->path = "";
    rq->query = (struct http_fields){0};
    if ((int64_t)strlen(target) > limits->target_bytes)
        return (struct http_verdict){
            414, "the request target has more bytes than the limit `target_bytes`",
            &limits->target_bytes};
    if (!is_visible(target)) return invisible;
    target = skip_authority(target);
    path_size = strcspn(target, "?");
    verdict = read_path(rq, target, path_size);
    if (verdict.status != 0 || target[path_size] == '\0') return verdict;
    return read_query(rq, target + path_size + 1, limits);
}
