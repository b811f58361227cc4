/* limits.c - GET /v1/limits: every limit in force. */
#include "reply.h"
#include "server.h"

enum sc_status handle_limits(struct call *call)
{
    const struct config *config = call->server->config;
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

#define LIMIT(name, preset, least, most, summary) json_int(&j, #name, config->limits.name);
#include "limits.def"
#undef LIMIT
    json_int(&j, "memory_bytes", config->memory);
    json_int(&j, "request_memory_bytes", config->request_memory);
    json_int(&j, "threads", config->threads);
    return reply_json_end(call->rq, &j);
}
