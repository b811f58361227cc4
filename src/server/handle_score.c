/* handle_score.c - tensors in, reports out: POST /v1/{family}/{name} for one operation, POST
 * /v1/score for several. */
#include "clock.h"
#include "tasks.h"

/* ---- before the body ---- */

enum sc_status check_tensors(struct call *call)
{
    struct tasks tasks;

    SC_TRY(call_check(call));
    SC_TRY(tasks_choose(call, &call->args, &tasks));
    if (tasks.count == 0) return SC_OK; /* they may come with the body */
    SC_TRY(tasks_take_args(call, &call->args, &tasks));
    return tasks_check_args(call, &tasks);
}

/* ---- with the body ---- */

/* What the query and the body say together; contradictions are refused later. */
static enum sc_status join(struct call *call, const struct sc_args *body, struct sc_args *out)
{
    const struct sc_args *both[] = {&call->args, body};

    *out = (struct sc_args){.count = 0};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->count; i++)
            SC_TRY(sc_args_add(out, &both[k]->item[i], &call->rq->arena, &call->rq->note));
    return SC_OK;
}

static enum sc_status decode(struct call *call, struct tasks *tasks)
{
    const struct codec_source source = call_source(call);
    struct codec_payload payload = {0};
    struct sc_args args;

    SC_TRY(codec_decode(&source, &payload, &call->rq->note));
    SC_TRY(options_take(&call->options, &payload.args, &call->rq->note));
    SC_TRY(join(call, &payload.args, &args));
    SC_TRY(tasks_choose(call, &args, tasks));
    if (tasks->count == 0)
        return sc_fail(&call->rq->note, SC_BAD_PARAM, "#/params/ops",
                       "parameter 'ops' is missing: the operations to score, such as "
                       "?ops=losses/dice,metrics/segmentation");
    SC_TRY(tasks_take_args(call, &args, tasks));
    return tasks_take_tensors(call, &payload.tensors, tasks);
}

static enum sc_status encode(struct call *call, const struct tasks *tasks)
{
    struct codec_result *item = sc_arena_calloc(&call->rq->arena, tasks->count, sizeof *item);
    const struct codec_results results = {.item = item, .count = tasks->count};

    if (item == NULL)
        return sc_fail(&call->rq->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    for (size_t i = 0; i < tasks->count; i++)
        item[i] = (struct codec_result){tasks->item[i].name, &tasks->item[i].report};
    return call_reply(call, &results);
}

enum sc_status handle_score(struct call *call)
{
    struct http_timing *timing = &call->rq->timing;
    struct tasks tasks;
    int64_t now = clock_us();

    SC_TRY(decode(call, &tasks));
    timing->decoded = clock_lap(&now);
    if (tasks_defer(call, &tasks)) return SC_OK;
    SC_TRY(tasks_run(call, &tasks));
    timing->computed = clock_lap(&now);
    SC_TRY(encode(call, &tasks));
    timing->encoded = clock_lap(&now);
    return SC_OK;
}
