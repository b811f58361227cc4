/* command.c - the words of `scored eval`. */
#include "command.h"

#include <string.h>

#include "score.h"

static const struct {
    const char *name, *argument, *help;
} options[] = {
    {"--accept", "TYPE",
     "the form of the answer, json without it: one of the forms below, or what an Accept\n"
     "        header may say"},
    {"--output", "FILE", "write the answer to FILE, not to standard output"},
    {"--require", "CHECK",
     "end with 1 unless the answer meets it: mean_iou>=0.7, classes.3.iou>0.5, status==ok;\n"
     "        may be given several times"},
};

enum { ACCEPT, OUTPUT, REQUIRE, OPTIONS };

struct reading {
    struct command *command;
    struct sc_arena *arena;
    struct sc_note *note;
};

static enum sc_status no_memory(const struct reading *r)
{
    return sc_fail(r->note, SC_NO_MEMORY, NULL, "no memory for the command line");
}

/* ---- options ---- */

/* Which option a word is; `value` is what stands behind its =, NULL if nothing. */
static int find_option(const char *word, const char **value)
{
    const size_t size = strcspn(word, "=");
    int i = 0;

    *value = word[size] == '=' ? word + size + 1 : NULL;
    while (i < OPTIONS &&
           !(strlen(options[i].name) == size && strncmp(options[i].name, word, size) == 0))
        i++;
    return i;
}

static enum sc_status set_option(const struct reading *r, int option, const char *value)
{
    struct command *command = r->command;

    switch (option) {
    case ACCEPT:
        command->accept = value;
        return SC_OK;
    case OUTPUT:
        command->output = value;
        return SC_OK;
    default:
        return require_read(value, r->arena, &command->requirement[command->requirements++],
                            r->note);
    }
}

/* ---- operands ---- */

/* Are the first `size` bytes of `text` that name? */
static bool equals(const char *name, const char *text, size_t size)
{
    return strlen(name) == size && memcmp(name, text, size) == 0;
}

static bool is_input(const char *text, size_t size)
{
    if (equals("params", text, size) || equals("states", text, size)) return true;
    for (int k = 0; k < sc_op_count; k++)
        for (int i = 0; i < sc_ops[k].inputs; i++)
            if (equals(sc_ops[k].input[i].name, text, size)) return true;
    return false;
}

static bool is_param(const char *text, size_t size)
{
    for (int k = 0; k < sc_op_count; k++)
        for (int i = 0; i < sc_ops[k].params; i++)
            if (equals(sc_ops[k].param[i].name, text, size)) return true;
    return false;
}

static bool uses_standard_input(const struct command *command)
{
    for (size_t i = 0; i < command->files; i++)
        if (strcmp(command->file[i].path, "-") == 0) return true;
    return false;
}

/* PATH, perhaps with the parameters of a media type behind it. */
static enum sc_status add_file(const struct reading *r, const char *name, const char *text)
{
    const size_t size = strcspn(text, ";");
    const char *type = NULL, *path = sc_arena_strndup(r->arena, text, size);
    struct command *command = r->command;

    if (text[size] != '\0')
        type = sc_arena_printf(r->arena, "application/octet-stream%s", text + size);
    if (name == NULL || path == NULL || (text[size] != '\0' && type == NULL))
        return no_memory(r);
    if (path[0] == '\0')
        return sc_fail(r->note, SC_BAD_PARAM, NULL,
                       "'%.40s=%.100s' names no file; %.40s=FILE does", name, text, name);
    if (strcmp(path, "-") == 0 && uses_standard_input(command))
        return sc_fail(r->note, SC_BAD_PARAM, NULL, "standard input, -, can be read only once");
    command->file[command->files++] =
        (struct command_file){.name = name, .path = path, .type = type};
    return SC_OK;
}

/* The first operand; `size` bytes are before its =, if it has one. */
static enum sc_status set_target(const struct reading *r, const char *word, size_t size)
{
    if (word[size] == '=' && (is_input(word, size) || is_param(word, size)))
        return sc_fail(r->note, SC_BAD_PARAM, NULL,
                       "the operation comes first, such as metrics/segmentation, then '%.64s'",
                       word);
    r->command->target = word;
    return SC_OK;
}

static enum sc_status add_operand(const struct reading *r, const char *word)
{
    const char *equals = word + strcspn(word, "=;"), *name;

