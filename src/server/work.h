/* work.h - what is asked of operations, by a request or by a command line. Knows no HTTP.
 *
 * Parameters that come before the tensors are checked before anything else is read; then a
 * payload brings tensors, and perhaps more parameters; together they make tasks (tasks.h). */
#pragma once

#include "codec.h"
#include "options.h"
#include "problem.h"
#include "score.h"
#include "suggest.h"

struct work {
    const struct sc_op *op;   /* the operation; NULL: the parameter `ops` names some */
    struct sc_args args;      /* that came before the tensors, without options */
    struct options options;   /* from before the tensors, then from the payload */
    struct codec_forms forms; /* of the results */
    const struct sc_limits *limits;
    struct sc_arena *arena;  /* for all of it */
    struct sc_note *note;    /* why it failed */
    enum problem problem;    /* of a failure whose status does not tell it; else PROBLEM_OK */
    struct suggestions near; /* for the problem */
};

/* Fails: there is no such operation. */
enum sc_status work_no_operation(struct work *work, const char *family, const char *name);

/* The same of a model of the Open Inference Protocol, "family.name". */
enum sc_status work_no_model(struct work *work, const char *family, const char *name);

/* The problem of a failure with this status. */
enum problem work_problem(const struct work *work, enum sc_status status);

/* For a decoder: bytes with their Content-Type (NULL: none), a lone tensor among them called
 * `name`. */
struct codec_source work_source(const struct work *work, struct sc_bytes body,
                                const char *content_type, const char *name);

/* How values are shown. */
struct codec_style work_style(const struct work *work);

/* Writes the results in the first of the forms that they have, and tells which. */
enum sc_status work_encode(const struct work *work, const struct codec_results *results,
                           struct sc_writer *out, const struct codec **used);
