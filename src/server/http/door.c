/* door.c - accepting connections, refusing some. */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "exchange.h"
#include "listen.h"

#define BATCH       64  /* connections taken at once from one socket */
#define LINGER_MS   250 /* how often lingering sockets are looked at */
#define NO_FILES_MS 20  /* how long to wait when nothing helps */

static void wake(const struct door *door)
{
    const uint64_t one = 1;
    const ssize_t written = write(door->wake, &one, sizeof one);

    (void)written; /* it is awake already */
}

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- one connection; the lock is held ---- */

/* No place: a word, and a while to read it. Over TLS nobody could read it. */
static void refuse(struct door *door, int fd)
{
    const struct http_server *server = door->server;
    const int seconds =
        queue_retry_after(executor_wait(server->executor), (unsigned)sc_clock_us());

    atomic_fetch_add(&door->server->counts.refused, 1);
    if (!server->peers.secret) reply_bare(fd, server->app, 503, seconds);
    shutdown(fd, SHUT_WR);
    leavers_add(&door->leavers, fd, sc_clock_us());
}

static void hand_over(struct door *door, int fd, bool monitor, bool crowded,
                      const struct sockaddr *from, socklen_t size)
{
    struct http_server *server = door->server;

    if (!peers_adopt(&server->peers, fd, monitor, crowded)) {
        close(fd);
        return;
    }
    atomic_fetch_add(&server->counts.accepted, 1);
    if (MHD_add_connection(server->daemon, fd, from, size) != MHD_YES)
        peers_disown(&server->peers, fd);
}

static void take_in(struct door *door, int fd, bool monitor, const struct sockaddr *from,
                    socklen_t size)
{
    const enum peers_place place = peers_place(&door->server->peers, monitor);

    if (place == PEERS_FULL)
        refuse(door, fd);
    else
        hand_over(door, fd, monitor, place == PEERS_CROWDED, from, size);
}

/* ---- no files ---- */

static bool lacks_files(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Tells one client by the spare file, and lets somebody go who waits. */
static void make_do(struct door *door, int listener)
{
    const struct timespec pause = {.tv_nsec = NO_FILES_MS * 1000000};
    int fd = -1;

    leavers_end(&door->leavers);
    peers_make_room(&door->server->peers);
    if (door->spare >= 0) {
        close(door->spare);
        fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }
    if (fd >= 0) {
        refuse(door, fd);
        leavers_end(&door->leavers);
    }
    door->spare = open_spare();
    if (fd < 0) nanosleep(&pause, NULL);
}

/* False: nobody waits. */
static bool accept_one(struct door *door, int at)
{
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    const int listener = door->listen[at];
    const int fd =
        accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        take_in(door, fd, at == DOOR_MONITOR, (struct sockaddr *)&from, size);
        return true;
    }
    if (lacks_files(errno)) {
        make_do(door, listener);
        return false;
    }
    return errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
}

static void accept_some(struct door *door, int at)
{
    for (int i = 0; i < BATCH && accept_one(door, at); i++) continue;
}

/* ---- the thread ---- */

/* Waits; the lock is not held meanwhile. Which doors have somebody waiting? A bit for each. */
static unsigned wait_for_somebody(struct door *door)
{
    struct pollfd file[1 + DOORS + LEAVERS_MAX] = {{.fd = door->wake, .events = POLLIN}};
    const int lingering = leavers_poll(&door->leavers, file + 1 + DOORS);
    unsigned waiting = 0;
    uint64_t count;

    for (int at = 0; at < DOORS; at++)
        file[1 + at] =
            (struct pollfd){.fd = door->accepting ? door->listen[at] : -1, .events = POLLIN};
    pthread_mutex_unlock(&door->lock);
    poll(file, (nfds_t)1 + DOORS + (nfds_t)lingering, lingering > 0 ? LINGER_MS : -1);
    if (file[0].revents != 0 && read(door->wake, &count, sizeof count) < 0) count = 0;
    pthread_mutex_lock(&door->lock);
    for (int at = 0; at < DOORS; at++)
        if (file[1 + at].revents != 0) waiting |= 1U << at;
    return door->accepting ? waiting : 0;
}

static void *attend(void *argument)
{
    struct door *door = argument;

    pthread_mutex_lock(&door->lock);
    while (!door->stopping) {
        const unsigned waiting = wait_for_somebody(door);

        for (int at = 0; at < DOORS; at++)
            if ((waiting & 1U << at) != 0) accept_some(door, at);
        leavers_look(&door->leavers, sc_clock_us());
    }
    leavers_end(&door->leavers);
    pthread_mutex_unlock(&door->lock);
    return NULL;
}

/* ---- the life of the door ---- */

bool door_open(struct door *door, struct http_server *server, struct sc_note *note)
{
    const struct http_config *config = &server->config;

    *door = (struct door){.server = server, .spare = open_spare(), .listen = {-1, -1}};
    door->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&door->lock, NULL);
    door->listen[DOOR_MAIN] = listen_open(config->address.host, config->address.port, note);
    if (door->listen[DOOR_MAIN] >= 0 && config->monitor.host != NULL)
        door->listen[DOOR_MONITOR] =
            listen_open(config->monitor.host, config->monitor.port, note);
    if (door->listen[DOOR_MAIN] >= 0 &&
        (config->monitor.host == NULL || door->listen[DOOR_MONITOR] >= 0))
        return true;
    door_close(door);
    return false;
}

bool door_start(struct door *door)
{
    return door->wake >= 0 && pthread_create(&door->thread, NULL, attend, door) == 0;
}

void door_accept(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    door->accepting = true;
    pthread_mutex_unlock(&door->lock);
    wake(door);
}

/* Those who were connected but not yet accepted come in first: the shutdown would reset them.
 * Until the socket is closed the kernel would go on completing connections that nobody accepts.
 */
void door_shut(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    for (int at = 0; at < DOORS && door->accepting; at++) {
        while (door->listen[at] >= 0 && accept_one(door, at)) continue;
        if (door->listen[at] >= 0) shutdown(door->listen[at], SHUT_RDWR);
    }
    door->accepting = false;
    pthread_mutex_unlock(&door->lock);
    wake(door);
}

void door_linger(struct door *door, int fd)
{
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0) return;
    pthread_mutex_lock(&door->lock);
    leavers_add(&door->leavers, copy, sc_clock_us());
    pthread_mutex_unlock(&door->lock);
    wake(door);
}

void door_stop(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    door->stopping = true;
    pthread_mutex_unlock(&door->lock);
    wake(door);
    pthread_join(door->thread, NULL);
}

void door_close(struct door *door)
{
    for (int at = 0; at < DOORS; at++)
        if (door->listen[at] >= 0) close(door->listen[at]);
    if (door->spare >= 0) close(door->spare);
    if (door->wake >= 0) close(door->wake);
    leavers_end(&door->leavers);
    pthread_mutex_destroy(&door->lock);
}
