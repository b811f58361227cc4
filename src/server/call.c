/* call.c - what all handlers of bodies share: headers and query before it, the reply after. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "reply.h"
#include "server.h"

#define EXTRA_MEMORY     ((int64_t)64 << 10)
#define INFLATED         4   /* what a body is after its coding, by what it was before, often */
#define ELEMENTS_OF_1_US 656 /* bytes of a body, or elements of tasks_cost */

/* What decoding may allocate on a thread that is not for large work. Bodies of numbers need no
 * more, by the sizes that come to these threads. */
#define INLINE_MEMORY ((size_t)1 << 20)
#define SMALL_MEMORY  ((size_t)8 << 20)

/* Replies worth deflating: below, a packet or two are saved; above, at some 100 MB/s, the next
 * request waits for longer than the network saves. */
#define DEFLATE_MIN ((size_t)16 << 10)
#define DEFLATE_MAX ((size_t)4 << 20)

/* ---- before the body ---- */

/* The caller's own deadline counts from here: the headers have just come. */
static enum sc_status read_deadline(struct call *call)
{
    const char *text = http_header(call->rq, "X-Request-Timeout");
    double seconds;
    char *end;

    if (text == NULL) return SC_OK;
    seconds = strtod(text, &end);
    if (text[strspn(text, "0123456789.")] != '\0' || end == text || *end != '\0' ||
        !(seconds >= 0.001 && seconds <= 86400))
        return sc_fail(&call->rq->note, SC_BAD_PARAM, NULL,
                       "X-Request-Timeout is '%.40s'; it takes seconds, 0.001 to 86400", text);
    call->rq->deadline = sc_clock_us() + (int64_t)(seconds * 1e6);
    return SC_OK;
}

static enum sc_status read_query(struct call *call)
{
    const struct http_fields *query = &call->rq->query;

    for (size_t i = 0; i < query->count; i++)
        SC_TRY(sc_args_add_raw(&call->work.args, query->item[i].name, query->item[i].value,
                               &call->rq->arena, &call->rq->note));
    return options_take(&call->work.options, &call->work.args, &call->rq->note);
}

enum sc_status call_check_body(struct call *call)
{
    SC_TRY(coding_read(http_header_list(call->rq, "Content-Encoding"), &call->coding,
                       &call->rq->note));
    SC_TRY(read_deadline(call));
    return read_query(call);
}

enum sc_status call_check(struct call *call)
{
    struct http_request *rq = call->rq;

    SC_TRY(codec_accept(http_header_list(rq, "Accept"), &call->work.forms, &rq->note));
    return call_check_body(call);
}

/* ---- with the body ---- */

/* A few bytes may become very many: that is no work for an I/O thread. */
enum sc_status call_inflate(struct call *call)
{
    struct http_request *rq = call->rq;

    if (call->coding == CODING_IDENTITY) return SC_OK;
    rq->deferred = !rq->on_executor;
    if (rq->deferred) return SC_OK;
    call_begin_decoding(call);
    SC_TRY(
        call_end_decoding(call, coding_inflate(call->coding, rq->body, rq->body_shift,
                                               (size_t)call->server->config->limits.body_bytes,
                                               &rq->arena, &rq->body, &rq->note)));
    if (!rq->deferred)
        call->coding = CODING_IDENTITY; /* it may be deferred later, and come again */
    return SC_OK;
}

void call_begin_decoding(struct call *call)
{
    const size_t small = call->rq->on_executor ? SMALL_MEMORY : INLINE_MEMORY;
    struct sc_arena *arena = &call->rq->arena;

    call->memory = arena->limit;
    if (!call->rq->parallel && arena->limit - arena->held > small)
        arena->limit = arena->held + small;
}

enum sc_status call_end_decoding(struct call *call, enum sc_status status)
{
    struct http_request *rq = call->rq;
    const bool was_limited = rq->arena.limit < call->memory;

    rq->arena.limit = call->memory;
    rq->deferred = was_limited && status == SC_NO_MEMORY && rq->arena.over_limit;
    if (!rq->deferred) return status;
    rq->arena.over_limit = false;
    rq->cost = HTTP_SMALL_US + 1;
    return SC_OK;
}

static bool is_late(const struct call *call)
{
    return call->rq->deadline != 0 && sc_clock_us() > call->rq->deadline;
}

bool call_stops(const struct call *call)
{
    return is_late(call) || http_gone(call->rq);
}

static bool stop(void *context)
{
    return call_stops(context);
}

/* Does the query say so? A parameter in the body is not known yet. */
static bool says(const struct sc_args *args, const char *name, const char *value)
{
    for (size_t i = 0; i < args->count; i++)
        if (strcmp(args->item[i].name, name) == 0 && strcmp(args->item[i].text[0], value) == 0)
            return true;
    return false;
}

