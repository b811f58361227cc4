/* problem.c - the table of errors, and its rows as replies. */
#include "problem.h"

#include <math.h>
#include <stdio.h>

#include "http.h"
#include "json.h"

#define TYPE_PREFIX "urn:scored:problem:"
#define MEDIA_TYPE  "application/problem+json"

/* A row forgotten or out of order does not compile. */
#define SAME(name, text)                                                                       \
    _Static_assert((int)PROBLEM_##name == (int)SC_##name, "problems.def follows "              \
                                                          "SC_STATUS_MAP");
SC_STATUS_MAP(SAME)
#undef SAME

static const struct problem_row rows[PROBLEM_COUNT] = {
#define PROBLEM(name, http, slug, title) [PROBLEM_##name] = {http, slug, title},
#include "problems.def"
#undef PROBLEM
};

/* What is said when there is no memory to say more. */
static const char *const bare[PROBLEM_COUNT] = {
#define PROBLEM(name, http, slug, title)                                                       \
    [PROBLEM_##name] = "{\"type\":\"" TYPE_PREFIX slug "\",\"title\":\"" title                 \
                       "\",\"status\":" #http ",\"error\":\"" title "\"}\n",
#include "problems.def"
#undef PROBLEM
};

const struct problem_row *problem_row(enum problem problem)
{
    return &rows[problem];
}

const char *problem_bare(enum problem problem)
{
    return bare[problem];
}

enum problem problem_of(enum sc_status status, const struct sc_arena *arena)
{
    if (status == SC_NO_MEMORY && arena->over_limit) return PROBLEM_HEAVY;
    if (status == SC_NO_MEMORY && arena->over_budget) return PROBLEM_OVER_QUOTA;
    return (enum problem)status;
}

enum problem problem_of_http(int status)
{
    static const enum problem first[] = {PROBLEM_TOO_LARGE, PROBLEM_UNSUPPORTED,
                                         PROBLEM_STOPPED};

    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (rows[first[i]].http == status) return first[i];
    for (int i = PROBLEM_BAD_REQUEST; i < PROBLEM_COUNT; i++)
        if (rows[i].http == status) return (enum problem)i;
    return status < 500 ? PROBLEM_BAD_REQUEST : PROBLEM_INTERNAL;
}

static void write_value(struct json_writer *j, const struct sc_note *note)
{
    if (isfinite(note->value))
        json_number(j, "value", note->exact);
    else
        json_text(j, "value", NULL);
}

static void write_place(struct json_writer *j, const struct sc_note *note)
{
    json_open(j, NULL, '{');
    json_text(j, "pointer", note->pointer);
    json_text(j, "detail", note->detail);
    if (note->has_value) {
        write_value(j, note);
        json_int(j, "index", note->index);
        json_int(j, "count", note->count);
    }
    json_close(j, '}');
}

static void write_places(struct json_writer *j, const struct sc_note *note)
{
    if (note->pointer[0] == '\0' && !note->has_value) return;
    json_open(j, "errors", '[');
    for (; note != NULL; note = note->more) write_place(j, note);
    json_close(j, ']');
}

static void write_suggestions(struct json_writer *j, const struct suggestions *near)
{
    if (near == NULL || near->count == 0) return;
    json_open(j, "suggestions", '[');
    for (int i = 0; i < near->count; i++) json_text(j, NULL, near->name[i]);
    json_close(j, ']');
}

void problem_write(struct sc_writer *out, enum problem problem, const struct sc_note *note,
                   const char *instance, const struct suggestions *near)
{
    static const struct codec_style style;
    const struct problem_row *row = &rows[problem];
    struct json_writer j = {.out = out, .style = &style};
    char text[sizeof note->detail + 128];

    json_open(&j, NULL, '{');
    snprintf(text, sizeof text, TYPE_PREFIX "%s", row->slug);
    json_text(&j, "type", text);
    json_text(&j, "title", row->title);
    json_int(&j, "status", row->http);
    json_text(&j, "detail", note->detail);
    if (instance[0] != '\0') json_text(&j, "instance", instance);
    write_places(&j, note);
    snprintf(text, sizeof text, "%s: %s", row->title, note->detail);
    json_text(&j, "error", text);
    write_suggestions(&j, near);
    json_close(&j, '}');
    sc_write_byte(out, '\n');
}

void problem_retry_after(struct http_request *rq)
{
    const char *seconds = sc_arena_printf(&rq->arena, "%lld", (long long)rq->retry_after);

    http_reply_header(rq, "Retry-After", rq->retry_after > 0 && seconds ? seconds : "1");
}

void problem_reply(struct http_request *rq, enum problem problem,
                   const struct suggestions *near)
{
    const struct problem_row *row = &rows[problem];
    struct sc_writer out;

    sc_writer_init(&out, &rq->arena);
    problem_write(&out, problem, &rq->note, rq->id, near);
    rq->reply.status = row->http;
    rq->reply.error = row->slug;
    rq->reply.content_type = MEDIA_TYPE;
    rq->reply.body = out.failed ? sc_bytes(bare[problem], strlen(bare[problem]))
                                : sc_bytes(out.data, out.size);
    rq->reply.pieces = (struct sc_pieces){.count = 0};
    if (row->http == 503 || row->http == 429) problem_retry_after(rq);
}
