/* op.h - inside the core: what a kernel is, and what it is given.
 *
 * A kernel works on spans: runs of positions of one batch. A position is an element, or a pixel
 * with its C class values. The driver (batch.c) cuts the batch into spans, gives each thread a
 * worker with a state and scratch of its own, and adds the workers' states; as states add
 * exactly, the result depends neither on the number of threads nor on their order. */
#pragma once

#include "exact.h"
#include "params.h"
#include "score.h"

#define SC_INPUTS_MAX  4
#define SC_OUTPUTS_MAX (1 + SC_INPUTS_MAX)

/* ---- ids and symbols, from the tables ---- */

enum sc_op_id {
#define SC_OP(family, name, ...) SC_OP_##family##_##name,
#include "ops.def"
#undef SC_OP
    SC_OP_COUNT
};

enum sc_profile_id {
#define PROFILE(name, ...) SC_PROFILE_##name,
#include "profiles.def"
#undef PROFILE
};

/* ---- states ---- */

/* What an accumulator knows: integer counts and exact sums, nothing else. Adding two states is
 * adding each count and each sum, so merging, saving and loading need no code in any operation.
 */
struct sc_state {
    int64_t classes; /* C of the data; 0: no batch yet, or the operation has no classes */
    size_t counts, sums;
    int64_t *count;
    struct sc_exact *sum;
    struct sc_samples *samples; /* per_image in one-shot runs: its rows (samples.h), or NULL */
};

/* ---- a call ---- */

/* What the elements of an input may be; values.h checks. */
enum sc_domain {
    SC_ANY,
    SC_LABEL, /* class indices: 0 .. labels - 1 of the call */
    SC_PROBABILITY,
    SC_SIGN,
    SC_BINARY,
    SC_NONNEGATIVE,
    SC_SCORED /* no label that is ignored, where the target is not */
};

/* Values that may not be: the first place, the value there, how many. */
struct sc_trouble {
    enum sc_domain domain; /* that was left; SC_ANY: none */
    int64_t first, count;
    double value;
};

/* One checked batch and everything that is the same for all of its spans. */
struct sc_call {
    const struct sc_op *op;
    const struct sc_params *params;
    const struct sc_tensor *in[SC_INPUTS_MAX]; /* by position in the profile; NULL: absent */
    int64_t samples;   /* size of the first dimension (1 where there is none) */
    int64_t positions; /* of a sample */
    int64_t classes;   /* C; 1 where the operation has no classes */
    /* Class indices are 0 .. labels - 1: C, or 2 where C = 1 is the foreground. */
    int64_t labels;
    bool indices; /* the target is class indices, not a value for each class */
    enum sc_domain domain[SC_INPUTS_MAX]; /* that of the profile; prepare may set another */
    int64_t stride;          /* axis profile: elements between neighbours along the axis */
    bool by_element;         /* samples are smaller than a block: elements are added exactly */
    bool whole_samples;      /* a span is a whole sample */
    bool whole_batch;        /* a span is the whole batch */
    bool pytorch;            /* compat=pytorch: PyTorch's value where ours differs */
    double k[SC_PARAMS_MAX]; /* numbers of the parameters, by position in the row; NaN: unset */
    const double *weight;    /* [C]: of each class's terms; or NULL: all 1 */
    const double *share;     /* [C]: what each of them adds to the divisor of a mean */
    void *own;               /* what prepare made for the kernel alone */
    const struct sc_state *total; /* in map: the state of the whole batch */
    double scale;                 /* in map: kernel->scale, once */
    /* In map: the value (y, loss), and the gradient by input i at SC_OUT_GRAD + i. */
    struct sc_tensor out[SC_OUTPUTS_MAX];
    bool wanted[SC_OUTPUTS_MAX];
    int64_t nonfinite[SC_OUTPUTS_MAX]; /* after map, where the kernel counts them */
};

enum { SC_OUT_VALUE, SC_OUT_GRAD };

/* Words of REDUCTION; kl_div alone has the last. */
enum { SC_REDUCTION_MEAN, SC_REDUCTION_SUM, SC_REDUCTION_NONE, SC_REDUCTION_BATCHMEAN };

/* Positions [from, from + size) of the batch, counted through all samples: position i belongs
 * to sample i / positions. Without by_element a span stays in one sample and is at most
 * SC_BLOCK long; with it, it is at most SC_BLOCK long; with whole_samples it is one sample,
 * with whole_batch all positions. To an update by tiles it comes in parts, block after block,
 * each at most a tile of class values (tile.h). */
