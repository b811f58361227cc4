/* settings.c - the table of settings. */
#include "settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PRESET_TEXT(value)   .text = value
#define PRESET_NUMBER(value) .number = value
#define PRESET_SWITCH(value) .number = value

const struct setting settings[SETTING_COUNT] = {
#define SETTING(kind_, name_, preset_, least_, most_, argument_, help_)                        \
    {.name = #name_,                                                                           \
     .kind = SETTING_##kind_,                                                                  \
     .offset = offsetof(struct config, name_),                                                 \
     PRESET_##kind_(preset_),                                                                  \
     .least = least_,                                                                          \
     .most = most_,                                                                            \
     .argument = argument_,                                                                    \
     .help = help_},
#include "settings.def"
#undef SETTING
#define LIMIT(name_, preset_, least_, most_, summary_)                                         \
    {.name = "limit_" #name_,                                                                  \
     .kind = SETTING_NUMBER,                                                                   \
     .offset = offsetof(struct config, limits.name_),                                          \
     .number = preset_,                                                                        \
     .least = least_,                                                                          \
     .most = most_,                                                                            \
     .argument = "N",                                                                          \
     .help = summary_},
#include "limits.def"
#undef LIMIT
};

char *setting_option(const struct setting *s, char name[SETTING_NAME_SIZE])
{
    snprintf(name, SETTING_NAME_SIZE, "--%s", s->name);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_') *c = '-';
    return name;
}

char *setting_variable(const struct setting *s, char name[SETTING_NAME_SIZE])
{
    snprintf(name, SETTING_NAME_SIZE, "SCORED_%s", s->name);
    for (char *c = name; *c != '\0'; c++) *c = (char)toupper((unsigned char)*c);
    return name;
}

static bool is_name(const char *own, const char *name, size_t size)
{
    size_t i = 0;

    while (i < size && (own[i] == name[i] || (own[i] == '_' && name[i] == '-'))) i++;
    return i == size && own[i] == '\0';
}

const struct setting *setting_find(const char *name, size_t size)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (is_name(settings[i].name, name, size)) return &settings[i];
    return NULL;
}

static void store_number(const struct setting *s, struct config *config, int64_t value)
{
    memcpy((char *)config + s->offset, &value, sizeof value);
}

static void store_text(const struct setting *s, struct config *config, const char *value)
{
    memcpy((char *)config + s->offset, &value, sizeof value);
}

void setting_reset(const struct setting *s, struct config *config)
{
    if (s->kind == SETTING_TEXT)
        store_text(s, config, s->text);
    else
        store_number(s, config, s->number);
}

/* Digits, then perhaps K, M or G. */
static bool read_number(const char *text, int64_t *out)
{
    static const char units[] = "KMG";
    const size_t digits = strspn(text, "0123456789");
    const char *unit = strchr(units, toupper((unsigned char)text[digits]));

    if (digits == 0 || digits > 18) return false;
    *out = strtoll(text, NULL, 10);
    if (text[digits] == '\0') return true;
    if (unit == NULL || text[digits + 1] != '\0') return false;
    return !__builtin_mul_overflow(*out, (int64_t)1 << (10 * (unit - units + 1)), out);
}

enum sc_status setting_set(const struct setting *s, const char *text, const char *place,
                           struct config *config, struct sc_note *note)
{
    const bool yes = strcmp(text, "true") == 0;
    int64_t value = yes;

    if (s->kind == SETTING_TEXT) {
        store_text(s, config, text);
        return SC_OK;
    }
    if (s->kind == SETTING_SWITCH && !yes && strcmp(text, "false") != 0)
        return sc_fail(note, SC_BAD_PARAM, NULL, "%s is '%.64s'; it takes true or false", place,
                       text);
    if (s->kind == SETTING_NUMBER && !read_number(text, &value))
        return sc_fail(note, SC_BAD_PARAM, NULL,
                       "%s is '%.64s'; it takes a number, perhaps with K, M or G", place, text);
    if (value < s->least || value > s->most)
        return sc_fail(note, SC_OUT_OF_BOUNDS, NULL, "%s is '%.64s'; it takes %lld to %lld",
                       place, text, (long long)s->least, (long long)s->most);
    store_number(s, config, value);
    return SC_OK;
}

/* A number of 0 below the bounds means that the help says what the default is. */
static void print_default(const struct setting *s, FILE *out)
{
    if (s->kind == SETTING_TEXT && s->text != NULL) fprintf(out, "; default: %s", s->text);
    if (s->kind == SETTING_NUMBER && s->number >= s->least)
        fprintf(out, "; default: %lld", (long long)s->number);
}

void setting_print(const struct setting *s, FILE *out)
{
    char name[SETTING_NAME_SIZE];

    fprintf(out, "  %s%s%s\n        %s", setting_option(s, name), s->argument ? " " : "",
            s->argument ? s->argument : "", s->help);
    print_default(s, out);
    fputc('\n', out);
}
