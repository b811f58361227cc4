/* reload.c - keys, certificate and settings of the log, the first time and again. */
#include "reload.h"

#include <signal.h>
#include <stdio.h>

#include "log.h"
#include "tls.h"

#define HANDSHAKE_EXTRA 5 /* seconds */

/* A handshake has as long as a head, and is looked at now and then. */
static enum sc_status load_certificate(const struct config *config, struct sc_note *note)
{
    if (config->tls_cert == NULL) return SC_OK;
    return tls_load(config->tls_cert, config->tls_key,
                    config->limits.header_seconds + HANDSHAKE_EXTRA, note);
}

bool reload_first(struct server *server)
{
    const struct config *config = server->config;
    struct sc_note note = {0};
    enum sc_status status = teams_start(&server->teams, config->keys, &server->large, &note);

    if (status == SC_OK) status = load_certificate(config, &note);
    if (status == SC_OK) return true;
    fprintf(stderr, "scored: %s\n", note.detail);
    teams_done(&server->teams);
    return false;
}

/* ---- again ---- */

static void tell(enum sc_status status, const char *good, const char *kept,
                 const struct sc_note *note)
{
    if (status == SC_OK)
        log_event(LOG_INFO, "signal %d: %s", SIGHUP, good);
    else
        log_event(LOG_ERROR, "signal %d: %s: %s", SIGHUP, kept, note->detail);
}

/* All settings but those of the log need a restart. */
static void reload_settings(const struct config *before)
{
    struct sc_note note = {0};
    struct config config;
    const enum sc_status status = config_read(&config, before->argc, before->argv, &note);
    char good[64] = "";

    if (status == SC_OK) {
        log_start(config.level, config.slow_ms);
        snprintf(good, sizeof good, "the log level is %s", config.log_level);
    }
    tell(status, good, "the settings stay as they were", &note);
    config_done(&config);
}

static void reload_certificate(const struct config *config)
{
    struct sc_note note = {0};

    if (config->tls_cert == NULL) return;
    tell(load_certificate(config, &note), "the certificate was read again",
         "the certificate stays as it was", &note);
}

static void reload_keys(struct server *server)
{
    struct sc_note note = {0};

    if (server->config->keys == NULL) return;
    tell(teams_reload(&server->teams, &note), "the keys were read again",
         "the keys stay as they were", &note);
}

void reload(struct server *server)
{
    reload_settings(server->config);
    reload_certificate(server->config);
    reload_keys(server);
}
