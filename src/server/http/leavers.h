/* leavers.h - private to this folder: the end of a connection whose client may still be
 * sending.
 *
 * When a socket is closed with bytes unread, or bytes come after, the kernel resets the
 * connection, and the client loses the reply that it has not read yet. So a copy of the socket
 * is kept, and what comes is read away, until the client closes, or for a while. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define LEAVERS_MAX 64 /* sockets at once; the oldest goes for one more */

struct leavers {
    struct leaver {
        int fd;
        int64_t since, heard;
    } item[LEAVERS_MAX]; /* the oldest first */
    int count;
};

/* Takes over a socket. */
void leavers_add(struct leavers *l, int fd, int64_t now);
/* Reads away what has come, closes those that are done. */
void leavers_look(struct leavers *l, int64_t now);
/* Closes all. */
void leavers_end(struct leavers *l);
/* For poll(2): fills LEAVERS_MAX at most, returns how many. */
int leavers_poll(const struct leavers *l, struct pollfd *out);
