/* server.c - starting, draining and stopping libmicrohttpd and the executor. */
#include "exchange.h"
#include "listen.h"
#include "priority.h"
#include "tls.h"

#include <signal.h>
#include <stdlib.h>

/* Upload pieces are half of it; it is zeroed after every request, so larger costs small ones.
 */
#define CONNECTION_MEMORY ((size_t)128 << 10)
/* How long connections have for a last request once no new ones are taken. */
#define LAST_REQUESTS_US  1200000 /* more than peers.c needs to see half a request */
/* Files besides connections: of the program, and of each I/O thread. */
#define FILES_OF_PROGRAM  (32 + HTTP_MONITORS + HTTP_CROWD + LEAVERS_MAX)
#define FILES_OF_THREAD   4
#define FLAGS                                                                                  \
    (MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET)
/* Deadlines are ours (peers.h); this one is for what they do not see. */
#define IDLE_EXTRA_SECONDS 5

/* The strictness for a public server, as each generation of libmicrohttpd calls it. */
#if MHD_VERSION >= 0x01000000
#define STRICTNESS MHD_OPTION_CLIENT_DISCIPLINE_LVL
#else
#define STRICTNESS MHD_OPTION_STRICT_FOR_CLIENT
#endif

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
    const struct http_config *config = &server->config;
    const int64_t threads = config->io_threads;
    const unsigned flags = config->tls ? FLAGS | MHD_USE_TLS : FLAGS;
    /* The door counts; here it is divided among the threads, and must never be reached. */
    const int64_t connections = (config->limits.connections * 2 + FILES_OF_PROGRAM) * threads;
    const struct MHD_OptionItem options[] = {
        {STRICTNESS, 1, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connections, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, config->limits.idle_seconds + IDLE_EXTRA_SECONDS, NULL},
        /* The last row, and only for a pool: libmicrohttpd refuses one of 1. */
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, server, /* options: */
                            MHD_OPTION_URI_LOG_CALLBACK, exchange_new, server,
                            MHD_OPTION_NOTIFY_COMPLETED, exchange_free, server,
                            MHD_OPTION_NOTIFY_CONNECTION, exchange_notify, server,
                            MHD_OPTION_ARRAY, options,
                            config->tls ? MHD_OPTION_HTTPS_CERT_CALLBACK : MHD_OPTION_END,
                            tls_retrieve(), MHD_OPTION_END);
}

static bool start_peers(struct http_server *server)
{
    server->peers.app = server->app;
    server->peers.limits = server->config.limits;
    server->peers.counts = &server->counts;
    server->peers.secret = server->config.tls;
    return peers_start(&server->peers);
}

static bool start_threads(struct http_server *server)
{
    const struct executor_calls calls = queue_calls();

    server->executor =
        executor_start(&calls, server->config.limits.queue_jobs, server->config.compute_nice);
    if (server->executor == NULL) return false;
    if (start_peers(server)) {
        server->daemon = start_daemon(server);
        if (server->daemon != NULL && door_start(&server->door)) return true;
        if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
        peers_stop(&server->peers);
        peers_done(&server->peers);
    }
    executor_stop(server->executor);
    executor_free(server->executor);
    return false;
}

/* Signals are for the main thread. Threads have the priority of this one, until they say
 * otherwise. */
static bool start_without_signals(struct http_server *server)
{
    sigset_t all, before;
    bool started;

    priority_prompt();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = start_threads(server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static bool start(struct http_server *server, struct sc_note *note)
{
    if (!door_open(&server->door, server, note)) return false;
    if (start_without_signals(server)) return true;
    sc_fail(note, SC_INTERNAL, "", "cannot start the threads of the server");
    door_close(&server->door);
    return false;
}

struct http_server *http_start(const struct http_config *config, const struct http_app *app,
                               struct sc_note *note)
{
    struct http_server *server = calloc(1, sizeof *server);

    if (server == NULL) {
        sc_fail(note, SC_NO_MEMORY, "", "no memory for the server");
        return NULL;
    }
    server->config = *config;
    server->config.limits.connections = listen_connections(
        config->limits.connections, FILES_OF_PROGRAM + FILES_OF_THREAD * config->io_threads);
    server->app = app;
    server->shares.of = config->large;
    pthread_mutex_init(&server->shares_lock, NULL);
    if (start(server, note)) return server;
    pthread_mutex_destroy(&server->shares_lock);
    free(server);
    return NULL;
}

void http_accept(struct http_server *server)
{
    server->accepting = true;
    door_accept(&server->door);
}

uint16_t http_port(const struct http_server *server)
{
    return listen_port(server->door.listen[DOOR_MAIN]);
}

uint16_t http_monitor_port(const struct http_server *server)
{
    return listen_port(server->door.listen[DOOR_MONITOR]);
}

const struct http_counts *http_counts(const struct http_server *server)
{
    return &server->counts;
}

int http_open(const struct http_server *server)
{
    return atomic_load(&server->peers.count) + atomic_load(&server->peers.monitors);
}

int64_t http_connections(const struct http_server *server)
{
    return server->config.limits.connections;
}

void http_drain(struct http_server *server)
{
    atomic_store(&server->drained, sc_clock_us());
    atomic_store(&server->draining, true);
}

void http_stop_accepting(struct http_server *server)
{
    if (!server->accepting) return;
    server->accepting = false;
    door_shut(&server->door);
    atomic_store(&server->drained, sc_clock_us());
}

int http_active(struct http_server *server)
{
    const int active = atomic_load(&server->active);
    const int connections = atomic_load(&server->peers.count);

    if (active >= connections || !atomic_load(&server->draining)) return active;
    if (sc_clock_us() - atomic_load(&server->drained) < LAST_REQUESTS_US) return connections;
    return active + peers_begun(&server->peers);
}

int http_requests(const struct http_server *server)
{
    return atomic_load(&server->active);
}

int64_t http_queued(const struct http_server *server)
{
    return executor_queued(server->executor);
}

int64_t http_oldest(const struct http_server *server)
{
    const int64_t came = executor_oldest(server->executor), now = sc_clock_us();

    return came < now ? now - came : 0;
}

/* libmicrohttpd aborts when it is stopped with a suspended connection, so the executor, which
 * resumes each, goes first; from then on nothing can be queued. */
void http_stop(struct http_server *server)
{
    http_drain(server);
    http_stop_accepting(server);
    atomic_store(&server->stopping, true);
    executor_stop(server->executor);
    peers_stop(&server->peers);
    MHD_stop_daemon(server->daemon);
    door_stop(&server->door);
    door_close(&server->door);
    peers_done(&server->peers);
    executor_free(server->executor);
    pthread_mutex_destroy(&server->shares_lock);
    free(server);
}
