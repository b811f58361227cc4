/* target.c - the path and the query of a request line. */
#include "http.h"

#include <string.h>
#include <strings.h>

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

struct decoded {
    const char *text; /* NULL: no memory, or a bad escape */
    size_t size;
};

static struct decoded decode(struct sc_arena *arena, const char *text, size_t size,
                             bool is_query)
{
    char *out = sc_arena_alloc(arena, size + 1);
    size_t used = 0;

    if (out == NULL) return (struct decoded){0};
    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c == '+' && is_query) c = ' ';
        if (c == '%') {
            c = escaped(text + i, size - i);
            if (c == '\0') return (struct decoded){0};
            if (c == '/' && !is_query)
                c = '%';
            else
                i += 2;
        }
        out[used++] = c;
    }
    out[used] = '\0';
    return (struct decoded){out, used};
}

static bool add_field(struct http_request *rq, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    const size_t name_size = equals != NULL ? (size_t)(equals - text) : size;
    const size_t from = equals != NULL ? name_size + 1 : size;
    const struct decoded name = decode(&rq->arena, text, name_size, true);
    const struct decoded value = decode(&rq->arena, text + from, size - from, true);

    if (name.text == NULL || value.text == NULL) return false;
    rq->query.item[rq->query.count++] =
        (struct http_field){name.text, value.text, name.size, value.size};
    return true;
}

static bool read_query(struct http_request *rq, const char *query)
{
    size_t most = 1, size;

    for (const char *c = query; *c != '\0'; c++) most += *c == '&';
    rq->query.item = sc_arena_calloc(&rq->arena, most, sizeof *rq->query.item);
    if (rq->query.item == NULL) return false;
    for (; *query != '\0'; query += size + (query[size] == '&')) {
        size = strcspn(query, "&");
        if (size > 0 && !add_field(rq, query, size)) return false;
    }
    return true;
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
    const struct http_verdict broken = {
        400, "the request target has a broken or NUL percent escape"};
    size_t path_size;
    struct decoded path;

    rq->path = "";
    rq->query = (struct http_fields){0};
    if ((int64_t)strlen(target) > limits->target_bytes)
        return (struct http_verdict){414, "longer than the limit `target_bytes` allows"};
    if (!is_visible(target))
        return (struct http_verdict){400,
                                     "the request target has spaces or control characters"};
    target = skip_authority(target);
    path_size = strcspn(target, "?");
    path = path_size > 0 ? decode(&rq->arena, target, path_size, false)
                         : (struct decoded){"/", 1};
    if (path.text == NULL) return broken;
    if (path.text[0] != '/' && strcmp(path.text, "*") != 0)
        return (struct http_verdict){400, "the request target is neither a path nor a URL"};
    rq->path = path.text;
    if (target[path_size] == '?' && !read_query(rq, target + path_size + 1)) return broken;
    return (struct http_verdict){0};
}
