/* watch.c - what the kernel counts of a connection, held against the limits. */
#include "watch.h"

/* Not <netinet/tcp.h>: it lacks the counts of bytes. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Once the reply has been begun, a client has so long to take it even if the work took all. */
#define REPLY_LEAST_SECONDS 10
/* One that came when all places were taken. */
#define CROWDED_SECONDS     2
/* Who is refused may bring its body for so long. */
#define REFUSED_SECONDS     30
/* How much of struct tcp_info has both counts. */
#define COUNTED                                                                                \
    (offsetof(struct tcp_info, tcpi_bytes_received) +                                          \
     sizeof((struct tcp_info *)NULL)->tcpi_bytes_received)

struct bytes {
    int64_t received, taken; /* by us; by the client */
    bool known;              /* a request has come, so it is not 0 where the kernel counts */
};

/* Zeros where the kernel does not say: one before Linux 4.1, or one that only plays it. */
static struct bytes count(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < COUNTED)
        return (struct bytes){0};
    return (struct bytes){(int64_t)info.tcpi_bytes_received, (int64_t)info.tcpi_bytes_acked,
                          info.tcpi_bytes_received > 0};
}

/* What has come of a body, read or not, since its phase began. */
static int64_t came_so_far(const struct peer *peer)
{
    int waiting = 0;

    if (ioctl(peer->fd, FIONREAD, &waiting) != 0) waiting = 0;
    return atomic_load(&peer->came) + waiting;
}

/* The count with which a phase began. */
static int64_t first_count(const struct peer *peer, enum phase_of_peer phase,
                           struct bytes bytes)
{
    switch (phase) {
    case PEER_BODY:
    case PEER_REFUSED:
        return bytes.received - came_so_far(peer);
    case PEER_REPLY:
        return bytes.taken;
    default:
        return bytes.received;
    }
}

/* A new phase: what came before is of the last one. */
static void restart(struct peer *peer, const struct sc_limits *limits, int64_t since,
                    enum phase_of_peer phase, struct bytes bytes)
{
    struct watch *w = &peer->watch;

    w->since = since;
    w->phase = phase;
    if (phase != PEER_HEAD || w->waited != atomic_load(&peer->waited)) w->head = 0;
    w->lags = false;
    w->looks = 0;
    /* So far nothing of the next request. */
    w->received = peer_is_fresh(peer) ? 0 : bytes.received;
    pace_start(&w->pace, limits, since, first_count(peer, phase, bytes));
}

static bool passed(int64_t since, int64_t seconds, int64_t now)
{
    return now - since > seconds * PACE_SECOND;
}

/* From the first byte of a request to the end of its head. */
static int64_t head_seconds(const struct peer *peer, const struct sc_limits *limits)
{
    return peer->crowded && limits->header_seconds > CROWDED_SECONDS ? CROWDED_SECONDS
                                                                     : limits->header_seconds;
}

/* Between requests a client may be silent for long; from the first byte it has little time. */
static enum lateness look_at_idle(struct peer *peer, const struct sc_limits *limits,
                                  int64_t received, int64_t now)
{
    struct watch *w = &peer->watch;
    const int64_t seconds = head_seconds(peer, limits);
    const bool fresh = peer_is_fresh(peer);

    if (w->head == 0 && received > w->received) {
        w->head = fresh ? w->since : now;
        w->waited = w->since;
    }
    if (w->head != 0) return passed(w->head, seconds, now) ? LATE_HEAD : LATE_NOT;
    if (fresh && passed(w->since, seconds, now)) return LATE_IDLE;
    return passed(w->since, limits->idle_seconds, now) ? LATE_IDLE : LATE_NOT;
}

/* The request line has come; perhaps its first byte long before. */
static enum lateness look_at_head(const struct peer *peer, const struct sc_limits *limits,
                                  int64_t now)
{
    const struct watch *w = &peer->watch;
    const int64_t since = w->head != 0 ? w->head : w->since;

    return passed(since, head_seconds(peer, limits), now) ? LATE_HEAD : LATE_NOT;
}

static int64_t body_seconds(const struct peer *peer, const struct sc_limits *limits)
{
    return peer->watch.phase == PEER_REFUSED && limits->body_seconds > REFUSED_SECONDS
               ? REFUSED_SECONDS
               : limits->body_seconds;
}

/* Where the kernel does not count, body_seconds has to do. */
static enum lateness look_at_body(struct peer *peer, const struct sc_limits *limits,
                                  struct bytes bytes, int64_t now)
{
    struct watch *w = &peer->watch;
    const bool keeps = !bytes.known || pace_keeps(&w->pace, limits, now, bytes.received);

    w->lags = bytes.known && w->looks > 1 && pace_lags(&w->pace, limits, now);
    return keeps && !passed(w->since, body_seconds(peer, limits), now) ? LATE_NOT : LATE_BODY;
}

static enum lateness look_at_reply(struct peer *peer, const struct sc_limits *limits,
                                   struct bytes bytes, int64_t now)
{
    struct watch *w = &peer->watch;
    const bool keeps = !bytes.known || pace_keeps(&w->pace, limits, now, bytes.taken);
    const bool over = passed(peer->work, limits->rest_seconds, now) &&
                      passed(w->since, REPLY_LEAST_SECONDS, now);

    w->lags = bytes.known && w->looks > 1 && pace_lags(&w->pace, limits, now);
    return keeps && !over ? LATE_NOT : LATE_REPLY;
}

enum lateness watch_look(struct peer *peer, const struct sc_limits *limits, int64_t now)
{
    const enum phase_of_peer phase = atomic_load(&peer->phase);
    const int64_t since = atomic_load(&peer->since);
    struct bytes bytes;

    if (phase == PEER_WORK || phase == PEER_CUT) return LATE_NOT;
    bytes = count(peer->fd);
    if (since != peer->watch.since || phase != peer->watch.phase)
        restart(peer, limits, since, phase, bytes);
    peer->watch.looks++;
    switch (phase) {
    case PEER_IDLE:
        return look_at_idle(peer, limits, bytes.received, now);
    case PEER_HEAD:
        return look_at_head(peer, limits, now);
    case PEER_BODY:
    case PEER_REFUSED:
        return look_at_body(peer, limits, bytes, now);
    default:
        return look_at_reply(peer, limits, bytes, now);
    }
}
