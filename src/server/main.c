/* main.c - what the command line asks for. */
#include <stdio.h>
#include <sys/prctl.h>

#include "config.h"
#include "eval_command.h"
#include "functions.h"
#include "healthcheck.h"
#include "http.h"
#include "isa.h"
#include "log.h"
#include "machine.h"
#include "new_key.h"
#include "score.h"
#include "server.h"
#include "tls.h"
#include "wait_asleep.h"

static int version(void)
{
    char levels[MACHINE_LEVELS_TEXT];

    printf("scored %s (commit %s), numerics %d, %s, libmicrohttpd %s\n", SCORED_VERSION,
           SCORED_COMMIT, SC_NUMERICS, machine_levels(levels, sc_isa(), codec_isa()->name),
           http_library());
    return 0;
}

static int check(const struct config *config)
{
    struct sc_note note = {0};
    struct teams teams;
    enum sc_status status = teams_start(&teams, config->keys, NULL, &note);

    teams_done(&teams);
    if (status == SC_OK && config->tls_cert != NULL)
        status = tls_load(config->tls_cert, config->tls_key, 0, &note);
    tls_done();
    if (status == SC_OK)
        puts("the settings are good");
    else
        fprintf(stderr, "scored: %s\n", note.detail);
    return status == SC_OK ? 0 : 2;
}

static int act(const struct config *config)
{
    switch (config->action) {
    case ACTION_HELP:
        config_help(stdout);
        return 0;
    case ACTION_VERSION:
        return version();
    case ACTION_FUNCTIONS:
        functions_print(stdout);
        return 0;
    case ACTION_CHECK:
        return check(config);
    case ACTION_NEW_KEY:
        return new_key(config);
    case ACTION_HEALTHCHECK:
        return healthcheck(config->address, config->port, config->tls_cert != NULL);
    case ACTION_EVAL:
        return eval(config);
    case ACTION_EVAL_HELP:
        eval_help(stdout);
        return 0;
    default:
        log_start(config->level, config->slow_ms);
        return serve(config);
    }
}

int main(int argc, char **argv)
{
    struct sc_note note = {0};
    struct config config = {0};
    int status = 2;

    wait_asleep("/proc/self/exe", argv);
    prctl(PR_SET_NAME, "scored"); /* it may be that of the link that was executed */
    if (sc_init(&note) == SC_OK && config_read(&config, argc, argv, &note) == SC_OK)
        status = act(&config);
    else
        fprintf(stderr, "scored: %s\n", note.detail);
    config_done(&config);
    return status;
}
