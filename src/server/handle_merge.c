/* handle_merge.c - POST /v1/merge/{family}/{name}: saved states in, the report of all together
 * out. States are loaded and added one after another: in memory are the sum and one more. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "server.h"
#include "states.h"

#define INLINE_BODY 8192 /* bytes of states that load within a millisecond */

/* ---- before the body ---- */

/* Parameters of the operation are in the states. */
static enum sc_status check_args(struct call *call, const struct sc_args *args)
{
    char pointer[96];

    if (args->count == 0) return SC_OK;
    snprintf(pointer, sizeof pointer, "#/params/%.64s", args->item[0].name);
    return sc_fail(&call->rq->note, SC_BAD_PARAM, pointer,
                   "merging has no parameter '%.64s', only nonfinite and state: those of the "
                   "operation are in the states",
                   args->item[0].name);
}

enum sc_status check_states(struct call *call)
{
    const struct sc_op *op = call->op;

    if (!op->mergeable)
        return sc_fail(&call->rq->note, SC_BAD_STATE, NULL,
                       "%s/%s has no states to merge: it cannot be evaluated in pieces; "
                       "GET /v1/operations says which operations are mergeable",
                       sc_family_name(op->family), op->name);
    SC_TRY(call_check(call));
    return check_args(call, &call->args);
}

/* ---- with the body ---- */

/* A sum that is 0 is a byte in a state, and half a kilobyte in memory. */
static bool defer(struct http_request *rq)
{
    rq->deferred = !rq->on_executor && rq->body.size > INLINE_BODY;
    return rq->deferred;
}

static enum sc_status open_body(struct call *call, struct codec_states *states)
{
    const struct codec_source source = call_source(call);

    SC_TRY(codec_states_open(&source, states, &call->rq->note));
    SC_TRY(options_take(&call->options, &states->args, &call->rq->note));
    return check_args(call, &states->args);
}

/* Whatever is wrong in a state makes it one that does not fit; says which would. */
static enum sc_status misfit(struct call *call, enum sc_status status)
{
    struct sc_note *note = &call->rq->note;
    char why[sizeof note->detail];

    if (status == SC_OK || status == SC_NO_MEMORY) return status;
    snprintf(why, sizeof why, "%s", note->detail);
    return sc_fail(note, SC_BAD_STATE, NULL,
                   "%.150s; states are the `state` of replies of %s/%s, as they came, all with "
                   "the same parameters and classes",
                   why, sc_family_name(call->op->family), call->op->name);
}

/* Adds a state to the sum, or makes it the sum when there is none yet. */
static enum sc_status add(struct call *call, struct sc_bytes state, struct sc_arena *arena,
                          struct sc_eval **sum)
{
    struct http_request *rq = call->rq;
    struct sc_eval *eval;

    SC_TRY(misfit(call,
                  sc_eval_load(call->op, state.data, state.size, &call->server->config->limits,
                               *sum ? arena : &rq->arena, &eval, &rq->note)));
    if (*sum != NULL) return misfit(call, sc_eval_merge(*sum, eval, &rq->note));
    *sum = eval;
    return SC_OK;
}

/* Takes the next state, in an arena of its own; `more` false: there is none. */
static enum sc_status take(struct call *call, struct codec_states *states, struct sc_eval **sum,
                           bool *more)
{
    struct sc_arena *whole = &call->rq->arena, own;
    struct sc_note *note = &call->rq->note;
    struct sc_bytes state = {0};
    enum sc_status status;

    sc_arena_init(&own, whole->limit - whole->held, whole->budget);
    status = codec_states_next(states, &own, &state, note);
    *more = state.data != NULL;
    if (status == SC_OK && *more) status = add(call, state, &own, sum);
    if (status != SC_OK)
        snprintf(note->pointer, sizeof note->pointer, "#/states/%" PRId64, states->count - 1);
    whole->over_limit = whole->over_limit || own.over_limit;
    sc_arena_done(&own);
    return status;
}

static enum sc_status add_all(struct call *call, struct codec_states *states,
                              struct sc_eval **sum)
{
    bool more = true;

    while (more) {
        if (call_stops(call))
            return sc_fail(&call->rq->note, SC_STOPPED, NULL, "stopped between two states");
        SC_TRY(take(call, states, sum, &more));
    }
    return SC_OK;
}

static enum sc_status report(struct call *call, const struct sc_eval *sum,
                             struct sc_report *out)
{
    struct http_request *rq = call->rq;
    uint8_t *state;
    size_t size;

    SC_TRY(sc_eval_finish(sum, out, &rq->note));
    if (!call->options.on[OPTION_STATE]) return SC_OK;
    SC_TRY(sc_eval_save(sum, &rq->arena, &state, &size, &rq->note));
    sc_report_bytes(out, "state", state, size);
    return sc_report_status(out, &rq->note);
}

enum sc_status handle_merge(struct call *call)
{
    struct http_timing *timing = &call->rq->timing;
    struct sc_report sum_report;
    const struct codec_result result = {.report = &sum_report};
    const struct codec_results results = {.item = &result, .count = 1};
    struct codec_states states;
    struct sc_eval *sum = NULL;
    int64_t now = clock_us();

    if (defer(call->rq)) return SC_OK;
    SC_TRY(open_body(call, &states));
    timing->decoded = clock_lap(&now);
    SC_TRY(call_in_time(call));
    SC_TRY(add_all(call, &states, &sum));
    SC_TRY(report(call, sum, &sum_report));
    timing->computed = clock_lap(&now);
    SC_TRY(call_reply(call, &results));
    timing->encoded = clock_lap(&now);
    return SC_OK;
}
