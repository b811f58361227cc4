/* exchange.c - the way of one request: head, body, serving, reply.
 *
 * libmicrohttpd calls exchange_new when it has read the request line, exchange_handle once with
 * the headers, once a piece of the body, once at its end, and exchange_free at the very end. A
 * reply may be given only with the headers or at the end, never in between. */
#include "exchange.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/* For the head of a request and for refusals. It is not taken from the budget, so that health
 * is answered and requests are refused when nothing is left. */
#define HEAD_MEMORY      ((size_t)512 << 10)
#define QUERY_FIELDS_MAX 1024 /* as many as the limit `query_fields` may say */

/* libmicrohttpd takes its pool for the fields of a query too; beyond what it can hold it falls
 * silent. Below, http_target refuses. */
static void shut_down_on_many_fields(const struct exchange *x, const char *target)
{
    int fields = 0;

    for (; *target != '\0'; target++) fields += *target == '&';
    if (fields > QUERY_FIELDS_MAX && x->peer != NULL) shutdown(x->peer->fd, SHUT_RDWR);
}

void *exchange_new(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = cls;
    struct peer *peer = peer_of(connection);
    struct exchange *x;

    exchange_forgotten(peer);
    x = calloc(1, sizeof *x);
    if (x == NULL) return NULL;
    x->server = server;
    x->connection = connection;
    x->peer = peer;
    if (peer != NULL) {
        peer->exchange = x;
        peer_enter(peer, PEER_HEAD);
        x->rq.crowded = peer->crowded;
        x->rq.monitor = peer->monitor;
    }
    clock_gettime(CLOCK_MONOTONIC, &x->rq.started);
    sc_arena_init(&x->rq.arena, HEAD_MEMORY, NULL);
    /* libmicrohttpd cuts and decodes it in place soon; one byte past the limit tells that it is
     * too long. */
    x->target = sc_arena_strndup(
        &x->rq.arena, target, strnlen(target, (size_t)server->config.limits.target_bytes + 1));
    atomic_fetch_add(&server->active, 1);
    shut_down_on_many_fields(x, target);
    return x;
}

bool http_gone(const struct http_request *rq)
{
    const struct exchange *x = (const struct exchange *)rq;
    struct pollfd connection = {.fd = x->peer->fd};

    if (atomic_load(&x->server->stopping)) return true;
    return poll(&connection, 1, 0) > 0 && (connection.revents & (POLLHUP | POLLERR)) != 0;
}

/* From now on memory is for the body and for results, and is counted. */
static void use_budget(struct exchange *x)
{
    const struct http_config *config = &x->server->config;

    x->head = x->rq.arena;
    x->budgeted = true;
    sc_arena_init(&x->rq.arena, (size_t)config->request_memory,
                  admit_is_small(x) ? config->budget : &x->rq.tenant->budget);
}

static void use_head(struct exchange *x)
{
    const struct sc_arena budgeted = x->rq.arena;

    if (!x->budgeted) return;
    x->budgeted = false;
    x->rq.arena = x->head;
    x->head = budgeted;
}

/* Now, for whatever may have to be refused. */
static void note_retry(struct exchange *x)
{
    x->rq.retry_after =
        queue_retry_after(executor_wait(x->server->executor), (unsigned)sc_clock_us());
}

/* The reason, and the value of the limit that it names. */
static const char *explain(struct sc_arena *arena, struct http_verdict verdict)
{
    const char *text = NULL;

    if (verdict.limit != NULL)
        text = sc_arena_printf(arena, "%s, %lld", verdict.reason, (long long)*verdict.limit);
    return text != NULL ? text : verdict.reason;
}

void exchange_refuse(struct exchange *x, struct http_verdict verdict)
{
    const struct http_app *app = x->server->app;

    use_head(x);
    sc_arena_settle(&x->head);
    note_retry(x);
    x->rq.reply = (struct http_reply){0};
    app->refuse(&x->rq, verdict.status, explain(&x->rq.arena, verdict), app->context);
    if (x->rq.reply.status == 0) x->rq.reply.status = verdict.status;
}

/* From now on what comes is read away. False: half of the places are taken by those who do
 * that; the others are for who may be served. */
static bool begin_to_discard(struct exchange *x)
{
    const int64_t most = (x->server->config.limits.connections + 1) / 2;

    if (atomic_fetch_add(&x->server->discarding, 1) >= most) {
        atomic_fetch_sub(&x->server->discarding, 1);
        return false;
    }
    x->discards = true;
    x->stage = EXCHANGE_DISCARDING;
    peer_enter(x->peer, PEER_REFUSED);
    return true;
}

/* A place of the crowd is for health, and not to be held by a body that comes slowly. */
static bool discards(struct exchange *x)
{
    return body_is_discardable(x) && !x->rq.crowded && !request_waits(x) && begin_to_discard(x);
}

/* The reply is decided before the body has come. A client that is still sending does not hear
 * it: unread bytes make the kernel reset the connection. */
static enum MHD_Result turn_away(struct exchange *x)
{
    if (x->body.announced == 0) {
        x->stage = EXCHANGE_DISCARDING;
        return MHD_YES;
    }
    if (discards(x)) return MHD_YES;
    x->rq.reply.close = true;
    atomic_store(&x->peer->unread, true);
    return reply_send(x);
}

