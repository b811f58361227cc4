/* options.h - parameters of the request, not of an operation: every path with a body takes
 * them. */
#pragma once

#include "args.h"

enum option {
    OPTION_NONFINITE, /* null|token: how NaN and infinities are written */
    OPTION_STATE,     /* true: reply with the saved state too */
    OPTION_ENCODING,  /* coco_panoptic|ade20k_full: what colours of a PNG stand for */
    OPTION_COUNT
};

struct options {
    bool given[OPTION_COUNT];
    int on[OPTION_COUNT]; /* which of its words: 0 is the first, and what holds without any */
};

/* The name of each, by its number. */
const char *options_name(enum option option);

/* Is there an option of that name? */
bool options_has(const char *name);

/* Takes the options out of the arguments: what is left is for operations. SC_BAD_PARAM for
 * another word, or another one than before. */
enum sc_status options_take(struct options *options, struct sc_args *args,
                            struct sc_note *note);
