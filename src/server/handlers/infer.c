/* infer.c - POST /v2/models/{model}/infer: an operation as a model. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "reply.h"
#include "server.h"
#include "statistics.h"
#include "v2_model.h"

#define JSON_SIZE "Inference-Header-Content-Length"

/* ---- before the body ---- */

/* How much of the body is JSON, by the header; SIZE_MAX: all of it, there is no header. */
static enum sc_status read_json_size(struct call *call, size_t *out)
{
    const char *text = http_header(call->rq, JSON_SIZE);
    uint64_t size;

    *out = SIZE_MAX;
    if (text == NULL) return SC_OK;
    if (!sc_read_whole(sc_bytes(text, strlen(text)), SIZE_MAX - 1, &size))
        return sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                       JSON_SIZE " is '%.40s'; it takes a number of bytes", text);
    *out = (size_t)size;
    return SC_OK;
}

/* The bytes behind the JSON shall be aligned, so that tensors can be views of them. */
static enum sc_status align_body(struct call *call)
{
    size_t json_size;

    SC_TRY(read_json_size(call, &json_size));
    if (json_size != SIZE_MAX) call->rq->body_shift = -json_size % SC_ARENA_ALIGN;
    return SC_OK;
}

/* What is the protocol's stands in the body, as its clients write it. */
static enum sc_status check_query(struct call *call)
{
    const struct sc_args *args = &call->work.args;

    for (size_t i = 0; i < args->count; i++)
        if (v2_is_own(args->item[i].name))
            return sc_fail(
                &call->rq->note, SC_BAD_PARAM, NULL,
                "'%.64s' is a parameter of the protocol: put it into 'parameters' of "
                "the JSON, not into the query",
                args->item[i].name);
    return SC_OK;
}

enum sc_status check_infer(struct call *call)
{
    SC_TRY(call_check_body(call));
    SC_TRY(check_query(call));
    SC_TRY(align_body(call));
    return tasks_check_work(&call->work);
}

/* ---- with the body ---- */

/* The one input that must be there; NULL: there are several. */
static const struct sc_input *lone_input(const struct sc_op *op)
{
    const struct sc_input *lone = NULL;

    for (int i = 0; i < op->inputs; i++) {
        if (!op->input[i].required) continue;
        if (lone != NULL) return NULL;
        lone = &op->input[i];
    }
    return lone;
}

static enum sc_status decode_raw(struct call *call, const struct codec_source *source,
                                 struct v2_request *out)
{
    const struct sc_input *input = lone_input(call->work.op);

    if (input == NULL)
        return sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                       JSON_SIZE " is 0: the body is one tensor, but %s.%s has several inputs",
                       sc_family_name(call->work.op->family), call->work.op->name);
    return v2_decode_raw(source, input->name, v2_input_dtype(call->work.op, input), out,
                         &call->rq->note);
}

static enum sc_status read_body(struct call *call, struct v2_request *out)
{
    const struct codec_source source = call_source(call);
    const size_t size = source.body.size;
    size_t json_size = 0;

    SC_TRY(read_json_size(call, &json_size));
    if (json_size == SIZE_MAX) json_size = size;
    if (json_size > size)
        return sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                       JSON_SIZE " is %zu, but the body has %zu bytes", json_size, size);
    if (json_size == 0 && size > 0) return decode_raw(call, &source, out);
    return v2_decode(&source, json_size, out, &call->rq->note);
}

/* `timeout` counts from when the body was there; the earlier deadline holds. */
static void set_deadline(struct http_request *rq, int64_t timeout)
{
    const int64_t began = sc_clock_of(&rq->started);
    int64_t deadline;

    if (timeout == 0 || __builtin_add_overflow(began + rq->timing.received, timeout, &deadline))
        return;
    if (rq->deadline == 0 || deadline < rq->deadline) rq->deadline = deadline;
}

