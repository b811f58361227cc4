/* call.c - what all handlers of bodies share: headers and query before it, the reply after. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "reply.h"
#include "server.h"

/* ---- before the body ---- */

static enum sc_status check_encoding(struct http_request *rq)
{
    const char *encoding = http_header(rq, "Content-Encoding");

    if (encoding == NULL || strcasecmp(encoding, "identity") == 0) return SC_OK;
    return sc_fail(&rq->note, SC_UNSUPPORTED, NULL,
                   "Content-Encoding '%.64s' is not taken; send the body as it is", encoding);
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

static enum sc_status read_query(struct call *call)
{
    const struct http_fields *query = &call->rq->query;

    for (size_t i = 0; i < query->count; i++)
        SC_TRY(sc_args_add_raw(&call->args, query->item[i].name, query->item[i].value,
                               &call->rq->arena, &call->rq->note));
    return options_take(&call->options, &call->args, &call->rq->note);
}

enum sc_status call_check_body(struct call *call)
{
    SC_TRY(check_encoding(call->rq));
    SC_TRY(read_deadline(call));
    return read_query(call);
}

enum sc_status call_check(struct call *call)
{
    struct http_request *rq = call->rq;

    SC_TRY(codec_accept(http_header(rq, "Accept"), &call->forms, &rq->note));
    return call_check_body(call);
}

enum sc_status call_no_operation(struct call *call, const char *family, const char *name)
{
    suggest_operations(&call->near, family, name, &call->rq->arena);
    call->problem = PROBLEM_NO_OPERATION;
    return sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                   "no operation '%.32s/%.64s'; GET /v1/operations lists them", family, name);
}

/* ---- with the body ---- */

struct codec_source call_source(struct call *call)
{
    struct http_request *rq = call->rq;

    return (struct codec_source){.body = rq->body,
                                 .content_type = http_header(rq, "Content-Type"),
                                 .name = "",
                                 .limits = &call->server->config->limits,
                                 .arena = &rq->arena};
}

static bool is_late(const struct call *call)
{
    return call->deadline != 0 && clock_us() > call->deadline;
}

bool call_stops(const struct call *call)
{
    return is_late(call) || http_gone(call->rq);
}

static bool stop(void *context)
{
    return call_stops(context);
}

struct sc_exec call_exec(struct call *call)
{
    const struct config *config = call->server->config;

    return (struct sc_exec){.threads = call->rq->on_executor ? (int)config->threads : 1,
                            .arena = &call->rq->arena,
                            .limits = &config->limits,
                            .state = call->options.on[OPTION_STATE],
                            .stop = stop,
                            .context = call};
}

enum sc_status call_in_time(struct call *call)
{
    if (!is_late(call)) return SC_OK;
    return sc_fail(&call->rq->note, SC_STOPPED, NULL,
                   "the deadline, X-Request-Timeout or `timeout`, passed before the "
                   "computation began");
}

enum sc_status call_reply(struct call *call, const struct codec_results *results)
{
    const struct codec_style style = {.nonfinite_token = call->options.on[OPTION_NONFINITE]};
    struct http_request *rq = call->rq;
    const struct codec *used;
    struct sc_writer out;

    sc_writer_init(&out, &rq->arena);
    SC_TRY(codec_encode(&call->forms, results, &style, &out, &used, &rq->note));
    return reply_written(rq, used->media_type, &out);
}
