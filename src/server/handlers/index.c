/* index.c - GET /: the table of endpoints, for programs and for people. */
#include "reply.h"
#include "server.h"

static const char *method_name(const struct route *route)
{
    return route->method == HTTP_POST ? "POST" : "GET";
}

static enum sc_status reply_list(struct http_request *rq)
{
    struct sc_writer out;
    struct json_writer j = reply_json(rq, &out);

    json_text(&j, "service", "scored");
    json_text(&j, "version", SCORED_VERSION);
    json_open(&j, "endpoints", '[');
    for (int i = 0; i < route_count; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "method", method_name(&routes[i]));
        json_text(&j, "path", routes[i].path);
        json_text(&j, "summary", routes[i].summary);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return reply_json_end(rq, &j);
}

static enum sc_status reply_table(struct http_request *rq)
{
    struct sc_writer out;

    sc_writer_init(&out, &rq->arena);
    sc_write_text(&out, "scored " SCORED_VERSION "\n\n");
    for (int i = 0; i < route_count; i++)
        sc_writef(&out, "%-4s %-32s %s\n", method_name(&routes[i]), routes[i].path,
                  routes[i].summary);
    return reply_written(rq, "text/plain; charset=utf-8", &out);
}

enum sc_status handle_index(struct call *call)
{
    struct http_request *rq = call->rq;
    struct codec_forms forms;

    if (codec_accept(http_header_list(rq, "Accept"), &forms, NULL) == SC_OK &&
        strcmp(forms.form[0]->media_type, "text/plain") == 0)
        return reply_table(rq);
    return reply_list(rq);
}
