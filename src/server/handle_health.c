/* handle_health.c - GET /healthz and /readyz: static bodies, no memory, no lock. */
#include <stdatomic.h>

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

enum sc_status handle_ready(struct call *call)
{
    static const char *const body[] = {
        [STARTING] = "{\"status\":\"starting\"}\n",
        [READY] = "{\"status\":\"ok\"}\n",
        [DRAINING] = "{\"status\":\"draining\"}\n",
    };
    const enum phase phase = atomic_load(&call->server->phase);

    reply_bytes(call->rq, "application/json", text(body[phase]));
    if (phase != READY) call->rq->reply.status = 503;
    return SC_OK;
}