/* The target of CONNECT is a host, for a proxy: no path of ours, but good HTTP. */
static struct http_verdict read_target(struct exchange *x)
{
    if (strcmp(x->rq.method_text, "CONNECT") != 0)
        return http_target(&x->rq, x->target, &x->server->config.limits);
    x->rq.path = "*";
    return (struct http_verdict){.status = 0};
}

/* The headers are framed well: may this request come in? */
static struct http_verdict let_in(struct exchange *x)
{
    const struct http_app *app = x->server->app;
    struct http_verdict verdict = read_target(x);
    const struct http_verdict size = body_announce(x);

    if (verdict.status == 0) verdict = size;
    if (verdict.status != 0) return verdict;
    note_retry(x);
    app->begin(&x->rq, app->context);
    if (x->rq.reply.status != 0) return verdict;
    assert(x->rq.tenant != NULL);
    use_budget(x);
    verdict = admit(x);
    return verdict.status != 0 ? verdict : body_reserve(x);
}

static enum MHD_Result receive_head(struct exchange *x, const char *method, const char *version)
{
    struct http_verdict verdict;

    if (x->target == NULL || x->peer == NULL) return MHD_NO;
    if (!peer_enter(x->peer, PEER_BODY)) return MHD_NO;
    x->begun = true;
    verdict = request_read(x, method, version);
    if (verdict.status != 0) {
        exchange_refuse(x, verdict);
        x->rq.reply.close = true;
        atomic_store(&x->peer->unread, true);
        return reply_send(x);
    }
    verdict = let_in(x);
    if (verdict.status != 0) exchange_refuse(x, verdict);
    if (x->rq.reply.status != 0) return turn_away(x);
    x->stage = EXCHANGE_RECEIVING;
    return MHD_YES;
}

static enum MHD_Result receive_piece(struct exchange *x, const char *data, size_t *size)
{
    struct http_verdict verdict = {0};
    enum MHD_Result go_on = peer_is_cut(x->peer) ? MHD_NO : MHD_YES;

    x->rq.came += (int64_t)*size;
    atomic_fetch_add_explicit(&x->peer->came, (int64_t)*size, memory_order_relaxed);
    if (x->stage == EXCHANGE_RECEIVING) verdict = body_append(x, data, *size);
    if (verdict.status != 0) {
        exchange_refuse(x, verdict);
        sc_arena_done(&x->head); /* swapped: what of the body had come */
        if (!begin_to_discard(x)) go_on = MHD_NO;
    }
    if (x->stage == EXCHANGE_DISCARDING && !body_discard(x, *size)) go_on = MHD_NO;
    if (go_on == MHD_NO) atomic_store(&x->peer->unread, true);
    atomic_fetch_add_explicit(&x->server->counts.bytes_in, (int64_t)*size,
                              memory_order_relaxed);
    *size = 0;
    return go_on;
}

void exchange_serve(struct exchange *x)
{
    const struct http_app *app = x->server->app;

    note_retry(x);
    x->timed = true;
    app->serve(&x->rq, app->context);
    if (x->rq.reply.status == 0 && !x->rq.deferred && !http_gone(&x->rq))
        exchange_refuse(
            x, (struct http_verdict){.status = 500,
                                     .reason = "the request was served without a reply"});
}

/* libmicrohttpd, once resumed, reads first if it was reading when it was suspended, and drops a
 * client that has finished sending. Asked a second time for the reply it no longer reads. */
static enum MHD_Result stop_reading(struct exchange *x)
{
    x->stage = EXCHANGE_WHOLE;
    return MHD_YES;
}

/* The body is whole: the rest has a limit, unless the caller's own is sooner. */
static void limit_rest(struct exchange *x)
{
    const int64_t end = sc_clock_us() + x->server->config.limits.rest_seconds * PACE_SECOND;

    if (x->rq.deadline == 0 || x->rq.deadline > end) x->rq.deadline = end;
}

static enum MHD_Result receive_end(struct exchange *x)
{
    const struct http_app *app = x->server->app;

    body_finish(x);
    if (!peer_enter(x->peer, PEER_WORK)) return MHD_NO;
    limit_rest(x);
    x->rq.cost = app->cost(&x->rq, app->context);
    if (x->rq.cost > HTTP_INLINE_US) return stop_reading(x);
    exchange_serve(x);
    return x->rq.deferred ? stop_reading(x) : reply_send(x);
}

enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *size, void **exchange)
{
    struct exchange *x = *exchange;

    (void)cls, (void)connection, (void)url;
    if (x == NULL) return MHD_NO;
    if (x->stage == EXCHANGE_NEW) return receive_head(x, method, version);
    if (*size > 0) return receive_piece(x, data, size);
    switch (x->stage) {
    case EXCHANGE_RECEIVING:
        return receive_end(x);
    case EXCHANGE_WHOLE:
        return queue_enter(x);
    case EXCHANGE_DISCARDING:
    case EXCHANGE_SERVED:
        return reply_send(x);
    default:
        return MHD_YES;
    }
}
