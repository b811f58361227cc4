/* fuzz_target.c - any text as the target of a request; what is read is written with every byte
 * escaped, and read again: the same path, the same fields. */
#include "guard.h"
#include "http.h"

#define MEMORY ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_escaped(struct sc_writer *out, const char *text)
{
    for (; *text != '\0'; text++) sc_writef(out, "%%%02x", (unsigned char)*text);
}

/* A slash separates, and one that was escaped does not: it stays as it was. */
static void write_path(struct sc_writer *out, const char *path)
{
    while (*path != '\0') {
        const size_t slash = strncasecmp(path, "%2f", 3) == 0 ? 3 : *path == '/';

        if (slash > 0)
            sc_write(out, path, slash);
        else
            sc_writef(out, "%%%02X", (unsigned char)*path);
        path += slash > 0 ? slash : 1;
    }
}

static char *write_target(const struct http_request *rq, struct sc_arena *arena)
{
    struct sc_writer out;

    sc_writer_init(&out, arena);
    write_path(&out, rq->path);
    for (size_t i = 0; i < rq->query.count; i++) {
        sc_write_byte(&out, i == 0 ? '?' : '&');
        write_escaped(&out, rq->query.item[i].name);
        sc_write_byte(&out, '=');
        write_escaped(&out, rq->query.item[i].value);
    }
    sc_write_byte(&out, '\0');
    if (out.failed) abort();
    return (char *)out.data;
}

static void check(const struct http_request *rq)
{
    const struct http_fields *query = &rq->query;

    if (rq->path[0] != '/' && strcmp(rq->path, "*") != 0) abort();
    for (size_t i = 0; i < query->count; i++)
        if (strlen(query->item[i].value) != query->item[i].value_size ||
            strlen(query->item[i].name) != query->item[i].name_size)
            abort();
}

static void compare(const struct http_request *a, const struct http_request *b)
{
    if (strcmp(a->path, b->path) != 0 || a->query.count != b->query.count) abort();
    for (size_t i = 0; i < a->query.count; i++)
        if (strcmp(a->query.item[i].name, b->query.item[i].name) != 0 ||
            strcmp(a->query.item[i].value, b->query.item[i].value) != 0)
            abort();
}

static void attempt(const char *target, struct http_request *rq, struct http_request *again)
{
    struct sc_limits limits = sc_limits_preset();
    const struct http_verdict verdict = http_target(rq, target, &limits);

    if (verdict.status != 0) {
        if (verdict.status < 400 || verdict.reason == NULL) abort();
        return;
    }
    check(rq);
    limits.target_bytes *= 4; /* it becomes longer */
    if (strcmp(rq->path, "*") == 0) return;
    if (http_target(again, write_target(rq, &again->arena), &limits).status != 0) abort();
    compare(rq, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *text = guarded(data, size, 1);
    struct http_request rq = {0}, again = {0};

    text[size] = '\0';
    sc_arena_init(&rq.arena, size % 4 == 3 ? (size_t)1 << 15 : MEMORY, NULL);
    sc_arena_init(&again.arena, MEMORY, NULL);
    attempt((const char *)text, &rq, &again);
    sc_arena_done(&rq.arena);
    sc_arena_done(&again.arena);
    unguard(text, size, 1);
    return 0;
}
