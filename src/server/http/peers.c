/* peers.c - the list of open connections, and the thread that looks at them. */
#include "peers.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "exchange.h"
#include "spare.h"
#include "watch.h"

#define LOOK_SECONDS 1 /* a peer must be seen to have left twice */

static bool has_left(const struct peer *peer)
{
    char byte;

    return recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* What libmicrohttpd had already read when the client closed, it has handled by the next look.
 */
static void look_for(struct peer *peer)
{
    const enum phase_of_peer phase = atomic_load(&peer->phase);
    const bool ours = phase == PEER_WORK || phase == PEER_REPLY;
    const bool left = !ours && has_left(peer);

    if (peer->left && left) shutdown(peer->fd, SHUT_RDWR);
    peer->left = left;
}

/* Nobody else writes now: the headers are not complete. */
static void cut_head(struct peers *p, struct peer *peer, enum phase_of_peer phase)
{
    if (!peer_cut(peer, phase)) return;
    atomic_fetch_add(&p->counts->late_heads, 1);
    atomic_store(&peer->unread, true);
    if (!p->secret) reply_bare(peer->fd, p->app, 408, 0);
    shutdown(peer->fd, SHUT_RD);
}

/* What was not taken is thrown away, by the kernel too. */
static void cut_reply(struct peers *p, struct peer *peer)
{
    const struct linger none = {.l_onoff = 1};

    if (!peer_cut(peer, PEER_REPLY)) return;
    atomic_fetch_add(&p->counts->late_replies, 1);
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    shutdown(peer->fd, SHUT_RDWR);
}

static void look_at(struct peers *p, struct peer *peer, int64_t now)
{
    const enum phase_of_peer phase = atomic_load(&peer->phase);
    enum lateness lateness;

    look_for(peer);
    lateness = watch_look(peer, &p->limits, now);
    /* The rest of its head may be there: then we are late. */
    if ((lateness == LATE_IDLE || lateness == LATE_HEAD) && peer_is_unread(peer)) return;
    switch (lateness) {
    case LATE_IDLE:
        if (peer_cut(peer, PEER_IDLE)) shutdown(peer->fd, SHUT_RDWR);
        break;
    case LATE_HEAD:
        cut_head(p, peer, phase);
        break;
    case LATE_BODY: /* the reply is exchange_free's */
        if (!peer_cut(peer, phase)) break;
        atomic_fetch_add(&p->counts->late_bodies, 1);
        if (phase == PEER_REFUSED) atomic_store(&peer->unread, true);
        shutdown(peer->fd, SHUT_RD);
        break;
    case LATE_REPLY:
        cut_reply(p, peer);
        break;
    case LATE_NOT:
        if (phase == PEER_CUT) shutdown(peer->fd, SHUT_RDWR);
    }
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
        for (struct peer *peer = p->first; peer != NULL; peer = peer->next)
            if (peer->known) look_at(p, peer, sc_clock_us());
        pthread_mutex_unlock(&p->lock); /* the kernel may have gigabytes to take back */
        sc_spare_trim();
        pthread_mutex_lock(&p->lock);
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

/* ---- the list; the lock is held ---- */

static void add(struct peers *p, struct peer *peer)
{
    peer->next = p->first;
    peer->link = &p->first;
    if (peer->next != NULL) peer->next->link = &peer->next;
    p->first = peer;
    p->unknown++;
    atomic_fetch_add(peer->monitor ? &p->monitors : &p->count, 1);
}

static void drop(struct peers *p, struct peer *peer)
{
    *peer->link = peer->next;
    if (peer->next != NULL) peer->next->link = peer->link;
    p->closing[peer->monitor] -= peer->closing;
    p->unknown -= !peer->known;
    atomic_fetch_sub(peer->monitor ? &p->monitors : &p->count, 1);
    free(peer);
}

/* The one that libmicrohttpd has not yet told of, or has closed without a word. */
static struct peer *find_unknown(const struct peers *p, int fd)
{
    struct peer *peer = p->unknown > 0 ? p->first : NULL;

    while (peer != NULL && (peer->known || peer->fd != fd)) peer = peer->next;
    return peer;
}

/* ---- coming and going ---- */

bool peers_adopt(struct peers *p, int fd, bool monitor, bool crowded)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL) return false;
    peer->fd = fd;
    peer->monitor = monitor;
    peer->crowded = crowded;
    peer->since = sc_clock_us();
    peers_disown(p, fd);
    pthread_mutex_lock(&p->lock);
    add(p, peer);
    pthread_mutex_unlock(&p->lock);
    return true;
}

void peers_disown(struct peers *p, int fd)
{
    struct peer *peer;

    pthread_mutex_lock(&p->lock);
    peer = find_unknown(p, fd);
    if (peer != NULL) drop(p, peer);
    pthread_mutex_unlock(&p->lock);
}

struct peer *peers_meet(struct peers *p, int fd)
{
    struct peer *peer;

    pthread_mutex_lock(&p->lock);
    peer = find_unknown(p, fd);
    if (peer != NULL) {
        peer->known = true;
        p->unknown--;
    }
    pthread_mutex_unlock(&p->lock);
    return peer;
}

void peers_part(struct peers *p, struct peer *peer)
{
    pthread_mutex_lock(&p->lock);
    drop(p, peer);
    pthread_mutex_unlock(&p->lock);
}

int peers_begun(struct peers *p)
{
    int begun = 0;

    pthread_mutex_lock(&p->lock);
    for (const struct peer *peer = p->first; peer != NULL; peer = peer->next)
        begun += !peer->monitor && atomic_load(&peer->phase) == PEER_IDLE &&
                 (peer->watch.head != 0 || peer_is_unread(peer));
    pthread_mutex_unlock(&p->lock);
    return begun;
}

struct peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
        ->socket_context;
}

bool peer_enter(struct peer *peer, enum phase_of_peer phase)
{
    enum phase_of_peer before = atomic_load(&peer->phase);
    const int64_t now = sc_clock_us();

    if (phase == PEER_HEAD) atomic_store(&peer->waited, atomic_load(&peer->since));
    if (phase == PEER_BODY || phase == PEER_REFUSED) atomic_store(&peer->came, 0);
    if (phase == PEER_WORK) atomic_store(&peer->work, now);
    atomic_store(&peer->since, now);
    return before != PEER_CUT && atomic_compare_exchange_strong(&peer->phase, &before, phase);
}

bool peer_is_cut(const struct peer *peer)
{
    return atomic_load(&peer->phase) == PEER_CUT;
}

bool peer_cut(struct peer *peer, enum phase_of_peer phase)
{
    return atomic_compare_exchange_strong(&peer->phase, &phase, PEER_CUT);
}

bool peer_is_unread(const struct peer *peer)
{
    char byte;

    return atomic_load(&peer->phase) != PEER_REPLY &&
           recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
