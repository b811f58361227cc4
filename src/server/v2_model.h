/* v2_model.h - an operation as a model of the Open Inference Protocol. */
#pragma once

#include "tasks.h"
#include "v2.h"

/* An output that every reply has: a row of v2_outputs.def. */
struct v2_declared {
    enum sc_family family;
    const char *op, *name;
    enum sc_dtype dtype;
    int rank;
    const char *asks;
};

extern const struct v2_declared v2_declared[];
extern const int v2_declared_count;
bool v2_declares(const struct v2_declared *output, const struct sc_op *op);

/* "losses.mse"; NULL: no memory. */
const char *v2_model_name(const struct sc_op *op, struct sc_arena *arena);

/* What clients that know nothing else should send: each input has one dtype to the protocol. */
enum sc_dtype v2_input_dtype(const struct sc_op *op, const struct sc_input *input);

/* Adds the parameters that bring the outputs which the request wants, unless they are given. */
enum sc_status v2_ask(struct work *work, const struct v2_request *request, struct task *task);

/* The outputs that the request wants, as views of the report: of a value by that name, or of a
 * column of the main table. When it names none: what is declared, and all tensors. */
enum sc_status v2_outputs(struct work *work, const struct v2_request *request,
                          const struct sc_report *report, struct v2_reply *out);
