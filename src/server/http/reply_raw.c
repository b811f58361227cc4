/* reply_raw.c - replies that libmicrohttpd does not take: during a body, and at the door. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange.h"
#include "tls.h"

#define PROBLEM  "application/problem+json"
#define NOSNIFF  "X-Content-Type-Options: nosniff\r\n"
#define BARE_END "}\n" /* of what `bare` gives: one more member comes before it */

/* What does not fit into the kernel's buffer at once is for a client that does not listen. */
static bool put(int fd, const void *data, size_t size)
{
    return send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static void write_head(struct sc_writer *out, const struct exchange *x)
{
    const struct http_reply *reply = &x->rq.reply;
    const unsigned status = (unsigned)reply->status;

    sc_writef(out, "HTTP/1.1 %u %s\r\n", status, MHD_get_reason_phrase_for(status));
    sc_writef(out, "Content-Type: %s\r\n", reply->content_type ? reply->content_type : PROBLEM);
    sc_writef(out, "X-Request-Id: %s\r\n" NOSNIFF, x->rq.id);
    if (x->rq.trace[0] != '\0') sc_writef(out, "traceparent: %s\r\n", x->rq.trace);
    for (int i = 0; i < reply->extras; i++)
        sc_writef(out, "%s: %s\r\n", reply->extra[i].name, reply->extra[i].value);
    sc_writef(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", reply->body.size);
}

bool reply_raw(struct exchange *x)
{
    struct sc_writer out;

    sc_writer_init(&out, &x->rq.arena);
    write_head(&out, x);
    sc_write(&out, x->rq.reply.body.data, x->rq.reply.body.size);
    if (out.failed) return false;
    return x->server->config.tls ? tls_send(x->connection, out.data, out.size)
                                 : put(x->peer->fd, out.data, out.size);
}

void reply_bare(int fd, const struct http_app *app, int status, int retry_after)
{
    const char *body = app->bare(status);
    const int members = (int)strlen(body) - (int)strlen(BARE_END);
    char text[1024], id[REQUEST_ID_SIZE], instance[64], retry[32] = "";
    int size;

    request_new_id(id);
    if (retry_after > 0) snprintf(retry, sizeof retry, "Retry-After: %d\r\n", retry_after);
    snprintf(instance, sizeof instance, ",\"instance\":\"%s\"" BARE_END, id);
    size = snprintf(text, sizeof text,
                    "HTTP/1.1 %d %s\r\nContent-Type: " PROBLEM "\r\n" NOSNIFF
                    "X-Request-Id: %s\r\nContent-Length: %zu\r\n%s"
                    "Connection: close\r\n\r\n%.*s%s",
                    status, MHD_get_reason_phrase_for((unsigned)status), id,
                    (size_t)members + strlen(instance), retry, members, body, instance);
    if (size > 0 && (size_t)size < sizeof text) put(fd, text, (size_t)size);
}
