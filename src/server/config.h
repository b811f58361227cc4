/* config.h - what the program was asked to do: options, then environment, then a file.
 *
 * One table, settings.def, holds every setting; the first of the three that names one wins. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "limit.h"
#include "log.h"
#include "status.h"

enum action {
    ACTION_SERVE,
    ACTION_HELP,
    ACTION_VERSION,
    ACTION_FUNCTIONS,
    ACTION_CHECK,
    ACTION_HEALTHCHECK,
    ACTION_NEW_KEY,
    ACTION_EVAL,
    ACTION_EVAL_HELP
};

#define CONFIG_TYPE_TEXT   const char *
#define CONFIG_TYPE_NUMBER int64_t
#define CONFIG_TYPE_SWITCH int64_t

struct config {
#define SETTING(kind, name, ...) CONFIG_TYPE_##kind name;
#include "settings.def"
#undef SETTING
    struct sc_limits limits;
    enum action action;
    enum log_level level; /* log_level, read */
    int64_t large_memory; /* of memory: for all requests but small ones */
    char address[64];     /* of listen, without brackets */
    uint16_t port;        /* of listen */
    char monitor[64];     /* of metrics_listen; "": none */
    uint16_t monitor_port;
    int argc; /* what it was read from, to read it again */
    char **argv;
    char *file;     /* the text of the file, which values point into */
    char **operand; /* of eval, new-key: what is left of argv without the settings */
    int operands;
};

/* Reads everything; unset settings get their defaults, those of the machine included. Failures
 * name the setting, where it came from, its value and what would be right. Texts point into
 * argv, the environment or config->file. Behind the word `eval` argv is for that command, and
 * settings are taken out of it. */
enum sc_status config_read(struct config *config, int argc, char **argv, struct sc_note *note);

void config_done(struct config *config);

/* The table of settings, for --help. */
void config_help(FILE *out);
