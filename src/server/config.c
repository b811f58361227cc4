/* config.c - options, environment and file through one table. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "config_sources.h"
#include "machine.h"
#include "settings.h"

#define MIB ((int64_t)1 << 20)

/* ---- meaning ---- */

static enum sc_status set_all(struct reading *r)
{
    char name[SETTING_NAME_SIZE];

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];

        if (r->given[i].text != NULL)
            SC_TRY(setting_set(s, r->given[i].text, source_of(r, s, name), r->config, r->note));
        else
            setting_reset(s, r->config);
    }
    return SC_OK;
}

static enum sc_status read_listen(struct config *config, struct sc_note *note)
{
    if (!address_read(config->listen, config->address, sizeof config->address, &config->port))
        return sc_fail(note, SC_BAD_PARAM, NULL,
                       "listen is '%.64s'; it takes ADDRESS:PORT, as 127.0.0.1:8080 or "
                       "[::1]:8080",
                       config->listen);
    if (config->open || config->keys != NULL || address_is_loopback(config->address))
        return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "listen is '%.64s': others can connect there and no keys are set; name some "
                   "with --keys, add "
                   "--open to serve anybody, or listen on 127.0.0.1",
                   config->listen);
}

/* A sixteenth, 1 MiB at least and 64 at most, but no more than a quarter. */
static int64_t memory_for_small(int64_t memory)
{
    int64_t small = memory / 16;

    if (small < MIB) small = MIB;
    if (small > 64 * MIB) small = 64 * MIB;
    return small < memory / 4 ? small : memory / 4;
}

/* More than CPUs: a connection that brings much keeps its thread busy, and those that have the
 * same thread wait. */
static int64_t io_threads_for(int cpus)
{
    return cpus < 2 ? 4 : cpus < 8 ? 2 * cpus : 16;
}

static void set_machine_defaults(struct config *config)
{
    if (config->threads == 0) config->threads = machine_cpus();
    if (config->io_threads == 0) config->io_threads = io_threads_for(machine_cpus());
    if (config->memory == 0) config->memory = machine_memory() / 2;
    config->large_memory = config->memory - memory_for_small(config->memory);
    if (config->request_memory == 0 || config->request_memory > config->large_memory)
        config->request_memory = config->large_memory;
}

/* What only a server needs. */
static enum sc_status read_metrics_listen(struct config *config, struct sc_note *note)
{
    if (config->metrics_listen == NULL ||
        address_read(config->metrics_listen, config->monitor, sizeof config->monitor,
                     &config->monitor_port))
        return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "metrics-listen is '%.64s'; it takes ADDRESS:PORT, as 0.0.0.0:9090 or "
                   "[::1]:9090",
                   config->metrics_listen);
}

static enum sc_status check_tls(const struct config *config, struct sc_note *note)
{
    if ((config->tls_cert == NULL) == (config->tls_key == NULL)) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL, "tls-cert and tls-key go together");
}

static enum sc_status read_server(struct config *config, struct sc_note *note)
{
    SC_TRY(check_tls(config, note));
    SC_TRY(read_listen(config, note));
    SC_TRY(read_metrics_listen(config, note));
    if (log_level_find(config->log_level, &config->level)) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL, "log-level is '%.64s'; it takes %s",
                   config->log_level, LOG_LEVELS);
}

static bool needs_settings(enum action action)
{
    return action != ACTION_HELP && action != ACTION_VERSION && action != ACTION_FUNCTIONS &&
           action != ACTION_EVAL_HELP && action != ACTION_NEW_KEY;
}

enum sc_status config_read(struct config *config, int argc, char **argv, struct sc_note *note)
{
    struct given given[SETTING_COUNT] = {0};
    struct reading r = {.config = config, .given = given, .note = note};

    *config = (struct config){.argc = argc, .argv = argv};
    SC_TRY(source_options(&r, argc, argv));
    if (!needs_settings(config->action)) return SC_OK;
    source_environment(&r);
    SC_TRY(source_file(&r));
    SC_TRY(set_all(&r));
    if (config->action != ACTION_EVAL) SC_TRY(read_server(config, note));
    set_machine_defaults(config);
    return SC_OK;
}

void config_done(struct config *config)
{
    free(config->file);
    config->file = NULL;
}

void config_help(FILE *out)
{
    fputs("scored - a scoring daemon: losses, metrics and activations over HTTP\n\n"
          "usage: scored [option ...]\n\n"
          "An option --io-threads N is also the variable SCORED_IO_THREADS and a line\n"
          "io-threads = N of the file that --config names. Options win over variables, these\n"
          "over the file.\n\n",
          out);
    for (size_t i = 0; i < SETTING_COUNT; i++) setting_print(&settings[i], out);
    fputc('\n', out);
    for (size_t i = 0; i < action_count; i++)
        fprintf(out, "  %s\n        %s\n", actions[i].option, actions[i].help);
}