static enum sc_status decode(struct call *call, struct v2_request *request, struct tasks *tasks)
{
    call_begin_decoding(call);
    SC_TRY(call_end_decoding(call, read_body(call, request)));
    if (call->rq->deferred) return SC_OK;
    set_deadline(call->rq, request->timeout);
    SC_TRY(tasks_make(&call->work, &request->payload, tasks));
    return v2_ask(&call->work, request, &tasks->item[0]);
}

/* Tells the caller how much of the reply is JSON. */
static enum sc_status reply_json_size(struct http_request *rq, size_t size)
{
    const char *text = sc_arena_printf(&rq->arena, "%zu", size);

    if (text == NULL) return sc_fail(&rq->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    http_reply_header(rq, JSON_SIZE, text);
    return SC_OK;
}

static enum sc_status encode(struct call *call, const struct v2_request *request,
                             const struct sc_report *report)
{
    const struct codec_style style = work_style(&call->work);
    struct http_request *rq = call->rq;
    struct v2_reply reply = {.model = v2_model_name(call->work.op, &rq->arena),
                             .version = ROUTE_VERSION,
                             .id = request->id,
                             .report = report,
                             .whole = request->report};
    struct sc_writer out;
    size_t json_size;
    bool binary;

    sc_writer_init(&out, &rq->arena);
    SC_TRY(v2_outputs(&call->work, request, report, &reply));
    SC_TRY(v2_encode(&reply, &style, &out, &json_size, &binary, &rq->note));
    if (binary) SC_TRY(reply_json_size(rq, json_size));
    return reply_written(rq, binary ? "application/octet-stream" : "application/json", &out);
}

static enum sc_status infer(struct call *call, struct v2_request *request)
{
    struct http_timing *timing = &call->rq->timing;
    struct tasks tasks;
    int64_t now = sc_clock_us();

    SC_TRY(call_lap(decode(call, request, &tasks), &timing->decoded, &now));
    if (call_defer_tasks(call, &tasks)) return SC_OK;
    SC_TRY(call_lap(call_run(call, &tasks), &timing->computed, &now));
    return call_lap(encode(call, request, &tasks.item[0].report), &timing->encoded, &now);
}

/* ---- failures ---- */

/* Replaces the beginning of a pointer, if it is `from`, whole. */
static bool move(struct sc_note *note, const char *from, const char *to)
{
    const size_t size = strlen(from);
    char rest[96];

    if (strncmp(note->pointer, from, size) != 0 ||
        (note->pointer[size] != '/' && note->pointer[size] != '\0'))
        return false;
    snprintf(rest, sizeof rest, "%.95s", note->pointer + size);
    snprintf(note->pointer, sizeof note->pointer, "%s%s", to, rest);
    return true;
}

/* An input that is missing is nowhere in the body. */
static void locate_missing(struct sc_note *note, const struct sc_op *op)
{
    for (int i = 0; i < op->inputs; i++)
        if (strcmp(note->pointer + strlen("#/"), op->input[i].name) == 0)
            snprintf(note->pointer, sizeof note->pointer, "#/inputs");
}

/* The core knows inputs and parameters by name; here is where they stand in the body. */
static void locate(struct sc_note *note, const struct sc_op *op,
                   const struct sc_tensors *inputs)
{
    char from[SC_POINTER_SIZE], to[32];

    if (note->pointer[0] == '\0' || move(note, "#/params", "#/parameters")) return;
    for (size_t i = 0; i < inputs->count; i++) {
        sc_pointer(from, "#", inputs->item[i].name);
        snprintf(to, sizeof to, "#/inputs/%zu", i);
        if (move(note, from, to)) return;
    }
    locate_missing(note, op);
}

enum sc_status handle_infer(struct call *call)
{
    struct http_request *rq = call->rq;
    struct v2_request request = {.id = NULL};
    enum sc_status status;

    rq->format = "v2";
    status = infer(call, &request);
    if (rq->deferred) return status;
    if (status != SC_OK) locate(&rq->note, call->work.op, &request.payload.tensors);
    statistics_add(call->server->statistics, call->work.op, &rq->timing, status == SC_OK);
    return status;
}
