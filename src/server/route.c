/* route.c - matching a path against the table of endpoints. */
#include "route.h"

#include <stdio.h>
#include <string.h>

#include "server.h"

#define BIT(method) (1u << (method))

const struct route routes[] = {
#define ROUTE(method, path, handler, body, key, summary)                                       \
    {HTTP_##method, path, handle_##handler, BODY_##body, KEY_##key, summary},
#include "routes.def"
#undef ROUTE
};

const int route_count = sizeof routes / sizeof *routes;

/* The next segment after a slash; moves `path` to its end. */
static struct sc_bytes segment(const char **path)
{
    const char *start = *path + 1;

    *path = start + strcspn(start, "/");
    return sc_bytes(start, (size_t)(*path - start));
}

static bool same(struct sc_bytes pattern, struct sc_bytes part)
{
    if (pattern.size > 0 && pattern.data[0] == '{') return part.size > 0;
    return pattern.size == part.size && memcmp(pattern.data, part.data, part.size) == 0;
}

static bool matches(const char *pattern, const char *path)
{
    while (*pattern == '/' && *path == '/')
        if (!same(segment(&pattern), segment(&path))) return false;
    return *pattern == '\0' && *path == '\0';
}

/* The last two segments are the family and the name of an operation. */
static void read_operation(const char *path, struct route_match *m)
{
    const char *slash = strrchr(path, '/'), *start = slash;

    while (start > path && start[-1] != '/') start--;
    m->name = slash + 1;
    snprintf(m->family, sizeof m->family, "%.*s", (int)(slash - start), start);
}

struct route_match route_find(enum http_method method, const char *path)
{
    struct route_match m = {0};

    if (method == HTTP_HEAD) method = HTTP_GET;
    for (int i = 0; i < route_count; i++) {
        if (!matches(routes[i].path, path)) continue;
        m.methods |= BIT(routes[i].method);
        if (routes[i].method == method) m.route = &routes[i];
        if (strstr(routes[i].path, "{name}") != NULL) read_operation(path, &m);
    }
    return m;
}

const char *route_allow(unsigned methods)
{
    switch (methods & (BIT(HTTP_GET) | BIT(HTTP_POST))) {
    case BIT(HTTP_GET):
        return "GET, HEAD, OPTIONS";
    case BIT(HTTP_POST):
        return "POST, OPTIONS";
    default:
        return "GET, HEAD, POST, OPTIONS";
    }
}
