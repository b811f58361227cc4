/* evaluation.h - private to eval: one command on its way, and what is made of its files. */
#pragma once

#include "command.h"
#include "config.h"
#include "eval_command.h"
#include "route.h"
#include "work.h"

struct evaluation {
    const struct config *config;
    struct command command;
    struct work work;
    const struct route *route;
    struct sc_arena *arena;
    struct sc_note note;
    int64_t left;            /* bytes of the limit of a body */
    const char *at;          /* the file that is being read; "": none */
    enum eval_exit failure;  /* what a failure is, just now */
    enum eval_exit judgment; /* DONE or UNMET */
};

/* The reports of the operations, of tensors from the files. */
enum sc_status evaluation_score(struct evaluation *e, struct codec_results *out);

/* The report of all states in the files. */
enum sc_status evaluation_merge(struct evaluation *e, struct codec_results *out);
