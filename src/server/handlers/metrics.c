/* metrics.c - GET /metrics: the text format of Prometheus. */
#include "metrics.h"
#include "reply.h"
#include "server.h"

enum sc_status handle_metrics(struct call *call)
{
    struct sc_writer out;

    sc_writer_init(&out, &call->rq->arena);
    SC_TRY(reply_room(call->rq, &out, metrics_size(call->server), &call->server->budget));
    metrics_write(&out, call->server, call->rq);
    return reply_written(call->rq, "text/plain; version=0.0.4; charset=utf-8", &out);
}
