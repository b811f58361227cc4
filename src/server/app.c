/* app.c - what the HTTP layer calls: routing, then the handler, then the log.
 *
 * A request without a body is answered in `begin`: it needs no memory of its own, so health
 * and readiness answer whatever the load. */
#include <stdio.h>

#include "access.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "problem.h"
#include "route.h"
#include "server.h"

static void refuse_path(struct call *call)
{
    struct http_request *rq = call->rq;

    suggest_paths(&call->work.near, rq->path, &rq->arena);
    sc_fail(&rq->note, SC_BAD_INPUT, NULL, "no path '%.128s'; GET / lists the paths", rq->path);
    problem_reply(rq, PROBLEM_NO_PATH, &call->work.near);
}

static void refuse_method(struct http_request *rq, const char *allow)
{
    sc_fail(&rq->note, SC_BAD_INPUT, NULL, "'%.128s' does not take %.16s; it takes %s",
            rq->path, rq->method_text, allow);
    problem_reply(rq, PROBLEM_NO_METHOD, NULL);
    http_reply_header(rq, "Allow", allow);
}

static void reply_options(struct http_request *rq, unsigned methods)
{
    rq->reply.status = 204;
    http_reply_header(rq, "Allow", route_allow(methods));
}

/* Says which limit it was. */
static void tell_memory(const struct call *call)
{
    struct sc_note *note = &call->rq->note;
    const size_t used = strlen(note->detail);

    snprintf(note->detail + used, sizeof note->detail - used,
             "; a request may have %lld bytes (limit `request_memory_bytes`, see --memory)",
             (long long)call->server->config->request_memory);
}

/* Says which deadline it was, where that is not known to those who stopped. */
static void tell_deadline(const struct call *call)
{
    struct sc_note *note = &call->rq->note;
    const size_t used = strlen(note->detail);

    if (strstr(note->detail, "X-Request-Timeout") != NULL) return;
    snprintf(note->detail + used, sizeof note->detail - used,
             "; the deadline is X-Request-Timeout, `timeout` or the limit `rest_seconds`");
}

/* What was stopped because the client left has no reply. */
static void finish(const struct call *call, enum sc_status status)
{
    const enum problem problem = work_problem(&call->work, status);

    if (status == SC_OK || (status == SC_STOPPED && http_gone(call->rq))) return;
    if (problem == PROBLEM_HEAVY) tell_memory(call);
    if (problem == PROBLEM_STOPPED) tell_deadline(call);
    problem_reply(call->rq, problem, &call->work.near);
}

static enum sc_status no_operation(struct call *call, const struct route_match *match)
{
    return strncmp(call->rq->path, "/v2/", strlen("/v2/")) == 0
               ? work_no_model(&call->work, match->family, match->name)
               : work_no_operation(&call->work, match->family, match->name);
}

/* Finds the route and the operation; false: the reply is there already. */
static bool find(struct call *call)
{
    struct http_request *rq = call->rq;
    const bool everything = strcmp(rq->path, "*") == 0;
    const struct route_match match = route_find(rq->method, rq->path);

    call->route = match.route;
    if (match.route != NULL) {
        rq->route = match.route->path;
        rq->probe = match.route->use != USE_NORMAL;
    }
    if (match.names_operation) call->work.op = sc_op_find(match.family, match.name);
    if (match.methods == 0 && !everything)
        refuse_path(call);
    else if (match.names_operation && call->work.op == NULL)
        finish(call, no_operation(call, &match));
    else if (rq->method == HTTP_OPTIONS)
        reply_options(rq, match.methods);
    else if (match.route == NULL)
        refuse_method(rq, everything ? "OPTIONS" : route_allow(match.methods));
    return rq->reply.status == 0;
}

static enum sc_status refuse_body(struct http_request *rq)
{
    const char *length = http_header(rq, "Content-Length");
    const bool empty = length == NULL || length[strspn(length, "0")] == '\0';

    if (empty && http_header(rq, "Transfer-Encoding") == NULL) return SC_OK;
    rq->reply.close = true;
    return sc_fail(&rq->note, SC_BAD_INPUT, NULL, "%.128s takes no body", rq->path);
}

/* The call must live until the body is there. */
static struct call *keep(const struct call *call)
{
    struct call *kept = sc_arena_alloc(&call->rq->arena, sizeof *kept);

    if (kept == NULL) return NULL;
    *kept = *call;
    call->rq->user = kept;
    return kept;
}

static enum sc_status answer(struct call *call)
{
    SC_TRY(refuse_body(call->rq));
    return call->route->handle(call);
}

/* What can be told before the body comes. */
static enum sc_status prepare(struct call *call, handler_fn *check)
{
    SC_TRY(check(call));
    call->rq->extra_memory = call_extra_memory(call, access_announced(call->rq));
    return SC_OK;
}

