/* handle_operation.c - POST /v1/{family}/{name}: tensors in, a report out. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "clock.h"
#include "reply.h"
#include "server.h"

#define INLINE_COST 65536 /* of sc_cost: about 100 us */

/* ---- before the body ---- */

static enum sc_status check_encoding(struct http_request *rq)
{
    const char *encoding = http_header(rq, "Content-Encoding");

    if (encoding == NULL || strcasecmp(encoding, "identity") == 0) return SC_OK;
    return sc_fail(&rq->note, SC_UNSUPPORTED, NULL,
                   "Content-Encoding '%.64s' is not taken; send the body as it is", encoding);
}

static enum sc_status read_query(struct call *call)
{
    const struct http_fields *query = &call->rq->query;

    for (size_t i = 0; i < query->count; i++)
        SC_TRY(sc_args_add_raw(&call->args, query->item[i].name, query->item[i].value,
                               &call->rq->arena, &call->rq->note));
    return SC_OK;
}

static enum sc_status bad_option(struct call *call, const char *text)
{
    return sc_fail(&call->rq->note, SC_BAD_PARAM, "#/params/nonfinite",
                   "parameter 'nonfinite' is '%.40s'; it takes null|token, once", text);
}

/* `nonfinite`: the same word wherever it comes. */
static enum sc_status read_option(struct call *call, const struct sc_arg *arg)
{
    const char *text = arg->count == 1 && !arg->is_list ? arg->text[0] : "a list";
    const bool token = strcmp(text, "token") == 0;

    if (!token && strcmp(text, "null") != 0) return bad_option(call, text);
    if (call->styled && call->style.nonfinite_token != token) return bad_option(call, text);
    call->style.nonfinite_token = token;
    call->styled = true;
    return SC_OK;
}

/* Takes the options of the reply out of the arguments: what is left is for the operation. */
static enum sc_status take_options(struct call *call, struct sc_args *args)
{
    size_t kept = 0;

    for (size_t i = 0; i < args->count; i++) {
        if (strcmp(args->item[i].name, "nonfinite") == 0)
            SC_TRY(read_option(call, &args->item[i]));
        else
            args->item[kept++] = args->item[i];
    }
    args->count = kept;
    return SC_OK;
}

static bool has_param(const struct sc_op *op, const char *name)
{
    for (int i = 0; i < op->params; i++)
        if (strcmp(op->param[i].name, name) == 0) return true;
    return false;
}

