/* places.c - who gets a place when all are taken, and who has to go for it. */
#include <sys/socket.h>

#include "clock.h"
#include "peers.h"

/* The lower, the sooner it has to go; 0: it may stay. Nobody has to in the first second. */
static int claim(const struct peer *peer, enum phase_of_peer phase, int64_t now)
{
    const int64_t age = now - atomic_load(&peer->since);

    if (!peer->known || peer->closing || age < PACE_SECOND) return 0;
    switch (phase) {
    case PEER_HEAD:
        return 1;
    case PEER_IDLE:
        return peer->watch.head != 0 || peer_is_fresh(peer) ? 1 : 2;
    case PEER_BODY:
    case PEER_REFUSED:
    case PEER_REPLY:
        return peer->watch.lags ? 3 : 0;
    default:
        return 0;
    }
}

/* Of those at the address for monitoring, or of all others: neither takes places of the other.
 */
static struct peer *find_to_go(const struct peers *p, bool monitor, enum phase_of_peer *judged)
{
    const int64_t now = sc_clock_us();
    struct peer *found = NULL;
    int least = 0;

    for (struct peer *peer = p->first; peer != NULL; peer = peer->next) {
        const enum phase_of_peer phase = atomic_load(&peer->phase);
        const int own = claim(peer, phase, now);

        if (peer->monitor != monitor) continue;
        if (own == 0 || (found != NULL && own > least)) continue;
        if (found != NULL && own == least && peer->since >= found->since) continue;
        if (peer_is_unread(peer)) continue;
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
    if (peer_cut(peer, phase)) return true;
    atomic_store(&peer->closing, false);
    return false;
}

static bool make_room(struct peers *p, bool monitor)
{
    enum phase_of_peer phase = PEER_IDLE;
    struct peer *peer;

    do peer = find_to_go(p, monitor, &phase);
    while (peer != NULL && !send_off(peer, phase));
    if (peer == NULL) return false;
    p->closing[monitor]++;
    atomic_fetch_add(&p->counts->evicted, 1);
    shutdown(peer->fd, SHUT_RDWR);
    return true;
}

bool peers_make_room(struct peers *p)
{
    bool made;

    pthread_mutex_lock(&p->lock);
    made = make_room(p, false);
    pthread_mutex_unlock(&p->lock);
    return made;
}

enum peers_place peers_place(struct peers *p, bool monitor)
{
    const int64_t places = monitor ? HTTP_MONITORS : p->limits.connections;
    enum peers_place place = PEERS_FULL;
    int64_t open;

    pthread_mutex_lock(&p->lock);
    open = atomic_load(monitor ? &p->monitors : &p->count) - p->closing[monitor];
    if (open < places || make_room(p, monitor))
        place = PEERS_PLACE;
    else if (!monitor && open < places + HTTP_CROWD)
        place = PEERS_CROWDED;
    pthread_mutex_unlock(&p->lock);
    return place;
}