/* Tensors as large as the inputs that the reply will hold. */
static int64_t maps_of(const struct work *work)
{
    return (work->op != NULL && work->op->family == SC_ACTIVATIONS) +
           says(&work->args, "grad", "true") + says(&work->args, "reduction", "none");
}

int64_t call_extra_memory(const struct call *call, int64_t body)
{
    const char *type = http_header(call->rq, "Content-Type");
    const bool is_json = type != NULL && strncasecmp(type, "application/json", 16) == 0;
    const int64_t decoded = call->coding != CODING_IDENTITY ? INFLATED : is_json;

    /* A map is there as a tensor, and again as bytes of the reply. */
    return EXTRA_MEMORY + body * (decoded + 2 * maps_of(&call->work));
}

int64_t call_us(int64_t elements)
{
    return elements / ELEMENTS_OF_1_US + (elements % ELEMENTS_OF_1_US != 0);
}

struct codec_source call_source(const struct call *call)
{
    const struct http_request *rq = call->rq;

    struct codec_source source =
        work_source(&call->work, rq->body, http_header(rq, "Content-Type"), "");

    source.stop = stop;
    source.context = (void *)(uintptr_t)call;
    return source;
}

struct sc_exec call_exec(struct call *call)
{
    const struct config *config = call->server->config;

    return (struct sc_exec){.threads = call->rq->parallel ? (int)config->threads : 1,
                            .arena = &call->rq->arena,
                            .limits = &config->limits,
                            .state = call->work.options.on[OPTION_STATE],
                            .whole = codec_wants_whole(&call->work.forms),
                            .stop = stop,
                            .context = call,
                            .others_ns = &call->rq->others_ns};
}

enum sc_status call_in_time(struct call *call, const char *what)
{
    if (!is_late(call)) return SC_OK;
    return sc_fail(&call->rq->note, SC_STOPPED, NULL,
                   "the deadline, X-Request-Timeout, `timeout` or the limit `rest_seconds`, "
                   "passed before the %s began",
                   what);
}

bool call_defer(struct http_request *rq)
{
    const int64_t most = rq->on_executor ? HTTP_SMALL_US : HTTP_INLINE_US;

    rq->deferred = !rq->parallel && rq->cost > most;
    return rq->deferred;
}

bool call_defer_tasks(struct call *call, const struct tasks *tasks)
{
    const struct sc_exec exec = call_exec(call);

    if (call->rq->parallel || call->rq->deferred) return call->rq->deferred;
    call->rq->cost = call_us(tasks_cost(tasks, &exec));
    return call_defer(call->rq);
}

enum sc_status call_run(struct call *call, struct tasks *tasks)
{
    const struct sc_exec exec = call_exec(call);

    SC_TRY(call_in_time(call, "computation"));
    SC_TRY(tasks_run(&call->work, &exec, tasks));
    return call_in_time(call, "reply");
}

/* Names of classes may be of any script. */
static const char *content_type(struct http_request *rq, const char *media_type)
{
    const char *type = NULL;

    if (strncmp(media_type, "text/", 5) == 0)
        type = sc_arena_printf(&rq->arena, "%s; charset=utf-8", media_type);
    return type != NULL ? type : media_type;
}

enum sc_status call_reply(struct call *call, const struct codec_results *results)
{
    struct http_request *rq = call->rq;
    const struct codec *used;
    struct sc_writer out;

    sc_writer_init(&out, &rq->arena);
    SC_TRY(work_encode(&call->work, results, &out, &used));
    return reply_written(rq, content_type(rq, used->media_type), &out);
}

/* Binary tensors hardly get smaller; replies in pieces have such inside. */
static bool is_text(const char *content_type)
{
    return strcmp(content_type, "application/json") == 0 ||
           strncmp(content_type, "text/", 5) == 0;
}

void call_deflate(const struct call *call)
{
    struct http_request *rq = call->rq;
    struct http_reply *reply = &rq->reply;
    const enum coding coding = coding_wanted(http_header_list(rq, "Accept-Encoding"));

    if (reply->pieces.count > 0) return;
    if (reply->body.size < DEFLATE_MIN || reply->body.size > DEFLATE_MAX) return;
    if (!is_text(reply->content_type)) return;
    http_reply_header(rq, "Vary", "Accept-Encoding");
    if (coding == CODING_IDENTITY) return;
    if (coding_deflate(coding, reply->body, &rq->arena, &reply->body))
        http_reply_header(rq, "Content-Encoding", coding_name(coding));
}
