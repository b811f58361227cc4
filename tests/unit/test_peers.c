/* test_peers.c - who has to go when places are taken, and who is late where nothing is counted:
 * pairs of sockets that are no TCP, so the kernel tells no bytes. */
#include <check.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "listen.h"
#include "watch.h"

#define PEERS 4

static struct peers peers;
static struct http_counts counts;
static struct peer *peer[PEERS];
static int client[PEERS];

typedef void pair_fn(int pair[2]);

static void pair_unix(int pair[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

/* Over loopback. */
static void pair_tcp(int pair[2])
{
    const int listener = listen_open("127.0.0.1", 0, &(struct sc_note){0});
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(listen_port(listener))};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(pair[0], (struct sockaddr *)&to, sizeof to), 0);
    pair[1] = accept(listener, NULL, NULL);
    ck_assert_int_ge(pair[1], 0);
    close(listener);
}

/* Idle since so long; the later ones for longer, so that they would have to go first. */
static void setup_with(pair_fn *make)
{
    memset(&peers, 0, sizeof peers);
    memset(&counts, 0, sizeof counts);
    peers.counts = &counts;
    peers.limits = sc_limits_preset();
    pthread_mutex_init(&peers.lock, NULL);
    for (int i = 0; i < PEERS; i++) {
        int pair[2];

        make(pair);
        client[i] = pair[0];
        ck_assert(peers_adopt(&peers, pair[1], false, false));
        peer[i] = peers_meet(&peers, pair[1]);
        ck_assert_ptr_nonnull(peer[i]);
        ck_assert(peer_enter(peer[i], PEER_HEAD) && peer_enter(peer[i], PEER_IDLE));
        atomic_store(&peer[i]->since, sc_clock_us() - (2 + i) * PACE_SECOND);
    }
}

static void setup(void)
{
    setup_with(pair_unix);
}

static void setup_tcp(void)
{
    setup_with(pair_tcp);
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

/* Of a body that began so long ago: the second look judges. */
static bool lags(struct peer *p, int64_t seconds)
{
    atomic_store(&p->since, sc_clock_us() - seconds * PACE_SECOND);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(watch_look(p, &peers.limits, sc_clock_us()), LATE_NOT);
    return p->watch.lags;
}

static void bring(int i, size_t size)
{
    static const char bytes[1 << 16];

    ck_assert_int_eq(send(client[i], bytes, size, 0), (ssize_t)size);
}

START_TEST(what_came_before_the_first_look_counts)
{
    for (int i = 0; i < PEERS; i++) {
        bring(i, 100); /* its head */
        ck_assert_int_eq(recv(peer[i]->fd, (char[100]){0}, 100, MSG_WAITALL), 100);
        ck_assert(peer_enter(peer[i], i == 3 ? PEER_REFUSED : PEER_BODY));
    }
    peers.limits.body_rate = 1000;
    bring(0, 4000); /* read, ... */
    ck_assert_int_eq(recv(peer[0]->fd, (char[4000]){0}, 4000, MSG_WAITALL), 4000);
    atomic_store(&peer[0]->came, 4000);
    bring(1, 4000); /* ... or not */
    bring(2, 1000);
    bring(3, 4000);
    ck_assert(!lags(peer[0], 3) && !lags(peer[1], 3) && !lags(peer[3], 3));
    ck_assert(lags(peer[2], 3));
}
END_TEST

/* The thread looks at peer 1 first. */
START_TEST(a_head_that_waits_for_us_is_not_late)
{
    peers.secret = true; /* nobody is told */
    peers.limits.header_seconds = 1;
    for (int i = 0; i < 2; i++) {
        ck_assert(peer_enter(peer[i], PEER_HEAD));
        atomic_store(&peer[i]->since, sc_clock_us() - 9 * PACE_SECOND);
    }
    bring(0, 1);
    ck_assert(peers_start(&peers));
    for (int tries = 0; tries < 200 && !peer_is_cut(peer[1]); tries++) usleep(50000);
    peers_stop(&peers);
    ck_assert(peer_is_cut(peer[1]));
    ck_assert(!peer_is_cut(peer[0]));
}
END_TEST

START_TEST(who_is_refused_has_less_time_for_a_body)
{
    ck_assert(peer_enter(peer[0], PEER_BODY) && peer_enter(peer[1], PEER_REFUSED));
    ck_assert_int_eq(look(peer[0], 31), LATE_NOT);
    ck_assert_int_eq(look(peer[1], 29), LATE_NOT);
    ck_assert_int_eq(look(peer[1], 31), LATE_BODY);
    peers.limits.body_seconds = 20;
    ck_assert_int_eq(look(peer[1], 21), LATE_BODY);
}
END_TEST

Suite *suite_peers(void);

Suite *suite_peers(void)
{
    Suite *suite = suite_create("peers");
    TCase *tcase = tcase_create("peers"), *tcp = tcase_create("bytes are counted");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_checked_fixture(tcp, setup_tcp, teardown);
    tcase_add_test(tcp, what_came_before_the_first_look_counts);
    tcase_add_test(tcp, a_head_that_waits_for_us_is_not_late);
    tcase_add_test(tcase, who_has_sent_something_stays);
    tcase_add_test(tcase, half_a_request_that_is_not_yet_read_stays);
    tcase_add_test(tcase, half_a_request_goes_before_the_idle);
    tcase_add_test(tcase, who_has_asked_nothing_yet_goes_before_the_idle);
    tcase_add_test(tcase, a_kept_connection_may_be_silent_where_nothing_is_counted);
    tcase_add_test(tcase, who_is_refused_has_less_time_for_a_body);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, tcp);
    return suite;
}
