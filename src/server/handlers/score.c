/* score.c - tensors in, reports out: POST /v1/{family}/{name} for one operation, POST
 * /v1/score for several. */
#include "clock.h"
#include "server.h"

enum sc_status check_tensors(struct call *call)
{
    SC_TRY(call_check(call));
    return tasks_check_work(&call->work);
}

static enum sc_status decode(struct call *call, struct tasks *tasks)
{
    const struct codec_source source = call_source(call);
    struct codec_payload payload = {0};
    enum sc_status status;

    call_begin_decoding(call);
    status = codec_decode(&source, &payload, &call->rq->note);
    call->rq->format = payload.format;
    SC_TRY(call_end_decoding(call, status));
    if (call->rq->deferred) return SC_OK;
    return tasks_make(&call->work, &payload, tasks);
}

static enum sc_status encode(struct call *call, const struct tasks *tasks)
{
    struct codec_results results;

    SC_TRY(tasks_results(&call->work, tasks, &results));
    return call_reply(call, &results);
}

enum sc_status handle_score(struct call *call)
{
    struct http_timing *timing = &call->rq->timing;
    struct tasks tasks;
    int64_t now = sc_clock_us();

    SC_TRY(call_lap(decode(call, &tasks), &timing->decoded, &now));
    if (call_defer_tasks(call, &tasks)) return SC_OK;
    SC_TRY(call_lap(call_run(call, &tasks), &timing->computed, &now));
    return call_lap(encode(call, &tasks), &timing->encoded, &now);
}
