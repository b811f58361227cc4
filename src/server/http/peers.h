/* peers.h - private to this folder: the clients at the other ends, and whether they are there.
 *
 * libmicrohttpd waits for edges of epoll and takes a short read for the end of what is there. A
 * client that sends a part of a request and closes at once leaves no further edge: only the
 * idle time would end its connection, its memory and the wait of a drain. So one thread looks
 * at those from whom bytes are missing, and shuts down what nobody can complete. */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "status.h"

struct exchange;

struct peer {
    struct peer *next, **link;
    struct exchange *exchange; /* under way; of the I/O thread */
    int fd;
    atomic_bool served; /* its request is whole and not yet answered: let it be */
    atomic_bool left;   /* at the last look nothing was there and nothing could come */
};

struct peers {
    pthread_t thread;
    pthread_mutex_t lock; /* for the list: a peer in it has an open fd */
    pthread_cond_t stopped;
    bool stopping;
    struct peer *first;
    atomic_int count;   /* of open connections */
    atomic_int adopted; /* of those in `count`, libmicrohttpd has not yet told of so many */
};

/* False: no thread. */
bool peers_start(struct peers *p);
/* Ends the thread; peers_notify may still be called until peers_done. */
void peers_stop(struct peers *p);
void peers_done(struct peers *p);

/* A connection starts or closes; `context` is where libmicrohttpd keeps its peer. */
void peers_notify(struct peers *p, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode what);

/* Counts a connection before libmicrohttpd tells of it; takes that back. */
void peers_adopt(struct peers *p);
void peers_disown(struct peers *p);

/* NULL: there was no memory for it. */
struct peer *peer_of(struct MHD_Connection *connection);
