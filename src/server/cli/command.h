/* command.h - what the command line of `scored eval` says, besides settings. */
#pragma once

#include <stdio.h>

#include "args.h"
#include "require.h"

/* FILE, or NAME=FILE;dtype=uint8;shape=2,3 */
struct command_file {
    const char *name; /* of the input; "": its tensors have names of their own */
    const char *path; /* "-": standard input */
    const char *type; /* what was said as its Content-Type; NULL: nothing */
};

struct command {
    const char *target; /* "metrics/segmentation", "score", "merge/losses/mse" */
    struct command_file *file;
    size_t files;
    struct sc_args args; /* parameters, as of a query */
    const char *accept;  /* a media type, as in Accept, or the name of a format; NULL: none */
    const char *output;  /* a path; NULL: standard output */
    struct requirement *requirement;
    size_t requirements;
};

/* Reads the words that config_read has left. NAME=TEXT is a file where an operation has an
 * input of that name, or it is `params` or `states`; else a parameter. Failures are those of
 * usage. */
enum sc_status command_read(int count, char **word, struct sc_arena *arena, struct command *out,
                            struct sc_note *note);

/* How to write such a line. */
void command_help(FILE *out);
