/* merge.c - POST /v1/merge/{family}/{name}: saved states in, the report of all together
 * out. States are loaded and added one after another: in memory are the sum and one more. */
#include "merge.h"
#include "clock.h"
#include "server.h"

#define ELEMENTS 64 /* work for each byte of a state, in elements */

enum sc_status check_states(struct call *call)
{
    SC_TRY(merge_check(&call->work));
    SC_TRY(call_check(call));
    return merge_check_args(&call->work, &call->work.args);
}

/* A sum that is 0 is three bytes in a state, and half a kilobyte in memory. */
static bool defer(struct http_request *rq)
{
    rq->cost = call_us((int64_t)rq->body.size * ELEMENTS);
    return call_defer(rq);
}

static enum sc_status open_body(struct call *call, struct codec_states *states)
{
    const struct codec_source source = call_source(call);

    SC_TRY(codec_states_open(&source, states, &call->rq->note));
    SC_TRY(options_take(&call->work.options, &states->args, &call->rq->note));
    return merge_check_args(&call->work, &states->args);
}

static enum sc_status add_all(struct call *call, struct codec_states *states,
                              struct sc_eval **sum)
{
    bool more = true;

    sc_arena_settle(&call->rq->arena); /* what was kept for it is for the arenas of states */
    while (more) {
        if (call_stops(call))
            return sc_fail(&call->rq->note, SC_STOPPED, NULL, "stopped between two states");
        SC_TRY(merge_next(&call->work, states, sum, &more));
    }
    return SC_OK;
}

static enum sc_status merge(struct call *call, struct codec_states *states,
                            struct sc_report *report)
{
    struct sc_eval *sum = NULL;

    SC_TRY(call_in_time(call, "computation"));
    SC_TRY(add_all(call, states, &sum));
    SC_TRY(merge_report(&call->work, sum, report));
    return call_in_time(call, "reply");
}

enum sc_status handle_merge(struct call *call)
{
    struct http_timing *timing = &call->rq->timing;
    struct sc_report report;
    const struct codec_result result = {.report = &report};
    const struct codec_results results = {.item = &result, .count = 1};
    struct codec_states states;
    int64_t now = sc_clock_us();

    call->rq->format = "json";
    if (defer(call->rq)) return SC_OK;
    SC_TRY(call_lap(open_body(call, &states), &timing->decoded, &now));
    SC_TRY(call_lap(merge(call, &states, &report), &timing->computed, &now));
    return call_lap(call_reply(call, &results), &timing->encoded, &now);
}
