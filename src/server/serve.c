/* serve.c - the life of the server: start, wait for a signal, drain, stop. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "reload.h"
#include "selftest.h"
#include "server.h"
#include "statistics.h"
#include "tls.h"

#define TICK_US      20000 /* how often requests under way are counted while draining */
#define LAST_SECONDS 2     /* after the grace time, to stop what is under way */

/* Blocks of this size go back to the system when they are freed. Left to itself glibc raises
 * its threshold to what it has seen, and keeps far more than the budget says is in use. */
#define LARGE_BLOCK (1 << 20)

static struct http_config http_config_of(const struct config *config, struct server *server)
{
    return (struct http_config){
        .address = {config->address, config->port},
        .monitor = {config->monitor[0] ? config->monitor : NULL, config->monitor_port},
        .tls = config->tls_cert != NULL,
        .io_threads = (int)config->io_threads,
        .compute_nice = (int)config->compute_nice,
        .limits = config->limits,
        .budget = &server->budget,
        .large = &server->large,
        .request_memory = config->request_memory};
}

/* Whoever waits for the file must not see it half-written. */
static bool write_port(const char *path, uint16_t port)
{
    char temporary[4096];
    FILE *file;
    bool ok;

    if (path == NULL) return true;
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
        return false;
    file = fopen(temporary, "we");
    if (file == NULL) return false;
    ok = fprintf(file, "%u\n", (unsigned)port) > 0;
    return fclose(file) == 0 && ok && rename(temporary, path) == 0;
}

static void warn_of_files(const struct server *server)
{
    const int64_t wanted = server->config->limits.connections;
    const int64_t given = http_connections(server->http);

    if (given < wanted)
        log_event(LOG_WARNING,
                  "at most %lld connections, not %lld: the limit of open files (ulimit -n)",
                  (long long)given, (long long)wanted);
}

static void tell_of_monitor(const struct server *server)
{
    const struct config *config = server->config;
    char url[96];

    if (config->metrics_listen == NULL) return;
    log_event(LOG_INFO, "metrics and health on %s",
              address_url(config->monitor, http_monitor_port(server->http),
                          config->tls_cert != NULL, url, sizeof url));
}

/* False, and said: this machine computes other bits than all others. */
static bool test_kernels(void)
{
    struct sc_note note = {0};

    if (selftest(&note)) return true;
    log_event(LOG_ERROR, "%s", note.detail);
    return false;
}

static bool start(struct server *server, const struct http_app *app)
{
    const struct config *config = server->config;
    const struct http_config http = http_config_of(config, server);
    struct sc_note note = {0};
    char url[96];

    server->http = http_start(&http, app, &note);
    if (server->http == NULL) {
        log_event(LOG_ERROR, "cannot start: %s", note.detail);
        return false;
    }
    http_accept(server->http); /* not sooner: handlers ask server->http */
    if (!write_port(config->port_file, http_port(server->http))) {
        log_event(LOG_ERROR, "cannot write %s: %s", config->port_file, strerror(errno));
        http_stop(server->http);
        return false;
    }
    warn_of_files(server);
    atomic_store(&server->phase, READY);
    log_event(LOG_INFO,
              "scored %s listening on %s, %lld threads, %lld MiB for requests, %s, %s",
              SCORED_VERSION,
              address_url(config->address, http_port(server->http), config->tls_cert != NULL,
                          url, sizeof url),
              (long long)config->threads, (long long)(config->memory >> 20), sc_isa(),
              config->keys ? "to teams with keys" : "open to anybody who can connect");
    tell_of_monitor(server);
    return true;
}

/* Waits for a second signal that ends the program at once; false: the time is over. A program
 * that was stopped and goes on is interrupted, and has waited no longer for that. */
static bool signalled(const sigset_t *signals, int64_t us)
{
    const int64_t until = sc_clock_us() + us;
    int signal = -1;

    for (int64_t left = us; signal < 0 && left >= 0; left = until - sc_clock_us()) {
        const struct timespec time = {left / 1000000, left % 1000000 * 1000};

        signal = sigtimedwait(signals, NULL, &time);
        if (signal < 0 && errno != EINTR) break;
    }
    return signal > 0;
}

static void end_at_once(void)
{
    log_event(LOG_WARNING, "second signal: ending at once");
    _exit(1);
}

static void end_in_handler(int signal)
{
    (void)signal;
    _exit(1);
}

/* Nobody waits for signals any more; one more shall still end the program. */
static void end_on_signal(const sigset_t *signals)
{
    signal(SIGTERM, end_in_handler);
    signal(SIGINT, end_in_handler);
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
}

/* False: the grace time ran out. */
static bool drain(struct server *server, const sigset_t *signals)
{
    const struct config *config = server->config;
    int64_t until;

    atomic_store(&server->phase, DRAINING);
    http_drain(server->http); /* kept connections hear of it while they are still served */
    if (signalled(signals, config->drain_delay * 1000000)) end_at_once();
    http_stop_accepting(server->http);
    until = sc_clock_us() + config->grace * 1000000;
    while (http_active(server->http) > 0 && sc_clock_us() < until)
        if (signalled(signals, TICK_US)) end_at_once();
    return http_active(server->http) == 0;
}

/* Work that hears of the end within this time ends well; other work is left where it is. */
static void *end_late(void *unused)
{
    const struct timespec time = {.tv_sec = LAST_SECONDS};

    (void)unused;
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL) == EINTR) continue;
    log_event(LOG_ERROR, "requests under way do not end: ending without them");
    _exit(1);
}

/* From here the program ends soon, whatever it computes. */
static void limit_the_end(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, end_late, NULL) == 0) pthread_detach(thread);
}

/* Waits for a signal that ends the program. */
static void wait_for_end(struct server *server, const sigset_t *signals)
{
    sigset_t all = *signals;
    int signal;

    sigaddset(&all, SIGHUP);
    for (;;) {
        if (sigwait(&all, &signal) != 0) continue;
        if (signal != SIGHUP) break;
        reload(server);
    }
    log_event(LOG_INFO, "signal %d: draining", signal);
}

/* SIGHUP is for the main thread alone, and waits until that looks. */
static void block_signals(const sigset_t *signals)
{
    sigset_t all = *signals;

    sigaddset(&all, SIGHUP);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int serve(const struct config *config)
{
    struct server server = {
        .config = config,
        .budget = {.limit = (size_t)config->memory},
        .large = {.limit = (size_t)config->large_memory, .parent = &server.budget}};
    const struct http_app app = app_of(&server);
    sigset_t signals;
    bool drained;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    block_signals(&signals);
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    if (!reload_first(&server)) return 2;
    server.statistics = statistics_new();
    server.metrics = metrics_new();
    server.started = (double)time(NULL);
    if (server.statistics == NULL || server.metrics == NULL || !test_kernels() ||
        !start(&server, &app))
        return 1;
    wait_for_end(&server, &signals);
    drained = drain(&server, &signals);
    if (!drained) {
        log_event(LOG_WARNING, "the grace time ran out with %d requests under way",
                  http_active(server.http));
        limit_the_end();
    }
    end_on_signal(&signals);
    http_stop(server.http);
    free(server.statistics);
    metrics_free(server.metrics);
    teams_done(&server.teams);
    tls_done();
    log_event(LOG_INFO, "stopped");
    return drained ? 0 : 1;
}
