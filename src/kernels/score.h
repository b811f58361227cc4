/* score.h - the public face of the core, libscore.a: operations over tensors.
 *
 *   sc_init(&note);                                          once, before all else
 *   sc_arena_init(&arena, limit, NULL);                      arena.h: all memory, and its limit
 *   sc_tensor_shape(&t, SC_FLOAT32, 2, dim, &bytes, &note);  tensor.h: a view of t.data
 *   sc_tensors_add(&in, "pred", &t, &arena, &note);          inputs by the names of the row
 *   sc_args_add_raw(&args, "reduction", "sum", &arena, &note);       args.h: parameters, as
 * text sc_run(sc_op_find("losses", "mse"), &in, &args, &exec, &report, &note);
 *   sc_report_find(&report, "value")->as.real;               report.h: scalars, tables, tensors
 *   sc_arena_done(&arena);
 *
 * examples/embed.c is a whole program. Compile with -Isrc/base -Isrc/kernels (gnu11; GCC or
 * Clang) and link libscore.a -fopenmp -lm. Which inputs, shapes and parameters an operation
 * has, with their bounds and defaults, and what its report holds: docs/functions.md and
 * api/openapi.yaml, whose JSON has the same names; `sc_ops` has all of it as data.
 *
 * Functions that can fail give an enum sc_status and fill the note (status.h), which may be
 * NULL; what they would have given is untouched, unless it is said otherwise. Nothing prints,
 * or ends the program.
 *
 * A report, and all that it points to, lives in exec->arena (of an evaluation: in the arena it
 * was made with, and each sc_eval_finish takes more of it) and goes with it. Tensors and texts
 * that come in must live as long as the call; of sc_eval_new, as long as the evaluation; they
 * are not changed. `args` may be NULL: defaults. The locale's LC_NUMERIC must be "C", as it is
 * unless the program calls setlocale.
 *
 * Every function is thread-safe as long as its arguments are not shared; sc_init is called
 * once, before any other, which rely on it. Only sc_run, sc_run_all, sc_eval_update and
 * sc_eval_finish open a parallel region (of exec->threads threads); call them from one
 * long-lived thread when you can.
 *
 * The result is a property of the data: the same bits for any number of threads, any
 * instruction set level, gcc or clang, and for any cut of the data into batches. What is not
 * promised: the same bits under another value of SC_NUMERICS. */
#pragma once

#include "args.h"
#include "limit.h"
#include "report.h"
#include "tensor.h"

/* The version of the bit contract; changing a bit of any result raises it. */
#define SC_NUMERICS 1

/* ---- the machine ---- */

/* Chooses the best instruction set level that this CPU has, up to the one that the environment
 * names as SC_ISA_MAX: v1, v3, v4; on other machines than x86-64, arm64. SC_BAD_PARAM where
 * that is none of these: the best is chosen all the same. It opens no thread, and nothing has
 * to be undone. */
enum sc_status sc_init(struct sc_note *note);
const char *sc_isa(void); /* the chosen level: "v1", "v3", "v4", "arm64" */
/* For tests: false if this CPU or build has it not. While nothing runs. */
bool sc_isa_choose(const char *name);

/* ---- the catalogue ---- */

/* id, name in the catalogue, what it takes, name in prose. ENUM: one of the words of `values`;
 * INT_MAP: "7:0,8:1", {"7": 0}, or a list from 0 on. */
#define SC_PARAM_TYPE_MAP(X)                                                                   \
    X(INT, "integer", "an integer", "integer")                                                 \
    X(REAL, "number", "a number", "number")                                                    \
    X(BOOL, "boolean", "true or false", "boolean")                                             \
    X(ENUM, "string", "a word", "word")                                                        \
    X(INT_LIST, "integer[]", "integers", "integers")                                           \
    X(REAL_LIST, "number[]", "numbers", "numbers")                                             \
    X(TEXT_LIST, "string[]", "words", "texts")                                                 \
    X(INT_MAP, "object", "pairs of integers, old:new", "integers to integers")

