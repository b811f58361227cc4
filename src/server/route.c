/* route.c - matching a path against the table of endpoints. */
#include "route.h"

#include <stdio.h>
#include <string.h>

#include "server.h"

#define BIT(method) (1u << (method))

const struct route routes[] = {
#define ROUTE(method, path, handler, body, key, use, summary)                                  \
    {HTTP_##method, path, handle_##handler, BODY_##body, KEY_##key, USE_##use, summary},
#include "routes.def"
#undef ROUTE
};

const int route_count = sizeof routes / sizeof *routes;

/* ---- segments ---- */

/* The next segment after a slash; moves `path` to its end. */
static struct sc_bytes segment(const char **path)
{
    const char *start = *path + 1;

    *path = start + strcspn(start, "/");
    return sc_bytes(start, (size_t)(*path - start));
}

static void copy(char *out, size_t size, struct sc_bytes part)
{
    snprintf(out, size, "%.*s", (int)part.size, (const char *)part.data);
}

static void take_name(struct sc_bytes name, struct route_match *m)
{
    m->names_operation = true;
    copy(m->name, sizeof m->name, name);
}

/* "losses.mse"; without a dot it is a name without a family. */
static void take_model(struct sc_bytes model, struct route_match *m)
{
    const uint8_t *dot = memchr(model.data, '.', model.size);
    const size_t family = dot ? (size_t)(dot - model.data) : 0;

    copy(m->family, sizeof m->family, sc_bytes_slice(model, 0, family));
    take_name(sc_bytes_slice(model, family + (dot != NULL), model.size), m);
}

/* Does a segment of the path fit that of the pattern? Notes what it names: a literal may be
 * the family of the name that follows it. */
static bool take(struct sc_bytes pattern, struct sc_bytes part, struct route_match *m)
{
    const bool any = pattern.size > 0 && pattern.data[0] == '{';

    if (sc_bytes_is(pattern, "{version}")) return sc_bytes_is(part, ROUTE_VERSION);
    if (any && part.size == 0) return false;
    if (sc_bytes_is(pattern, "{model}"))
        take_model(part, m);
    else if (sc_bytes_is(pattern, "{name}"))
        take_name(part, m);
    else if (!any &&
             (pattern.size != part.size || memcmp(pattern.data, part.data, part.size) != 0))
        return false;
    else if (!m->names_operation)
        copy(m->family, sizeof m->family, part);
    return true;
}

static bool matches(const char *pattern, const char *path, struct route_match *m)
{
    *m = (struct route_match){.route = NULL};
    while (*pattern == '/' && *path == '/')
        if (!take(segment(&pattern), segment(&path), m)) return false;
    return *pattern == '\0' && *path == '\0';
}

/* ---- the table ---- */

struct route_match route_find(enum http_method method, const char *path)
{
    struct route_match m;
    int first = 0;

    if (method == HTTP_HEAD) method = HTTP_GET;
    while (first < route_count && !matches(routes[first].path, path, &m)) first++;
    if (first == route_count) return (struct route_match){.route = NULL};
    for (int i = first; i < route_count; i++) {
        if (strcmp(routes[i].path, routes[first].path) != 0) continue;
        m.methods |= BIT(routes[i].method);
        if (routes[i].method == method) m.route = &routes[i];
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
