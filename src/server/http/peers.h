/* peers.h - private to this folder: the clients at the other ends, and whether they keep up.
 *
 * libmicrohttpd knows one deadline, of silence, and waits for edges of epoll: a client that
 * sends a byte now and then holds its connection for ever, and one that sends a part of a
 * request and closes at once leaves no further edge. So one thread looks at all connections
 * each second, and shuts down those that are late (limits header_seconds, body_rate,
 * body_seconds, rest_seconds, idle_seconds) or that nobody can complete. It only shuts sockets
 * down; libmicrohttpd's own thread then ends the request, and tells the client why. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http.h"
#include "pace.h"

struct exchange;

/* Where a request is. Threads of libmicrohttpd go on to the next, the looking thread to CUT. */
enum phase_of_peer {
    PEER_IDLE,    /* nothing of a request has been understood yet */
    PEER_HEAD,    /* the request line has come */
    PEER_BODY,    /* the headers have come */
    PEER_REFUSED, /* the request is refused; its body is read away */
    PEER_WORK,    /* the request is whole: the time is ours */
    PEER_REPLY,   /* the client takes the reply */
    PEER_CUT      /* it was too slow, or has to make room: it ends */
};

/* What the looking thread remembers of a connection. */
struct watch {
    enum phase_of_peer phase; /* that it knows */
    int64_t since;            /* ... began then */
    int64_t received;         /* bytes, of the connection's life */
    int64_t head;             /* when the first byte of a request was seen; 0: none yet */
    int64_t waited;           /* ... in a phase that began then */
    struct pace pace;         /* of the body or the reply */
    int looks;                /* at this phase; what came before the first is not known */
    bool lags;
};

struct peer {
    struct peer *next, **link;
    struct exchange *exchange; /* under way; of the I/O thread */
    int fd;
    bool monitor;       /* it came to the address for monitoring */
    bool crowded;       /* it came when all places were taken: health and the like alone */
    bool known;         /* libmicrohttpd has told of it */
    atomic_bool unread; /* more may come than is read: let it hear the reply, then close */
    _Atomic enum phase_of_peer phase;
    _Atomic int64_t since;  /* sc_clock_us() when the phase began */
    _Atomic int64_t waited; /* ... when the phase before the head began */
    _Atomic int64_t work;   /* ... when the request was whole */
    _Atomic int64_t came;   /* bytes of the body that have been read in this phase */
    atomic_bool closing;    /* it was told to go, to make room */
    bool left;              /* at the last look nothing was there and nothing could come */
    struct watch watch;
};

struct peers {
    /* set before peers_start */
    const struct http_app *app;
    struct sc_limits limits;
    struct http_counts *counts;
    bool secret; /* TLS: nobody but libmicrohttpd's thread can write */

    pthread_t thread;
    pthread_mutex_t lock; /* for the list: a peer in it has an open fd */
    pthread_cond_t stopped;
    bool stopping;
    struct peer *first;
    int closing[2];      /* of them, have been told to go; [1]: monitors */
    int unknown;         /* ... libmicrohttpd has not told of yet */
    atomic_int count;    /* of open connections, monitors apart */
    atomic_int monitors; /* of connections to the address for monitoring */
};

/* False: no thread. */
bool peers_start(struct peers *p);
/* Ends the thread; peers may still come and go until peers_done. */
void peers_stop(struct peers *p);
void peers_done(struct peers *p);

/* Is there a place for one more connection? When all are taken, somebody who waits or is slow
 * is told to go; if nobody is, there are a few places for those who only ask for health. */
enum peers_place { PEERS_PLACE, PEERS_CROWDED, PEERS_FULL };
enum peers_place peers_place(struct peers *p, bool monitor);
/* Tells somebody who waits or is slow to go; false: nobody is. */
bool peers_make_room(struct peers *p);

/* Of how many the next request has begun to come, and its first line is not there yet? What
 * came within the last second may not have been seen. */
int peers_begun(struct peers *p);

/* Counts a connection before libmicrohttpd tells of it; false: no memory. */
bool peers_adopt(struct peers *p, int fd, bool monitor, bool crowded);
/* Takes that back: libmicrohttpd has closed it. */
void peers_disown(struct peers *p, int fd);

/* libmicrohttpd tells of one that was adopted, and at last, before it closes the file, that it
 * ends. */
struct peer *peers_meet(struct peers *p, int fd);
void peers_part(struct peers *p, struct peer *peer);

/* NULL: there was no memory for it. */
struct peer *peer_of(struct MHD_Connection *connection);

/* Has nothing of a request come yet in its life? Not told by bytes, which some kernels do not
 * count. */
static inline bool peer_is_fresh(const struct peer *peer)
{
    return atomic_load(&peer->waited) == 0;
}

/* Goes on to a phase; false: the peer was cut, and its request must end. */
bool peer_enter(struct peer *peer, enum phase_of_peer phase);
/* From now on its request, which was in that phase, does not go on; false: it has, a moment
 * ago.
 */
bool peer_cut(struct peer *peer, enum phase_of_peer phase);
/* Has it sent something that we have not read? Then it waits for us, not we for it. */
bool peer_is_unread(const struct peer *peer);
/* Was it cut, because it was too slow or to make room? */
bool peer_is_cut(const struct peer *peer);