enum sc_param_type {
#define SC_PARAM_TYPE_ENUM(id, name, takes, prose) SC_PARAM_##id,
    SC_PARAM_TYPE_MAP(SC_PARAM_TYPE_ENUM)
#undef SC_PARAM_TYPE_ENUM
};

/* Values at or between the bounds of a parameter that are none. */
enum { SC_CLOSED = 0, SC_OPEN_MIN = 1, SC_OPEN_MAX = 2, SC_NOT_ZERO = 4 };

struct sc_param {
    const char *name;
    enum sc_param_type type;
    const char *preset; /* default, as text; NULL: none (unset) */
    bool required;
    double min, max;    /* of INT, REAL, list elements, and what a map gives */
    unsigned open;      /* SC_OPEN_MIN, ...; an infinite bound is never a value */
    const char *values; /* ENUM: words separated by '|' */
    const char *summary;
};

struct sc_input {
    const char *name;
    uint32_t dtypes;   /* bit 1 << enum sc_dtype */
    const char *shape; /* for people: "[N, C, ...]" */
    bool required;
    bool repeated;       /* may come several times: batches of one report, images of a metric */
    bool differentiable; /* grad=true gives grad.<name> */
    const char *values;  /* what its elements may be: "0 to 1", "-1 or 1"; "": anything */
    int domain;          /* private: the check of the values */
    const char *summary;
};

enum sc_family { SC_ACTIVATIONS, SC_LOSSES, SC_METRICS, SC_FAMILY_COUNT };

struct sc_op {
    enum sc_family family;
    const char *name;
    const char *summary;
    const char *formula;
    const char *source; /* paper or toolkit that defines it */
    const char *notes;  /* edge cases, what toolkits do differently: a line each; may be "" */
    const struct sc_input *input;
    int inputs;
    const struct sc_param *param;
    int params;
    bool mergeable; /* can be evaluated in pieces: see sc_eval_merge */
    int id;         /* index of the row */
    int profile;    /* private: how its inputs and shapes are checked */
};

extern const struct sc_op sc_ops[];
extern const int sc_op_count;

const char *sc_family_name(enum sc_family family); /* "activations", "losses", "metrics" */
const struct sc_op *sc_op_find(const char *family, const char *name); /* NULL: no such row */
/* The parameter of that name; NULL: the operation has none. */
const struct sc_param *sc_param_find(const struct sc_op *op, const char *name);

#define SC_BOUNDS_TEXT 96

/* The bounds of a number for a sentence, "it must be ...": "above 0 and below 1". Gives `text`.
 */
const char *sc_param_bounds(const struct sc_param *p, char text[SC_BOUNDS_TEXT]);
/* How many elements a list or a map may have; 0: its type is none, or no number is set. */
int sc_param_most(const struct sc_param *p);

/* ---- running ---- */

struct sc_exec {
    int threads;                    /* of a parallel region; at least 1 */
    struct sc_arena *arena;         /* results, states and scratch */
    const struct sc_limits *limits; /* NULL: the defaults */
    bool state;                     /* sc_run reports `state` too: the evaluation, saved */
    bool whole; /* sc_run reports classes and matrix, however many: for programs to read */
    /* Asked between blocks of work, by any of the threads: true stops with SC_STOPPED. NULL:
     * never. */
    bool (*stop)(void *context);
    void *context;
    /* The nanoseconds of processors that threads beside the caller's have worked are added
     * here. NULL: nobody asks. */
    int64_t *others_ns;
};

/* One whole evaluation: checks names, dtypes, shapes and parameters by the row, then update and
 * finish. `report` is initialised here, in exec->arena. Refuses with
 *   SC_BAD_PARAM, SC_OUT_OF_BOUNDS       parameters, and exec->state where no state is kept
 *   SC_BAD_INPUT, SC_BAD_DTYPE, SC_BAD_SHAPE, SC_TOO_LARGE       inputs, before they are read
 *   SC_BAD_LABEL, SC_BAD_PROBABILITY, SC_BAD_VALUE       elements: the note has the first
 *   SC_BAD_STATE       images of other classes than those before, or past what counts can hold
 *   SC_NO_MEMORY, SC_STOPPED       the arena's limit is reached; exec->stop said so */
