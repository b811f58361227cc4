/* peers.c - the list of open connections, and the thread that looks at them. */
#include "peers.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_SECONDS 1 /* a peer must be seen to have left twice */

static bool has_left(const struct peer *peer)
{
    char byte;

    return recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* What libmicrohttpd had already read when the client closed, it has handled by the next look.
 */
static void look_at(struct peer *peer)
{
    const bool left = !atomic_load(&peer->served) && has_left(peer);

    if (atomic_exchange(&peer->left, left) && left) shutdown(peer->fd, SHUT_RDWR);
}

static void *look(void *argument)
{
    struct peers *p = argument;
    struct timespec next;

    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        next.tv_sec += LOOK_SECONDS;
        while (!p->stopping && pthread_cond_timedwait(&p->stopped, &p->lock, &next) == 0) {
        }
        for (struct peer *peer = p->first; peer != NULL; peer = peer->next) look_at(peer);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

bool peers_start(struct peers *p)
{
    pthread_condattr_t clock;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&p->stopped, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&p->lock, NULL);
    if (pthread_create(&p->thread, NULL, look, p) == 0) return true;
    peers_done(p);
    return false;
}

void peers_stop(struct peers *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->stopped);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
}

void peers_done(struct peers *p)
{
    pthread_cond_destroy(&p->stopped);
    pthread_mutex_destroy(&p->lock);
}

static struct peer *add(struct peers *p, int fd)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL) return NULL;
    peer->fd = fd;
    pthread_mutex_lock(&p->lock);
    peer->next = p->first;
    peer->link = &p->first;
    if (peer->next != NULL) peer->next->link = &peer->next;
    p->first = peer;
    pthread_mutex_unlock(&p->lock);
    return peer;
}

static void drop(struct peers *p, struct peer *peer)
{
    if (peer == NULL) return;
    pthread_mutex_lock(&p->lock);
    *peer->link = peer->next;
    if (peer->next != NULL) peer->next->link = peer->link;
    pthread_mutex_unlock(&p->lock);
    free(peer);
}

/* Is this one counted already? */
static bool was_adopted(struct peers *p)
{
    int adopted = atomic_load(&p->adopted);

    while (adopted > 0)
        if (atomic_compare_exchange_weak(&p->adopted, &adopted, adopted - 1)) return true;
    return false;
}

void peers_adopt(struct peers *p)
{
    atomic_fetch_add(&p->count, 1);
    atomic_fetch_add(&p->adopted, 1);
}

void peers_disown(struct peers *p)
{
    atomic_fetch_sub(&p->adopted, 1);
    atomic_fetch_sub(&p->count, 1);
}

void peers_notify(struct peers *p, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        if (!was_adopted(p)) atomic_fetch_add(&p->count, 1);
        *context = add(
            p,
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    } else {
        drop(p, *context);
        atomic_fetch_sub(&p->count, 1);
    }
}

struct peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
        ->socket_context;
}
