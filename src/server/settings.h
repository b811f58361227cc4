/* settings.h - the table of settings as data: names, defaults, bounds, and setting one. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"

#define SETTING_NAME_SIZE 64

enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_SWITCH };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;    /* in struct config */
    const char *text; /* the default, of a TEXT; NULL: none */
    int64_t number;   /* the default, of the others */
    int64_t least, most;
    const char *argument, *help;
};

/* Rows of settings.def, then those of limits.def. */
enum {
#define SETTING(kind, name, ...) SETTING_ROW_##name,
#include "settings.def"
#undef SETTING
#define LIMIT(name, ...) SETTING_ROW_limit_##name,
#include "limits.def"
#undef LIMIT
    SETTING_COUNT
};

extern const struct setting settings[SETTING_COUNT];

/* drain_delay as "--drain-delay" and as "SCORED_DRAIN_DELAY", in `name`, which is returned. */
char *setting_option(const struct setting *s, char name[SETTING_NAME_SIZE]);
char *setting_variable(const struct setting *s, char name[SETTING_NAME_SIZE]);

/* By its name of `size` letters, with - or _; NULL: none. */
const struct setting *setting_find(const char *name, size_t size);

/* Sets the member of `config` to its default, or to what `text` says; `place` is where it was
 * said, for the note. */
void setting_reset(const struct setting *s, struct config *config);
enum sc_status setting_set(const struct setting *s, const char *text, const char *place,
                           struct config *config, struct sc_note *note);

/* Two lines of --help. */
void setting_print(const struct setting *s, FILE *out);
