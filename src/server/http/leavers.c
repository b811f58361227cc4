/* leavers.c - reading away what nobody wants. */
#include "leavers.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOTAL_US  INT64_C(30000000) /* as long as nginx lingers */
#define SILENT_US INT64_C(2000000)
#define PIECE     (1 << 20)
#define PIECES    16 /* at one look, so that one sender does not hold up all others */

static void drop(struct leavers *l, int i)
{
    close(l->item[i].fd);
    l->count--;
    memmove(&l->item[i], &l->item[i + 1], (size_t)(l->count - i) * sizeof *l->item);
}

void leavers_add(struct leavers *l, int fd, int64_t now)
{
    if (l->count == LEAVERS_MAX) drop(l, 0);
    l->item[l->count++] = (struct leaver){fd, now, now};
}

/* With MSG_TRUNC the kernel throws the bytes of TCP away itself. False: the client is done. */
static bool read_away(struct leaver *item, int64_t now)
{
    ssize_t size = 1;

    for (int i = 0; i < PIECES && size > 0; i++) {
        size = recv(item->fd, NULL, PIECE, MSG_DONTWAIT | MSG_TRUNC);
        if (size > 0) item->heard = now;
    }
    return size != 0;
}

void leavers_look(struct leavers *l, int64_t now)
{
    for (int i = l->count - 1; i >= 0; i--) {
        struct leaver *item = &l->item[i];

        if (!read_away(item, now) || now - item->since > TOTAL_US ||
            now - item->heard > SILENT_US)
            drop(l, i);
    }
}

void leavers_end(struct leavers *l)
{
    while (l->count > 0) drop(l, l->count - 1);
}

int leavers_poll(const struct leavers *l, struct pollfd *out)
{
    for (int i = 0; i < l->count; i++)
        out[i] = (struct pollfd){.fd = l->item[i].fd, .events = POLLIN};
    return l->count;
}
