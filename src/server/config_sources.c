/* config_sources.c - settings as options, variables and a file give them. */
#include "config_sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536

const struct action_word actions[] = {
    {"--help", ACTION_HELP, "print this"},
    {"--version", ACTION_VERSION, "print the version, and what the program was built from"},
    {"functions", ACTION_FUNCTIONS,
     "print all operations, formulas and parameters in Markdown"},
    {"--check-config", ACTION_CHECK, "check the settings and end"},
    {"--healthcheck", ACTION_HEALTHCHECK, "ask the server at --listen for its health and end"},
    {"new-key", ACTION_NEW_KEY, "make a key for a team, for the file of --keys: new-key TEAM"},
    {"eval", ACTION_EVAL, "score files without a server; scored eval --help says how"},
};

const size_t action_count = sizeof actions / sizeof *actions;

const char *source_of(const struct reading *r, const struct setting *s,
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

static bool takes_operands(const struct config *config)
{
    return config->action == ACTION_EVAL || config->action == ACTION_NEW_KEY;
}

/* A word behind `eval` is for that. */
static bool take_action(struct config *config, const char *option)
{
    if (takes_operands(config)) return false;
    for (size_t i = 0; i < action_count; i++) {
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

enum sc_status source_options(struct reading *r, int argc, char **argv)
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
void source_environment(struct reading *r)
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

enum sc_status source_file(struct reading *r)
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
