/* health.c - GET /healthz, /readyz and /v2/health/: static bodies, no memory, no lock.
 */
#include <stdatomic.h>

#include "problem.h"
#include "reply.h"
#include "server.h"

static struct sc_bytes text(const char *body)
{
    return sc_bytes(body, strlen(body));
}

enum sc_status handle_health(struct call *call)
{
    reply_bytes(call->rq, "application/json", text("{\"status\":\"ok\"}\n"));
    return SC_OK;
}

enum sc_status handle_v2_live(struct call *call)
{
    reply_bytes(call->rq, "application/json", text("{\"live\":true}\n"));
    return SC_OK;
}

static void refuse(struct http_request *rq)
{
    rq->reply.status = 503;
    problem_retry_after(rq);
}

/* Clients look only for status 200. */
enum sc_status handle_v2_ready(struct call *call)
{
    const bool ready = atomic_load(&call->server->phase) == READY;

    reply_bytes(call->rq, "application/json",
                text(ready ? "{\"ready\":true}\n" : "{\"ready\":false}\n"));
    if (!ready) refuse(call->rq);
    return SC_OK;
}

enum sc_status handle_ready(struct call *call)
{
    static const char *const body[] = {
        [STARTING] = "{\"status\":\"starting\"}\n",
        [READY] = "{\"status\":\"ok\"}\n",
        [DRAINING] = "{\"status\":\"draining\"}\n",
    };
    const enum phase phase = atomic_load(&call->server->phase);

    reply_bytes(call->rq, "application/json", text(body[phase]));
    if (phase != READY) refuse(call->rq);
    return SC_OK;
}
