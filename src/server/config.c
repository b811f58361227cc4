/* config.c - options, environment and file through one table. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "machine.h"
#include "settings.h"

#define FILE_MAX 65536
#define MIB      ((int64_t)1 << 20)

static const struct {
    const char *option;
    enum action action;
    const char *help;
} actions[] = {
    {"--help", ACTION_HELP, "print this"},
    {"--version", ACTION_VERSION, "print the version, and what the program was built from"},
    {"functions", ACTION_FUNCTIONS,
     "print all operations, formulas and parameters in Markdown"},
    {"--check-config", ACTION_CHECK, "check the settings and end"},
    {"--healthcheck", ACTION_HEALTHCHECK, "ask the server at --listen for its health and end"},
    {"new-key", ACTION_NEW_KEY, "make a key for a team, for the file of --keys: new-key TEAM"},
    {"eval", ACTION_EVAL, "score files without a server; scored eval --help says how"},
};

#define ACTIONS (sizeof actions / sizeof *actions)

/* A setting as it was given; earlier sources win. */
enum source { SOURCE_OPTION, SOURCE_ENVIRONMENT, SOURCE_FILE };

struct given {
    const char *text; /* NULL: not given */
    enum source source;
    int line; /* of the file */
};

struct reading {
    struct config *config;
    struct given *given; /* one for each setting */
    struct sc_note *note;
};

/* Where a value came from: "--threads", "SCORED_THREADS", "scored.conf:3". */
static const char *place(const struct reading *r, const struct setting *s,
                         char name[SETTING_NAME_SIZE])
{
    const struct given *given = &r->given[s - settings];

    switch (given->source) {
    case SOURCE_OPTION:
        return setting_option(s, name);
    case SOURCE_ENVIRONMENT:
        return setting_variable(s, name);
    default:
        snprintf(name, SETTING_NAME_SIZE, "%.50s:%d", r->config->config, given->line);
        return name;
    }
}

static void give(struct reading *r, const struct setting *s, const char *text,
                 enum source source, int line)
{
    struct given *given = &r->given[s - settings];

    if (given->text == NULL || given->source == source)
        *given = (struct given){text, source, line};
}

/* ---- collecting ---- */

static bool takes_operands(const struct config *config)
{
    return config->action == ACTION_EVAL || config->action == ACTION_NEW_KEY;
}

/* A word behind `eval` is for that. */
static bool take_action(struct config *config, const char *option)
{
    if (takes_operands(config)) return false;
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(option, actions[i].option) != 0) continue;
        config->action = actions[i].action;
        return true;
    }
    return false;
}

static enum sc_status unknown(const char *option, struct sc_note *note)
{
    return sc_fail(note, SC_BAD_PARAM, NULL, "unknown option '%.64s'; --help lists them",
                   option);
}

/* What is no setting: an operand, or a mistake. */
static enum sc_status leave(struct config *config, char **argv, int a, struct sc_note *note)
{
    if (!takes_operands(config)) return unknown(argv[a], note);
    if (config->action == ACTION_EVAL && strcmp(argv[a], "--help") == 0)
        config->action = ACTION_EVAL_HELP;
    if (config->operand == NULL) config->operand = &argv[a];
    config->operand[config->operands++] = argv[a];
    return SC_OK;
}

static enum sc_status collect_options(struct reading *r, int argc, char **argv)
{
    for (int a = 1; a < argc && r->config->action != ACTION_EVAL_HELP; a++) {
        const char *option = argv[a], *value = strchr(option, '=');
        const size_t size = value ? (size_t)(value - option) : strlen(option);
        const struct setting *s = NULL;

        if (take_action(r->config, option)) continue;
        if (strncmp(option, "--", 2) == 0) s = setting_find(option + 2, size - 2);
        if (s == NULL) {
            SC_TRY(leave(r->config, argv, a, r->note));
            continue;
        }
        if (value != NULL)
            value++;
        else if (s->kind == SETTING_SWITCH)
            value = "true";
        else if (++a < argc)
            value = argv[a];
        else
            return sc_fail(r->note, SC_BAD_PARAM, NULL, "%s needs a value: %s %s", option,
                           option, s->argument);
        give(r, s, value, SOURCE_OPTION, 0);
    }
    return SC_OK;
}

