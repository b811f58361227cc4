/* kernels.h - inside tests/bench: one measured piece of work, its data, and the limit it is
 * held against. */
#pragma once

#include "score.h"

#define INPUTS_MAX 4
#define OPS_MAX    4 /* besides the first; the last is NULL */

/* How labels lie in an image. */
enum data { REALISTIC, RECTANGLES, NOISE, ONE_CLASS, DATA_KINDS };

struct spec {
    enum sc_dtype dtype;
    int rank;
    int64_t dim[SC_RANK_MAX];
    bool given;
};

/* An operation, its parameters as a query, and its inputs in the order of the row. */
struct work {
    char name[96];   /* "losses/mse float32 L3"; of a named one "confusion uint8 realistic" */
    const char *set; /* which table it comes from: "targets" or "table" */
    const struct sc_op *op;            /* the first: its row says what the inputs are */
    const struct sc_op *more[OPS_MAX]; /* the others of the request; NULL: no more */
    const char *args;
    struct spec input[INPUTS_MAX];
    enum data data;
    int64_t labels; /* class indices are below */
};

/* kernels_work.c: the name of the i-th piece of work; false: there are no more. Then the rest
 * of it; false: the operation does not take such data. */
bool work_name(int i, struct work *out);
bool work_make(int i, struct work *out);

/* kernels_data.c: inputs and parameters of a piece of work, the same on every machine. */
void make_inputs(const struct work *w, struct sc_arena *arena, struct sc_tensors *in);
void add_args(const struct work *w, struct sc_arena *arena, struct sc_args *args);
__attribute__((noreturn)) void out_of_memory(void);

/* kernels_limit.c: reads, or copies, the inputs once, as fast as this machine can with so many
 * threads; `out` has room for `copied` bytes. Gives the seconds. */
struct limit {
    const struct sc_tensors *in;
    uint8_t *out;
    size_t copied; /* bytes that the operation writes; 0: it only reads */
    int threads;
};
size_t bytes_of(const struct sc_tensors *in);
double seconds(int threads); /* of the clock; of one thread, of the CPU */
double limit_run(const struct limit *l);
