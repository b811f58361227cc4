/* eval_command.h - `scored eval`: files in, the bytes that the server would send out, without a
 * server.
 *
 * The same codecs, operations, limits and settings; only the way in and out is another. */
#pragma once

#include "config.h"

/* What the exit status says. */
enum eval_exit {
    EVAL_DONE,   /* the answer was written, and meets all requirements */
    EVAL_UNMET,  /* it was written, but a requirement is not met */
    EVAL_USAGE,  /* the command line is wrong, or a file cannot be read or written */
    EVAL_PROBLEM /* the server would have answered with a problem, which was written */
};

/* Does what config->operand says; the exit status of the program. */
int eval(const struct config *config);

void eval_help(FILE *out);