enum sc_status sc_run(const struct sc_op *op, const struct sc_tensors *in,
                      const struct sc_args *args, const struct sc_exec *exec,
                      struct sc_report *report, struct sc_note *note);

/* One of several evaluations: what goes in, and where its report goes. */
struct sc_job {
    const struct sc_op *op;
    const struct sc_tensors *in;
    const struct sc_args *args;
    struct sc_report *report;
};

/* Several evaluations as if by sc_run, one after the other until one fails: the same reports to
 * the last bit, or the same refusal, of the same status; `failed` is the job that it is of, and
 * no report is worth anything. But operations over the same tensors read them once, together.
 * That takes the memory of all their threads at once; where there is not so much they go one by
 * one. */
enum sc_status sc_run_all(const struct sc_job *job, size_t count, const struct sc_exec *exec,
                          size_t *failed, struct sc_note *note);

/* Checks the parameters that are given, alone, so that they can be refused before tensors are
 * read. Required ones may still come with these: their absence is not judged here. */
enum sc_status sc_check_args(const struct sc_op *op, const struct sc_args *args,
                             struct sc_arena *arena, struct sc_note *note);

/* A measure of the work of sc_run, which the size of the inputs alone does not show: elements
 * of inputs and states, times how much dearer one is than in a mean of squares. At most 2^56,
 * so that some can be added; 0 for what sc_run would refuse. Cheap: reads no data, but takes a
 * little of exec->arena. */
int64_t sc_cost(const struct sc_op *op, const struct sc_tensors *in, const struct sc_args *args,
                const struct sc_exec *exec);

/* ---- in pieces: a dataset by batches, on several machines ---- */

/* An operation with its parameters and what it has counted so far. Lives in an arena. */
struct sc_eval;

/* SC_BAD_PARAM, SC_OUT_OF_BOUNDS: parameters; SC_BAD_STATE: the operation is not mergeable;
 * SC_NO_MEMORY. */
enum sc_status sc_eval_new(const struct sc_op *op, const struct sc_args *args,
                           struct sc_arena *arena, struct sc_eval **out, struct sc_note *note);

/* Adds a batch. On failure, for the reasons that sc_run has with inputs and elements, nothing
 * was added. The evaluation keeps nothing of exec->arena, which may go afterwards. */
enum sc_status sc_eval_update(struct sc_eval *eval, const struct sc_tensors *in,
                              const struct sc_exec *exec, struct sc_note *note);

/* Adds what `from` has counted, which stays as it is. SC_BAD_STATE unless operation, parameters
 * and classes agree; SC_NO_MEMORY. Associative and commutative, exactly. */
enum sc_status sc_eval_merge(struct sc_eval *into, const struct sc_eval *from,
                             struct sc_note *note);

/* The report of all that was added, without what belongs to single elements: no `loss`, no
 * `grad`. The evaluation can go on afterwards. */
enum sc_status sc_eval_finish(const struct sc_eval *eval, struct sc_report *report,
                              struct sc_note *note);

/* From now on its reports have classes and matrix, however many, as with exec->whole. */
void sc_eval_whole(struct sc_eval *eval);

/* The evaluation as bytes: the same on every machine and for every way to the same data. Ends
 * with a checksum. */
enum sc_status sc_eval_save(const struct sc_eval *eval, struct sc_arena *arena, uint8_t **data,
                            size_t *size, struct sc_note *note);

/* Reads saved bytes of this operation. SC_BAD_STATE, told apart in the note: truncated or
 * damaged; another version; another operation; one that is not mergeable. SC_NO_MEMORY.
 * `limits` may be NULL: the defaults. The bytes are not needed afterwards. */
enum sc_status sc_eval_load(const struct sc_op *op, const uint8_t *data, size_t size,
                            const struct sc_limits *limits, struct sc_arena *arena,
                            struct sc_eval **out, struct sc_note *note);