    if (r->command->target == NULL) return set_target(r, word, (size_t)(equals - word));
    if (*equals != '=') return add_file(r, "", word);
    name = sc_arena_strndup(r->arena, word, (size_t)(equals - word));
    if (name == NULL) return no_memory(r);
    if (is_input(word, (size_t)(equals - word))) return add_file(r, name, equals + 1);
    return sc_args_add_raw(&r->command->args, name, equals + 1, r->arena, r->note);
}

/* ---- all words ---- */

/* "-" and "-;dtype=..." are standard input. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && word[1] != ';';
}

/* Inputs and parameters are written without dashes. */
static enum sc_status unknown_option(const struct reading *r, const char *word)
{
    const char *name = word + strspn(word, "-");
    const size_t size = strcspn(name, "=");
    const bool input = is_input(name, size);

    if (!input && !is_param(name, size))
        return sc_fail(r->note, SC_BAD_PARAM, NULL,
                       "unknown option '%.64s'; scored eval --help lists them", word);
    return sc_fail(r->note, SC_BAD_PARAM, NULL, "unknown option '%.64s'; it is %s: %.*s=%s",
                   word, input ? "an input" : "a parameter", (int)size, name,
                   input ? "FILE" : "VALUE");
}

static enum sc_status read_words(const struct reading *r, int count, char **word)
{
    for (int i = 0; i < count; i++) {
        const char *value;
        const int option = find_option(word[i], &value);

        if (!is_option(word[i])) {
            SC_TRY(add_operand(r, word[i]));
            continue;
        }
        if (option == OPTIONS) return unknown_option(r, word[i]);
        if (value == NULL && ++i == count)
            return sc_fail(r->note, SC_BAD_PARAM, NULL, "%s needs a value: %s %s",
                           options[option].name, options[option].name,
                           options[option].argument);
        SC_TRY(set_option(r, option, value ? value : word[i]));
    }
    if (r->command->target != NULL) return SC_OK;
    return sc_fail(r->note, SC_BAD_PARAM, NULL,
                   "eval needs an operation, such as metrics/segmentation; scored eval --help "
                   "says how");
}

enum sc_status command_read(int count, char **word, struct sc_arena *arena, struct command *out,
                            struct sc_note *note)
{
    const struct reading r = {.command = out, .arena = arena, .note = note};

    *out = (struct command){
        .file = sc_arena_calloc(arena, (size_t)count, sizeof *out->file),
        .requirement = sc_arena_calloc(arena, (size_t)count, sizeof *out->requirement)};
    if (out->file == NULL || out->requirement == NULL) return no_memory(&r);
    return read_words(&r, count, word);
}

void command_help(FILE *out)
{
    fputs(
        "scored eval - the answer of the server, byte for byte, without one\n\n"
        "usage: scored eval OP [NAME=FILE | FILE | PARAMETER=VALUE | option] ...\n\n"
        "  OP           a path behind /v1/: metrics/segmentation, losses/dice, ...; score "
        "with\n"
        "               ops=OP,OP for several; merge/OP for one report of saved states\n"
        "  NAME=FILE    an input: pred, target, x, weight, ...; pred and target given several\n"
        "               times pair up as images; params is parameters in JSON\n"
        "  FILE         a whole body: NPZ, safetensors, JSON, or the one input of an "
        "activation; "
        "\n"
        "               for merge, replies that were asked with state=true\n"
        "  PARAMETER=VALUE  as in a query: num_classes=19 ignore_index=255\n\n"
        "FILE is - for standard input; raw elements are 'FILE;dtype=uint8;shape=512,1024'.\n\n"
        "  scored eval metrics/segmentation pred=a.png target=b.png num_classes=11 \\\n"
        "      --require 'mean_iou>=0.7'\n\n",
        out);
    for (int i = 0; i < OPTIONS; i++)
        fprintf(out, "  %s %s\n        %s\n", options[i].name, options[i].argument,
                options[i].help);
    fputs("\nforms:", out);
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].encode != NULL) fprintf(out, " %s", codecs[i].name);
    fputs("\n\nThreads, memory and limits are settings, as of the server: scored --help.\n\n"
          "exit status: 0 done; 1 a --require is not met; 2 the command line is wrong, or a "
          "file\n"
          "cannot be read or written; 3 what the server would refuse: the problem is on "
          "standard\n"
          "error, as application/problem+json.\n",
          out);
}
