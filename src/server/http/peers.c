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

/* From now on its request does not go on; false: it has, a moment ago. */
static bool cut(struct peer *peer, enum phase_of_peer phase)
{
    return atomic_compare_exchange_strong(&peer->phase, &phase, PEER_CUT);
}

/* Nobody else writes now: the headers are not complete. */
static void cut_head(struct peers *p, struct peer *peer, enum phase_of_peer phase)
{
    if (!cut(peer, phase)) return;
    atomic_fetch_add(&p->counts->late_heads, 1);
    atomic_store(&peer->unread, true);
    if (!p->secret) reply_bare(peer->fd, p->app, 408);
    shutdown(peer->fd, SHUT_RD);
}

/* What was not taken is thrown away, by the kernel too. */
static void cut_reply(struct peers *p, struct peer *peer)
{
    const struct linger none = {.l_onoff = 1};

    if (!cut(peer, PEER_REPLY)) return;
    atomic_fetch_add(&p->counts->late_replies, 1);
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    shutdown(peer->fd, SHUT_RDWR);
}

static void look_at(struct peers *p, struct peer *peer, int64_t now)
{
    const enum phase_of_peer phase = atomic_load(&peer->phase);

    look_for(peer);
    switch (watch_look(peer, &p->limits, now)) {
    case LATE_IDLE:
        if (cut(peer, PEER_IDLE)) shutdown(peer->fd, SHUT_RDWR);
        break;
    case LATE_HEAD:
        cut_head(p, peer, phase);
        break;
    case LATE_BODY: /* the reply is exchange_free's */
        if (!cut(peer, PEER_BODY)) break;
        atomic_fetch_add(&p->counts->late_bodies, 1);
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
    p->closing -= peer->closing;
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
    if (phase == PEER_WORK) atomic_store(&peer->work, now);
    atomic_store(&peer->since, now);
    return before != PEER_CUT && atomic_compare_exchange_strong(&peer->phase, &before, phase);
}

bool peer_is_cut(const struct peer *peer)
{
    return atomic_load(&peer->phase) == PEER_CUT;
}

/* ---- places ---- */

/* The lower, the sooner it has to go; 0: it may stay. Nobody has to in the first second. */
static int claim(const struct peer *peer, enum phase_of_peer phase, int64_t now)
{
    const int64_t age = now - atomic_load(&peer->since);

    if (!peer->known || peer->closing || peer->monitor || age < PACE_SECOND) return 0;
    switch (phase) {
    case PEER_HEAD:
        return 1;
    case PEER_IDLE:
        return peer->watch.head != 0 || peer_is_fresh(peer) ? 1 : 2;
    case PEER_BODY:
    case PEER_REPLY:
        return peer->watch.lags ? 3 : 0;
    default:
        return 0;
    }
}

/* It has sent something that we have not read: it waits for us, not we for it. */
static bool is_unread(const struct peer *peer)
{
    char byte;

    return atomic_load(&peer->phase) != PEER_REPLY &&
           recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static struct peer *find_to_go(const struct peers *p, enum phase_of_peer *judged)
{
    const int64_t now = sc_clock_us();
    struct peer *found = NULL;
    int least = 0;

    for (struct peer *peer = p->first; peer != NULL; peer = peer->next) {
        const enum phase_of_peer phase = atomic_load(&peer->phase);
        const int own = claim(peer, phase, now);

        if (own == 0 || (found != NULL && own > least)) continue;
        if (found != NULL && own == least && peer->since >= found->since) continue;
        if (is_unread(peer)) continue;
        found = peer;
        least = own;
        *judged = phase;
    }
    return found;
}

/* False: it has gone on to another phase a moment ago, and may stay. */
static bool send_off(struct peer *peer, enum phase_of_peer phase)
{
    atomic_store(&peer->closing, true); /* before the cut, which would be told as a slow body */
    if (cut(peer, phase)) return true;
    atomic_store(&peer->closing, false);
    return false;
}

static bool make_room(struct peers *p)
{
    enum phase_of_peer phase = PEER_IDLE;
    struct peer *peer;

    do peer = find_to_go(p, &phase);
    while (peer != NULL && !send_off(peer, phase));
    if (peer == NULL) return false;
    p->closing++;
    atomic_fetch_add(&p->counts->evicted, 1);
    shutdown(peer->fd, SHUT_RDWR);
    return true;
}

bool peers_make_room(struct peers *p)
{
    bool made;

    pthread_mutex_lock(&p->lock);
    made = make_room(p);
    pthread_mutex_unlock(&p->lock);
    return made;
}

enum peers_place peers_place(struct peers *p, bool monitor)
{
    enum peers_place place = PEERS_FULL;
    int64_t open;

    if (monitor) return atomic_load(&p->monitors) < HTTP_MONITORS ? PEERS_PLACE : PEERS_FULL;
    pthread_mutex_lock(&p->lock);
    open = atomic_load(&p->count) - p->closing;
    if (open < p->limits.connections || make_room(p))
        place = PEERS_PLACE;
    else if (open < p->limits.connections + HTTP_CROWD)
        place = PEERS_CROWDED;
    pthread_mutex_unlock(&p->lock);
    return place;
}
