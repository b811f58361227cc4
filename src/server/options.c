/* options.c - the table of options, and reading them. */
#include "options.h"

#include <stdio.h>
#include <string.h>

static const struct row {
    const char *name, *off, *on;
    enum sc_arg_kind kind; /* in JSON */
} rows[OPTION_COUNT] = {
    [OPTION_NONFINITE] = {"nonfinite", "null", "token", SC_ARG_STRING},
    [OPTION_STATE] = {"state", "false", "true", SC_ARG_BOOL},
};

static enum sc_status refuse(const struct row *row, const char *text, struct sc_note *note)
{
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/params/%s", row->name);
    return sc_fail(note, SC_BAD_PARAM, pointer, "parameter '%s' is '%.40s'; it takes %s or %s",
                   row->name, text, row->off, row->on);
}

static enum sc_status twice(const struct row *row, struct sc_note *note)
{
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/params/%s", row->name);
    return sc_fail(note, SC_BAD_PARAM, pointer,
                   "parameter '%s' is given twice, as %s and as %s", row->name, row->off,
                   row->on);
}

static enum sc_status take(struct options *options, enum option option,
                           const struct sc_arg *arg, struct sc_note *note)
{
    const struct row *row = &rows[option];
    const char *text = arg->is_list ? "a list" : arg->text[0];
    const bool on = strcmp(text, row->on) == 0;

    if (!on && strcmp(text, row->off) != 0) return refuse(row, text, note);
    if (arg->kind != SC_ARG_RAW && arg->kind != row->kind) return refuse(row, text, note);
    if (options->given[option] && options->on[option] != on) return twice(row, note);
    options->given[option] = true;
    options->on[option] = on;
    return SC_OK;
}

static int find(const char *name)
{
    int option = 0;

    while (option < OPTION_COUNT && strcmp(rows[option].name, name) != 0) option++;
    return option;
}

enum sc_status options_take(struct options *options, struct sc_args *args, struct sc_note *note)
{
    size_t kept = 0;

    for (size_t i = 0; i < args->count; i++) {
        const int option = find(args->item[i].name);

        if (option < OPTION_COUNT)
            SC_TRY(take(options, (enum option)option, &args->item[i], note));
        else
            args->item[kept++] = args->item[i];
    }
    args->count = kept;
    return SC_OK;
}
