/* queue.c - from an I/O thread to the executor, and back. */
#include "exchange.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>

#define RETRY_MAX 60
#define INTERIM   "HTTP/1.1 100 Continue\r\n\r\n"

static struct exchange *exchange_of(const struct job *job)
{
    return (struct exchange *)((uintptr_t)job - offsetof(struct exchange, job));
}

struct executor_usage http_usage(const struct http_request *rq,
                                 const struct http_tenant *tenant)
{
    const struct exchange *x = (const struct exchange *)rq;

    return executor_usage(x->server->executor, tenant->flow);
}

int queue_retry_after(int64_t wait_us, unsigned chance)
{
    const int64_t wait = wait_us / 1000000 + 1, most = wait < RETRY_MAX ? wait : RETRY_MAX;
    const int64_t seconds = most + chance % (most / 2 + 2);

    return (int)(seconds < RETRY_MAX ? seconds : RETRY_MAX);
}

/* It waited too long, or its client has left. */
static void turn_out(struct exchange *x)
{
    const int64_t deadline = x->rq.deadline;

    if (http_gone(&x->rq)) return;
    if (deadline != 0 && sc_clock_us() > deadline)
        exchange_refuse(
            x,
            (struct http_verdict){
                .status = 504,
                .reason = "the deadline, X-Request-Timeout or `rest_seconds`, passed while the "
                          "request waited for a thread"});
    else
        exchange_refuse(x, (struct http_verdict){
                               503,
                               "the request waited for a thread for longer than the limit "
                               "`queue_seconds`",
                               &x->server->config.limits.queue_seconds});
}

/* It has finished sending; one that was closed looks the same. */
static bool has_finished(int fd)
{
    struct pollfd connection = {.fd = fd, .events = POLLRDHUP};

    return poll(&connection, 1, 0) > 0 && (connection.revents & POLLRDHUP) != 0;
}

/* It has all that we sent before, so that this goes whole. */
static bool is_clear(int fd)
{
    int waiting = 1;

    return ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

/* Is a client that has finished sending still there? One that has closed answers anything with
 * a reset, which the next look sees; one that waits for its reply takes an interim one before
 * it, as every client of HTTP/1.1 has to (RFC 9110, 15.2). Nobody else writes: the connection
 * is suspended. In TLS nobody but libmicrohttpd can. */
static void ask(struct exchange *x)
{
    const int fd = x->peer->fd;

    if (x->asked || !x->http11 || x->server->config.tls) return;
    if (!has_finished(fd) || !is_clear(fd)) return;
    x->asked = true;
    send(fd, INTERIM, strlen(INTERIM), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool is_dead(const struct job *job)
{
    struct exchange *x = exchange_of(job);

    if (http_gone(&x->rq)) return true;
    ask(x);
    return false;
}

static struct http_verdict is_full(const struct exchange *x)
{
    return (struct http_verdict){503, "the queue of requests is full: the limit `queue_jobs`",
                                 &x->server->config.limits.queue_jobs};
}

/* The caller's deadline may have been read meanwhile, from the body. */
static int64_t expiry(const struct exchange *x)
{
    const int64_t longest = x->queued + x->server->config.limits.queue_seconds * 1000000;

    return x->rq.deadline != 0 && x->rq.deadline < longest ? x->rq.deadline : longest;
}

/* What is too much for the I/O thread is perhaps small; what is too much for that lane too is
 * large. Either way its memory is no longer that of small requests. */
static struct http_verdict submit(struct exchange *x)
{
    struct http_tenant *tenant = x->rq.tenant;
    const enum lane lane = x->rq.cost <= HTTP_SMALL_US ? LANE_SMALL : LANE_LARGE;

    if (!sc_arena_charge(&x->rq.arena, &tenant->budget)) return admit_no_memory(x);
    if (!executor_reserve(x->server->executor, lane, &tenant->flow[lane])) return is_full(x);
    x->job.flow = &tenant->flow[lane];
    x->job.cost = x->rq.cost;
    x->job.expires = expiry(x);
    x->rq.deferred = false;
    if (x->stage == EXCHANGE_WHOLE) MHD_suspend_connection(x->connection);
    x->stage = EXCHANGE_QUEUED;
    executor_submit(x->server->executor, lane, &x->job, atomic_load(&tenant->weight));
    return (struct http_verdict){0};
}

static void serve(struct exchange *x, enum fate fate)
{
    x->rq.on_executor = true;
    x->rq.parallel = fate == FATE_PARALLEL;
    x->rq.deferred = false;
    exchange_serve(x);
}

/* On a thread of the executor. Once submitted again, or resumed, the request is no longer ours.
 */
static int64_t run(struct job *job, enum fate fate)
{
    struct exchange *x = exchange_of(job);
    int64_t others;

    x->rq.timing.queued = sc_clock_us() - x->queued;
    x->rq.others_ns = 0;
    if (fate == FATE_DROPPED)
        turn_out(x);
    else if (!http_gone(&x->rq))
        serve(x, fate);
    others = x->rq.others_ns / 1000;
    if (x->rq.deferred) {
        const struct http_verdict verdict = submit(x);

        if (verdict.status == 0) return others;
        exchange_refuse(x, verdict);
    }
    x->stage = EXCHANGE_SERVED;
    MHD_resume_connection(x->connection);
    return others;
}

struct executor_calls queue_calls(void)
{
    return (struct executor_calls){.run = run, .dead = is_dead};
}

/* Suspended before it is submitted: the executor may be done with it at any moment. */
enum MHD_Result queue_enter(struct exchange *x)
{
    struct http_verdict verdict;

    x->queued = sc_clock_us();
    x->job.came = x->queued;
    verdict = submit(x);
    if (verdict.status == 0) return MHD_YES;
    exchange_refuse(x, verdict);
    return reply_send(x);
}
