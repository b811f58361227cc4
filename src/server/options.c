/* options.c - the table of options, and reading them. */
#include "options.h"

#include <string.h>

#include "codec.h"

static const struct row {
    const char *name;
    enum sc_arg_kind kind; /* in JSON */
    int first, words;      /* which can be said */
    const char *const *word;
} rows[OPTION_COUNT] = {
    [OPTION_NONFINITE] = {"nonfinite", SC_ARG_STRING, 0, 2,
                          (const char *const[]){"null", "token"}},
    [OPTION_STATE] = {"state", SC_ARG_BOOL, 0, 2, (const char *const[]){"false", "true"}},
    [OPTION_ENCODING] = {"encoding", SC_ARG_STRING, 1, ENCODING_COUNT, codec_encoding_words},
};

static enum sc_status refuse(const struct row *row, const char *text, struct sc_note *note)
{
    return sc_fail_param(note, SC_BAD_PARAM, row->name,
                         "parameter '%s' is '%.40s'; it takes %s or %s", row->name, text,
                         row->word[row->first], row->word[row->words - 1]);
}

static enum sc_status twice(const struct row *row, int before, int now, struct sc_note *note)
{
    return sc_fail_param(note, SC_BAD_PARAM, row->name,
                         "parameter '%s' is given twice, as %s and as %s", row->name,
                         row->word[before], row->word[now]);
}

/* Which word it is; -1: none of them. */
static int find_word(const struct row *row, const char *text)
{
    for (int i = row->first; i < row->words; i++)
        if (strcmp(text, row->word[i]) == 0) return i;
    return -1;
}

static enum sc_status take(struct options *options, enum option option,
                           const struct sc_arg *arg, struct sc_note *note)
{
    const struct row *row = &rows[option];
    const char *text = arg->is_list ? "a list" : arg->text[0];
    const int word = find_word(row, text);

    if (word < 0) return refuse(row, text, note);
    if (arg->kind != SC_ARG_RAW && arg->kind != row->kind) return refuse(row, text, note);
    if (options->given[option] && options->on[option] != word)
        return twice(row, options->on[option], word, note);
    options->given[option] = true;
    options->on[option] = word;
    return SC_OK;
}

static int find(const char *name)
{
    int option = 0;

    while (option < OPTION_COUNT && strcmp(rows[option].name, name) != 0) option++;
    return option;
}

const char *options_name(enum option option)
{
    return rows[option].name;
}

bool options_has(const char *name)
{
    return find(name) < OPTION_COUNT;
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
