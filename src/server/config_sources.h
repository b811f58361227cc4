/* config_sources.h - private to config.c: what was said of settings, and where, as text. */
#pragma once

#include "settings.h"

/* A word of the command line that is no setting, and what it asks for. */
struct action_word {
    const char *option;
    enum action action;
    const char *help;
};

extern const struct action_word actions[];
extern const size_t action_count;

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

/* Each fills `given` where an earlier one has not. Options also give the action, and leave
 * what is for `eval` and `new-key` alone. The file is the one that `config` names. */
enum sc_status source_options(struct reading *r, int argc, char **argv);
void source_environment(struct reading *r);
enum sc_status source_file(struct reading *r);

/* Where a value came from: "--threads", "SCORED_THREADS", "scored.conf:3". */
const char *source_of(const struct reading *r, const struct setting *s,
                      char name[SETTING_NAME_SIZE]);