/* Other variables of that prefix are left alone: Kubernetes sets SCORED_PORT and the like for
 * a service of this name. */
static void collect_environment(struct reading *r)
{
    char name[SETTING_NAME_SIZE];

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *value = getenv(setting_variable(&settings[i], name));

        if (value != NULL) give(r, &settings[i], value, SOURCE_ENVIRONMENT, 0);
    }
}

static char *trim(char *text)
{
    size_t size;

    text += strspn(text, " \t\r");
    size = strlen(text);
    while (size > 0 && strchr(" \t\r", text[size - 1]) != NULL) text[--size] = '\0';
    return text;
}

/* name = value, cut in place; empty lines and lines that begin with # say nothing. */
static enum sc_status collect_line(struct reading *r, char *line, int number)
{
    char *name = trim(line), *value = strchr(name, '=');
    const struct setting *s;

    if (name[0] == '\0' || name[0] == '#') return SC_OK;
    if (value == NULL)
        return sc_fail(r->note, SC_BAD_PARAM, NULL, "%s:%d: '%.64s' is not name = value",
                       r->config->config, number, name);
    *value++ = '\0';
    name = trim(name);
    s = setting_find(name, strlen(name));
    if (s == NULL)
        return sc_fail(r->note, SC_BAD_PARAM, NULL, "%s:%d: there is no setting '%.64s'",
                       r->config->config, number, name);
    give(r, s, trim(value), SOURCE_FILE, number);
    return SC_OK;
}

static enum sc_status unreadable(const char *path, struct sc_note *note)
{
    return sc_fail(note, SC_BAD_PARAM, NULL, "cannot read %s: %s", path, strerror(errno));
}

static enum sc_status load_file(struct config *config, struct sc_note *note)
{
    FILE *file = fopen(config->config, "re");
    size_t size;
    bool failed;

    if (file == NULL) return unreadable(config->config, note);
    config->file = calloc(1, FILE_MAX + 1);
    size = config->file != NULL ? fread(config->file, 1, FILE_MAX, file) : 0;
    failed = config->file == NULL || ferror(file);
    fclose(file);
    if (failed) return unreadable(config->config, note);
    if (strlen(config->file) != size)
        return sc_fail(note, SC_BAD_PARAM, NULL, "%s has a NUL byte", config->config);
    if (size < FILE_MAX) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL, "%s is longer than %d bytes", config->config,
                   FILE_MAX - 1);
}

static enum sc_status collect_file(struct reading *r)
{
    char *rest;

    r->config->config = r->given[setting_find("config", 6) - settings].text;
    if (r->config->config == NULL) return SC_OK;
    SC_TRY(load_file(r->config, r->note));
    rest = r->config->file;
    for (int number = 1; rest != NULL; number++)
        SC_TRY(collect_line(r, strsep(&rest, "\n"), number));
    return SC_OK;
}

/* ---- meaning ---- */

static enum sc_status set_all(struct reading *r)
{
    char name[SETTING_NAME_SIZE];

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];

        if (r->given[i].text != NULL)
            SC_TRY(setting_set(s, r->given[i].text, place(r, s, name), r->config, r->note));
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
    SC_TRY(collect_options(&r, argc, argv));
    if (!needs_settings(config->action)) return SC_OK;
    collect_environment(&r);
    SC_TRY(collect_file(&r));
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
    for (size_t i = 0; i < ACTIONS; i++)
        fprintf(out, "  %s\n        %s\n", actions[i].option, actions[i].help);
}