static void start(struct call *call)
{
    static handler_fn *const checks[] = {[BODY_TENSORS] = check_tensors,
                                         [BODY_STATES] = check_states,
                                         [BODY_INFER] = check_infer};
    const enum route_body body = call->route->body;
    struct call *kept;

    if (body == BODY_NONE)
        finish(call, answer(call));
    else if (body == BODY_UNREAD)
        finish(call, call->route->handle(call));
    else if ((kept = keep(call)) != NULL)
        finish(kept, prepare(kept, checks[body]));
    else
        finish(call, sc_fail(&call->rq->note, SC_NO_MEMORY, NULL, "no memory for a request"));
}

/* Only health and the like for those who came when all connections were taken. */
static void refuse_crowd(struct http_request *rq)
{
    sc_fail(&rq->note, SC_BAD_INPUT, NULL,
            "all connections are taken (limit `connections`); try again");
    problem_reply(rq, PROBLEM_BUSY, NULL);
}

static void refuse_address(struct http_request *rq, const char *what)
{
    sc_fail(&rq->note, SC_BAD_INPUT, NULL, "'%.128s' is not served at this address: %s",
            rq->path, what);
    problem_reply(rq, PROBLEM_NO_PATH, NULL);
}

/* False: the reply is there already. Metrics are at an address of their own, if there is one;
 * only who may see it can connect to that, so it asks for no key. */
static bool enter(struct call *call)
{
    const bool metrics = call->route->use == USE_METRICS;

    if (call->route->key == KEY_OPEN || (metrics && call->rq->monitor)) return true;
    if (call->rq->monitor)
        refuse_address(call->rq, "it has health and metrics");
    else if (metrics && call->server->config->metrics_listen != NULL)
        refuse_address(call->rq, "metrics are at that of --metrics-listen");
    else if (call->rq->crowded && !metrics)
        refuse_crowd(call->rq);
    else
        finish(call, access_check(call));
    return call->rq->reply.status == 0;
}

static void on_begin(struct http_request *rq, void *context)
{
    struct server *server = context;
    struct call call = {
        .server = server,
        .rq = rq,
        .work = {.limits = &server->config->limits, .arena = &rq->arena, .note = &rq->note}};
    struct call *last;

    if (find(&call) && enter(&call)) start(&call);
    last = rq->user != NULL ? rq->user : &call;
    if (rq->reply.status != 0) access_refused(last);
    access_headers(last);
}

static enum sc_status serve_call(struct call *call)
{
    SC_TRY(call_inflate(call));
    if (call->rq->deferred) return SC_OK;
    SC_TRY(call->route->handle(call));
    if (!call->rq->deferred) call_deflate(call);
    return SC_OK;
}

static void on_serve(struct http_request *rq, void *context)
{
    struct call *call = rq->user;

    (void)context;
    if (call == NULL) return;
    access_received(call);
    finish(call, serve_call(call));
    access_headers(call);
}

static int64_t cost(const struct http_request *rq, void *context)
{
    (void)context;
    return call_us((int64_t)rq->body.size);
}

static void on_refuse(struct http_request *rq, int status, const char *reason, void *context)
{
    struct call *call = rq->user;

    (void)context;
    sc_fail(&rq->note, SC_BAD_INPUT, NULL, "%s", reason);
    problem_reply(rq, rq->no_memory ? PROBLEM_NO_MEMORY : problem_of_http(status), NULL);
    if (call == NULL) return;
    access_refused(call);
    access_headers(call);
}

static const char *on_bare(int status)
{
    return problem_bare(problem_of_http(status));
}

static void on_done(struct http_request *rq, bool sent, void *context)
{
    struct server *server = context;
    struct call *call = rq->user;
    struct team *team = rq->tenant ? (struct team *)rq->tenant : &server->teams.everybody;
    const struct sc_op *op = call ? call->work.op : NULL;
    const int64_t total = sc_clock_us() - sc_clock_of(&rq->started);

    if (call != NULL) access_received(call);
    metrics_add(server->metrics, &(struct metrics_request){
                                     .op = op,
                                     .route = rq->route,
                                     .format = rq->format,
                                     .team = rq->team,
                                     .places = &team->series,
                                     .share = metrics_share(atomic_load(&server->teams.count)),
                                     .status = rq->reply.status,
                                     .total_us = total,
                                     .timing = &rq->timing,
                                     .ran = rq->format != NULL,
                                     .probe = rq->probe});
    log_request(&(struct log_entry){.rq = rq, .op = op, .total_us = total, .sent = sent});
}

struct http_app app_of(struct server *server)
{
    return (struct http_app){.begin = on_begin,
                             .serve = on_serve,
                             .cost = cost,
                             .refuse = on_refuse,
                             .done = on_done,
                             .bare = on_bare,
                             .context = server};
}