struct sc_span {
    int64_t from, size;
    int64_t at, block; /* parts of a block: its place in the block, and the size of that */
};

static inline bool sc_begins_block(const struct sc_span *span)
{
    return span->at == 0;
}

static inline bool sc_ends_block(const struct sc_span *span)
{
    return span->at + span->size == span->block;
}

/* The block of a part. */
static inline struct sc_span sc_block_of(const struct sc_span *part)
{
    return (struct sc_span){part->from - part->at, part->block, 0, part->block};
}

/* The part of a span, or of a block, at this place, at most `most` long. */
static inline struct sc_span sc_part_at(const struct sc_span *span, int64_t at, int most)
{
    return (struct sc_span){span->from + at, sc_part_size(span->size - at, most), at,
                            span->size};
}

/* How many samples have their first position in the span. */
static inline int64_t sc_samples_begun(const struct sc_call *c, const struct sc_span *span)
{
    const int64_t end = span->from + span->size;

    return (end + c->positions - 1) / c->positions -
           (span->from + c->positions - 1) / c->positions;
}

/* A thread's own things. */
struct sc_worker {
    struct sc_state state;
    struct sc_trouble trouble[SC_INPUTS_MAX];
    int64_t nonfinite[SC_OUTPUTS_MAX]; /* values of outputs that are NaN or infinite */
    void *scratch;                     /* kernel->scratch bytes, zeroed at the start */
    struct sc_shared *shared; /* of the thread (shared.h); NULL where nobody wants a softmax */
    const struct sc_exec *exec;
    int64_t unasked; /* places since exec->stop was last asked */
    bool stopped;    /* it said so: what the worker has is worth nothing */
};

/* Places of a long span between two questions, about a millisecond of work. */
#define SC_ASK_EVERY ((int64_t)1 << 18)

/* Shall the rest of the span be left? Asked by loops over spans that may be long, with the
 * places that they have just done. */
static inline bool sc_leaves(struct sc_worker *w, int64_t places)
{
    w->unasked += places;
    if (w->stopped || w->unasked < SC_ASK_EVERY) return w->stopped;
    w->unasked = 0;
    w->stopped = w->exec->stop != NULL && w->exec->stop(w->exec->context);
    return w->stopped;
}

typedef void sc_step_fn(const struct sc_call *call, const struct sc_span *span,
                        struct sc_worker *worker);

struct sc_kernel {
    /* Checks between parameters, before any data. NULL: none. */
    enum sc_status (*check)(const struct sc_params *params, struct sc_note *note);
    /* Accumulators: the size of the state for C classes. NULL: the operation is a map. */
    void (*layout)(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums);
    /* Bytes that each worker needs. NULL: none. */
    size_t (*scratch)(const struct sc_call *call);
    /* Op-specific checks and settings, once a batch. NULL: none. */
    enum sc_status (*prepare)(struct sc_call *call, struct sc_arena *arena,
                              struct sc_note *note);
    /* Adds what a batch has whatever its values, once no span of it was refused: images without
     * pixels are images. NULL: nothing. */
    void (*count_batch)(const struct sc_call *call, struct sc_state *state);
    /* Adds a span to the worker's state. */
    sc_step_fn *update;
    /* Does update take parts of blocks? */
    bool by_tile;
    /* Does update want the softmax of the first input, so that there is one for all? NULL: no.
     */
    bool (*wants_softmax)(const struct sc_call *call);
    /* Moves what the scratch still holds into the worker's state, after all of its spans. NULL:
     * nothing is held. */
    void (*flush)(const struct sc_call *call, struct sc_worker *worker);
    /* per_image: adds what the state of one image alone scored. NULL: no such parameter. */
    enum sc_status (*sample)(const struct sc_params *params, const struct sc_state *one,
                             struct sc_arena *arena, struct sc_state *into,
                             struct sc_note *note);
    /* May these states be added, as far as data tell: were the weights the same? NULL: yes. */
    bool (*same_weights)(const struct sc_params *params, const struct sc_state *a,
                         const struct sc_state *b);
    /* What gradients of the terms are multiplied by, once a batch. NULL: 1. */
    double (*scale)(const struct sc_call *call);
    /* Shape of an output. NULL: that of the first input, and of a gradient that of its input.
     */
    enum sc_status (*shape)(const struct sc_call *call, int output, int *rank, int64_t *dim);
    /* Writes a span of the outputs that are wanted. */
    sc_step_fn *map;
    /* map counts what is not finite while it is in L1; else all outputs are read once more. */
    bool counts_nonfinite;
    /* Adds the values to the report; gives its status. NULL for maps. */
    const char *(*finish)(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *report);
    /* How many times as long an element takes as one of a mean of squares, for sc_cost;
     * measured on one thread. 0: once, as most. */
    int effort;
    /* Of a weighted sum of losses: what is added (composite.h). */
    const struct sc_part *parts;
};