/* "did you mean 'reduction'?", or all names when none is near. */
static const char *advice(const struct call *call, char *text, size_t size)
{
    const struct sc_op *op = call->op;
    size_t used;

    if (call->near.count > 0) {
        snprintf(text, size, "did you mean '%s'?", call->near.name[0]);
        return text;
    }
    used = (size_t)snprintf(text, size, "it takes");
    for (int i = 0; i < op->params && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", op->param[i].name);
    return text;
}

/* The core refuses unknown names too; here the near ones are known to the reply. */
static enum sc_status check_names(struct call *call, const struct sc_args *args)
{
    const struct sc_op *op = call->op;
    char text[256], pointer[96];

    for (size_t i = 0; i < args->count; i++) {
        const char *name = args->item[i].name;

        if (has_param(op, name)) continue;
        suggest_params(&call->near, name, op);
        snprintf(pointer, sizeof pointer, "#/params/%.64s", name);
        return sc_fail(&call->rq->note, SC_BAD_PARAM, pointer,
                       "%s/%s has no parameter '%.64s'; %s", sc_family_name(op->family),
                       op->name, name, advice(call, text, sizeof text));
    }
    return SC_OK;
}

/* The caller's own deadline counts from here: the headers have just come. */
static enum sc_status read_deadline(struct call *call)
{
    const char *text = http_header(call->rq, "X-Request-Timeout");
    double seconds;
    char *end;

    if (text == NULL) return SC_OK;
    seconds = strtod(text, &end);
    if (text[strspn(text, "0123456789.")] != '\0' || end == text || *end != '\0' ||
        !(seconds > 0 && seconds <= 86400))
        return sc_fail(
            &call->rq->note, SC_BAD_PARAM, NULL,
            "X-Request-Timeout is '%.40s'; it takes seconds, above 0 and at most 86400", text);
    call->deadline = clock_us() + (int64_t)(seconds * 1e6);
    return SC_OK;
}

enum sc_status check_operation(struct call *call)
{
    struct http_request *rq = call->rq;

    SC_TRY(check_encoding(rq));
    SC_TRY(codec_accept(http_header(rq, "Accept"), &call->forms, &rq->note));
    SC_TRY(read_deadline(call));
    SC_TRY(read_query(call));
    SC_TRY(take_options(call, &call->args));
    SC_TRY(check_names(call, &call->args));
    return sc_check_args(call->op, &call->args, &rq->arena, &rq->note);
}

/* ---- with the body ---- */

static enum sc_status decode(struct call *call, struct codec_payload *payload)
{
    struct http_request *rq = call->rq;
    const struct codec_source source = {.body = rq->body,
                                        .content_type = http_header(rq, "Content-Type"),
                                        .name = "",
                                        .limits = &call->server->config->limits,
                                        .arena = &rq->arena};

    return codec_decode(&source, payload, &rq->note);
}

/* Adds what the body says to what the query said; contradictions are refused. */
static enum sc_status gather(struct call *call, struct sc_args *body)
{
    SC_TRY(take_options(call, body));
    SC_TRY(check_names(call, body));
    for (size_t i = 0; i < body->count; i++)
        SC_TRY(sc_args_add(&call->args, &body->item[i], &call->rq->arena, &call->rq->note));
    return SC_OK;
}

static bool is_late(const struct call *call)
{
    return call->deadline != 0 && clock_us() > call->deadline;
}

/* Asked between blocks of work. */
static bool stop(void *context)
{
    const struct call *call = context;

    return is_late(call) || http_gone(call->rq);
}

static struct sc_exec exec_of(struct call *call)
{
    const struct config *config = call->server->config;

    return (struct sc_exec){.threads = call->rq->on_executor ? (int)config->threads : 1,
                            .arena = &call->rq->arena,
                            .limits = &config->limits,
                            .stop = stop,
                            .context = call};
}

/* A small body can ask for much: thousands of classes. */
static bool defer(struct call *call, const struct sc_tensors *tensors)
{
    const struct sc_exec exec = exec_of(call);

    call->rq->deferred = !call->rq->on_executor &&
                         sc_cost(call->op, tensors, &call->args, &exec) > INLINE_COST;
    return call->rq->deferred;
}

static enum sc_status compute(struct call *call, const struct sc_tensors *tensors,
                              struct sc_report *report)
{
    struct http_request *rq = call->rq;
    const struct sc_exec exec = exec_of(call);

    if (is_late(call))
        return sc_fail(&rq->note, SC_STOPPED, NULL,
                       "X-Request-Timeout passed before the computation began");
    return sc_run(call->op, tensors, &call->args, &exec, report, &rq->note);
}

static enum sc_status encode(struct call *call, const struct sc_report *report)
{
    struct http_request *rq = call->rq;
    const struct codec_result result = {.report = report};
    const struct codec_results results = {.item = &result, .count = 1};
    const struct codec *used;
    struct sc_writer out;

    sc_writer_init(&out, &rq->arena);
    SC_TRY(codec_encode(&call->forms, &results, &call->style, &out, &used, &rq->note));
    return reply_written(rq, used->media_type, &out);
}

enum sc_status handle_operation(struct call *call)
{
    struct http_timing *timing = &call->rq->timing;
    struct codec_payload payload = {0};
    struct sc_report report;
    int64_t now = clock_us();

    SC_TRY(decode(call, &payload));
    SC_TRY(gather(call, &payload.args));
    timing->decoded = clock_lap(&now);
    if (defer(call, &payload.tensors)) return SC_OK;
    SC_TRY(compute(call, &payload.tensors, &report));
    timing->computed = clock_lap(&now);
    SC_TRY(encode(call, &report));
    timing->encoded = clock_lap(&now);
    return SC_OK;
}
