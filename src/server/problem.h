/* problem.h - errors as clients see them: application/problem+json (RFC 9457).
 *
 * This is the one place where a status of the core becomes a status of HTTP. */
#pragma once

#include "bytes.h"
#include "status.h"
#include "suggest.h"

struct http_request;

/* The values of enum sc_status, then the errors that only HTTP knows. */
enum problem {
    PROBLEM_OK,
#define PROBLEM(name, http, slug, title) PROBLEM_##name,
#include "problems.def"
#undef PROBLEM
    PROBLEM_COUNT
};

/* What a problem is: its row. */
struct problem_row {
    int http;
    const char *slug, *title;
};
const struct problem_row *problem_row(enum problem problem);

/* The problem of a failure. Memory that the arena may never have, and such that its team may
 * not have now, is told apart from memory that others have just now. */
enum problem problem_of(enum sc_status status, const struct sc_arena *arena);

/* The problem without a request, as a literal of JSON. */
const char *problem_bare(enum problem problem);

/* The problem that stands for an HTTP status by which the layer below refuses. */
enum problem problem_of_http(int status);

/* Writes the problem as JSON: `note` says what, where and what would be right, `instance` which
 * request it was ("" for none). `near` may be NULL. */
void problem_write(struct sc_writer *out, enum problem problem, const struct sc_note *note,
                   const char *instance, const struct suggestions *near);

/* Says when to come again, by rq->retry_after; a second at least. */
void problem_retry_after(struct http_request *rq);

/* Makes the problem the reply of the request, with rq->note. `near` may be NULL. Never fails:
 * without memory the reply is the bare row. */
void problem_reply(struct http_request *rq, enum problem problem,
                   const struct suggestions *near);