typedef const struct sc_kernel *sc_kernel_fn(void);

/* The kernel of a row in the chosen level. */
const struct sc_kernel *sc_kernel(const struct sc_op *op);

/* The `status` of a report, as far as it is told by how many were scored and how many not. */
static inline const char *sc_count_status(int64_t scored, int64_t ignored)
{
    if (scored > 0) return "ok";
    return ignored > 0 ? "all_ignored" : "empty";
}

/* The `status` of a class of a report. */
static inline const char *sc_presence(bool in_target, bool in_pred)
{
    if (in_target) return in_pred ? "both" : "target_only";
    return in_pred ? "pred_only" : "both_empty";
}

/* ---- the steps of a run, a file each ---- */

/* shapes.c: the rule of the call's profile alone, for a call that another was made from. */
enum sc_status sc_shape(struct sc_call *call, struct sc_note *note);

/* inputs.c. Finds the inputs by name (the `image`-th of repeated ones), checks dtypes and
 * shapes by the profile, and fills the geometry of the call. */
enum sc_status sc_bind(const struct sc_params *params, const struct sc_tensors *in,
                       size_t image, const struct sc_exec *exec, struct sc_call *call,
                       struct sc_note *note);
/* How many pairs of repeated inputs there are, for which an optional one may come once;
 * unknown, missing and unequal ones are refused. */
enum sc_status sc_count_images(const struct sc_op *op, const struct sc_tensors *in,
                               size_t *count, struct sc_note *note);

/* state.c */
enum sc_status sc_state_new(const struct sc_params *params, int64_t classes,
                            struct sc_arena *arena, struct sc_state *out, struct sc_note *note);
void sc_state_add(struct sc_state *into, const struct sc_state *from);
void sc_state_clear(struct sc_state *state);
/* Can they be added without passing what counts can hold? */
bool sc_state_fits(const struct sc_state *a, const struct sc_state *b);

/* eval.c: kernel->check. */
enum sc_status sc_check_params(const struct sc_params *params, struct sc_note *note);

/* trouble.c: SC_OK, or the first input that has values that may not be. The workers of an
 * operation are `apart` from each other. */
enum sc_status sc_tell_trouble(const struct sc_call *call, const struct sc_worker *worker,
                               size_t apart, int threads, struct sc_note *note);

/* An operation on its way through a batch. */
struct sc_pass {
    struct sc_call call;
    struct sc_state *state; /* what the batch is added to; NULL in map: nothing is */
    sc_step_fn *step;       /* these two are private to together.c and batch.c */
    bool by_tile;
    enum sc_status status;
    struct sc_note note;
};

/* together.c: a batch through the threads, and through several operations at once where these
 * can share the way. Each has a status of its own; where one fails its state is worth nothing,
 * and of those behind it nothing is promised. Changes the order of `pass`. */
void sc_batch_update(struct sc_pass *pass[], size_t passes, const struct sc_exec *exec);
enum sc_status sc_batch_alone(const struct sc_call *call, const struct sc_exec *exec,
                              struct sc_state *state, struct sc_note *note);
enum sc_status sc_batch_map(struct sc_call *call, const struct sc_exec *exec,
                            struct sc_note *note);

/* parallel.c: the only parallel region. Calls run(context, worker, i) for each i below count,
 * in any order, on `threads` threads; worker is 0 .. threads - 1. SC_STOPPED when exec->stop
 * said so. */
enum sc_status sc_parallel(const struct sc_exec *exec, int threads, int64_t count,
                           void (*run)(void *context, int worker, int64_t i), void *context);

/* ---- per instruction set level ---- */

#ifdef SC_ISA
#define SC_PASTE3(a, b, c)           a##_##b##_##c
#define SC_NAME3(a, b, c)            SC_PASTE3(a, b, c)
/* sc_losses_mse_v3 */
#define SC_KERNEL_NAME(family, name) SC_NAME3(sc_##family, name, SC_ISA)
/* Heads the function that a kernel's file ends with: it returns a static struct sc_kernel. */
#define SC_KERNEL(family, name)      const struct sc_kernel *SC_KERNEL_NAME(family, name)(void)

#define SC_OP(family, name, ...) SC_KERNEL(family, name);
#include "ops.def"
#undef SC_OP
#endif
