/* test_peers.c - who has to go when places are taken, and who is late where nothing is counted:
 * pairs of sockets that are no TCP, so the kernel tells no bytes. */
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "watch.h"

#define PEERS 4

static struct peers peers;
static struct http_counts counts;
static struct peer *peer[PEERS];
static int client[PEERS];

/* Idle since so long; the later ones for longer, so that they would have to go first. */
static void setup(void)
{
    memset(&peers, 0, sizeof peers);
    memset(&counts, 0, sizeof counts);
    peers.counts = &counts;
    peers.limits = sc_limits_preset();
    pthread_mutex_init(&peers.lock, NULL);
    for (int i = 0; i < PEERS; i++) {
        int pair[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        client[i] = pair[0];
        ck_assert(peers_adopt(&peers, pair[1], false, false));
        peer[i] = peers_meet(&peers, pair[1]);
        ck_assert_ptr_nonnull(peer[i]);
        ck_assert(peer_enter(peer[i], PEER_HEAD) && peer_enter(peer[i], PEER_IDLE));
        atomic_store(&peer[i]->since, sc_clock_us() - (2 + i) * PACE_SECOND);
    }
}

static void teardown(void)
{
    for (int i = 0; i < PEERS; i++) {
        const int fd = peer[i]->fd;

        peers_part(&peers, peer[i]);
        close(fd);
        close(client[i]);
    }
    pthread_mutex_destroy(&peers.lock);
}

static void send_byte(int i)
{
    ck_assert_int_eq(send(client[i], "G", 1, 0), 1);
}

START_TEST(who_has_sent_something_stays)
{
    send_byte(2);
    send_byte(3);
    ck_assert(peers_make_room(&peers));
    ck_assert(peer_is_cut(peer[1]));
    ck_assert(peers_make_room(&peers));
    ck_assert(peer_is_cut(peer[0]));
    ck_assert(!peers_make_room(&peers));
    ck_assert(!peer_is_cut(peer[2]) && !peer_is_cut(peer[3]));
    ck_assert_int_eq(atomic_load(&counts.evicted), 2);
}
END_TEST

START_TEST(half_a_request_that_is_not_yet_read_stays)
{
    ck_assert(peer_enter(peer[3], PEER_HEAD));
    atomic_store(&peer[3]->since, sc_clock_us() - 9 * PACE_SECOND);
    send_byte(3);
    ck_assert(peers_make_room(&peers));
    ck_assert(!peer_is_cut(peer[3]));
    ck_assert(peer_is_cut(peer[2]));
}
END_TEST

START_TEST(half_a_request_goes_before_the_idle)
{
    ck_assert(peer_enter(peer[0], PEER_HEAD));
    atomic_store(&peer[0]->since, sc_clock_us() - 2 * PACE_SECOND);
    ck_assert(peers_make_room(&peers));
    ck_assert(peer_is_cut(peer[0]));
}
END_TEST

START_TEST(who_has_asked_nothing_yet_goes_before_the_idle)
{
    atomic_store(&peer[1]->waited, 0);
    ck_assert(peers_make_room(&peers));
    ck_assert(peer_is_cut(peer[1]));
}
END_TEST

static enum lateness look(struct peer *p, int64_t seconds)
{
    const int64_t now = sc_clock_us();

    atomic_store(&p->since, now - seconds * PACE_SECOND);
    return watch_look(p, &peers.limits, now);
}

START_TEST(a_kept_connection_may_be_silent_where_nothing_is_counted)
{
    ck_assert_int_eq(look(peer[0], peers.limits.header_seconds + 1), LATE_NOT);
    ck_assert_int_eq(look(peer[0], peers.limits.idle_seconds - 1), LATE_NOT);
    ck_assert_int_eq(look(peer[0], peers.limits.idle_seconds + 1), LATE_IDLE);
    atomic_store(&peer[1]->waited, 0); /* it has asked nothing yet */
    ck_assert_int_eq(look(peer[1], peers.limits.header_seconds - 1), LATE_NOT);
    ck_assert_int_eq(look(peer[1], peers.limits.header_seconds + 1), LATE_IDLE);
}
END_TEST

Suite *suite_peers(void);

Suite *suite_peers(void)
{
    Suite *suite = suite_create("peers");
    TCase *tcase = tcase_create("peers");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, who_has_sent_something_stays);
    tcase_add_test(tcase, half_a_request_that_is_not_yet_read_stays);
    tcase_add_test(tcase, half_a_request_goes_before_the_idle);
    tcase_add_test(tcase, who_has_asked_nothing_yet_goes_before_the_idle);
    tcase_add_test(tcase, a_kept_connection_may_be_silent_where_nothing_is_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}
