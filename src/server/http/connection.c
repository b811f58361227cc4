/* connection.c - those who have connected and not yet asked.
 *
 * Their request is on its way: a drain that did not wait for it would lose it. So a connection
 * is active from its start, until its first request takes over, or until it is closed. */
#include "exchange.h"

#include <stdlib.h>

struct connection {
    bool asked;
};

/* Was it counted when it was taken over from the listening socket? */
static bool take_adopted(struct http_server *server)
{
    int adopted = atomic_load(&server->adopted);

    while (adopted > 0)
        if (atomic_compare_exchange_weak(&server->adopted, &adopted, adopted - 1)) return true;
    return false;
}

void connection_notify(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = cls;
    struct connection *c = *context;

    (void)connection;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&server->connections, 1);
        if (!take_adopted(server)) atomic_fetch_add(&server->active, 1);
        *context = calloc(1, sizeof *c);
        if (*context == NULL) atomic_fetch_sub(&server->active, 1);
        return;
    }
    atomic_fetch_sub(&server->connections, 1);
    if (c != NULL && !c->asked) atomic_fetch_sub(&server->active, 1);
    free(c);
}

bool connection_asks_first(struct MHD_Connection *connection)
{
    struct connection *c =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    if (c == NULL || c->asked) return false;
    return c->asked = true;
}
