/* exchange_end.c - the end of a request, good or bad, and of its connection. */
#include <stdlib.h>

#include "exchange.h"

static void end(struct exchange *x, bool sent)
{
    struct http_server *server = x->server;

    if (x->begun) server->app->done(&x->rq, sent, server->app->context);
    if (sent)
        atomic_fetch_add_explicit(&server->counts.bytes_out,
                                  (int64_t)http_reply_size(&x->rq.reply), memory_order_relaxed);
    if (x->discards) atomic_fetch_sub(&server->discarding, 1);
    if (x->peer != NULL) {
        x->peer->exchange = NULL;
        peer_enter(x->peer, PEER_IDLE);
    }
    sc_arena_done(&x->rq.arena);
    sc_arena_done(&x->head);
    free(x);
    atomic_fetch_sub(&server->active, 1);
}

void exchange_forgotten(struct peer *peer)
{
    if (peer != NULL && peer->exchange != NULL) end(peer->exchange, false);
}

/* The body was refused while it came, or it came too slowly: libmicrohttpd has taken no reply,
 * and closes the connection as soon as this returns. */
static bool tell_why(struct exchange *x)
{
    if (x->replied || x->stage == EXCHANGE_NEW || x->peer == NULL) return false;
    if (atomic_load(&x->peer->closing)) return false; /* nothing can be sent any more */
    if (peer_is_cut(x->peer) && x->rq.reply.status == 0)
        exchange_refuse(
            x, (struct http_verdict){408,
                                     "the body came too slowly: see the limits `body_rate`, "
                                     "`body_rate_after` and `body_seconds`",
                                     NULL});
    return x->rq.reply.status != 0 && reply_raw(x);
}

void exchange_free(void *cls, struct MHD_Connection *connection, void **exchange,
                   enum MHD_RequestTerminationCode how)
{
    struct exchange *x = *exchange;
    bool told;

    (void)cls, (void)connection;
    if (x == NULL) return;
    told = how == MHD_REQUEST_TERMINATED_COMPLETED_OK && x->rq.reply.status != 0;
    end(x, told || tell_why(x));
    *exchange = NULL;
}

static void meet(struct http_server *server, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    *context = peers_meet(&server->peers, info->connect_fd);
}

static void part(struct http_server *server, struct peer *peer)
{
    if (peer == NULL) return;
    exchange_forgotten(peer);
    if (atomic_load(&peer->unread)) door_linger(&server->door, peer->fd);
    peers_part(&server->peers, peer);
}

void exchange_notify(void *cls, struct MHD_Connection *connection, void **context,
                     enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        meet(cls, connection, context);
    else
        part(cls, *context);
}
