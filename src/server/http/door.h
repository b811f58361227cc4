/* door.h - private to this folder: where connections come in, and where some go out slowly.
 *
 * One thread accepts for all threads of libmicrohttpd, which would otherwise, at its limit of
 * connections or without files, leave clients waiting in the kernel's queue without a word.
 * Here somebody idle or slow makes room, a few more come in to ask for health, and the rest is
 * told 503. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "leavers.h"
#include "status.h"

struct http_server;

enum { DOOR_MAIN, DOOR_MONITOR, DOORS };

struct door {
    struct http_server *server;
    pthread_t thread;
    pthread_mutex_t lock; /* for all below */
    int wake;             /* an eventfd */
    int spare;            /* a file to close when no other is left; -1: none */
    int listen[DOORS];    /* -1: none */
    bool accepting, stopping;
    struct leavers leavers;
};

/* Opens the sockets, so that connections wait in the kernel's queue. False: `note` says why. */
bool door_open(struct door *door, struct http_server *server, struct sc_note *note);
/* Begins its thread, which accepts nobody yet. */
bool door_start(struct door *door);
/* Begins to accept. */
void door_accept(struct door *door);
/* Takes in those who are connected, then nobody. */
void door_shut(struct door *door);
/* Takes a copy of a socket that is about to be closed, and reads it to its end. */
void door_linger(struct door *door, int fd);
/* Ends the thread. */
void door_stop(struct door *door);
/* Closes what door_open has opened. */
void door_close(struct door *door);
