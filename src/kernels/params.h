/* params.h - parameters with their types, by the operation's row. */
#pragma once

#include "bytes.h"
#include "score.h"

#define SC_PARAMS_MAX 20
#define SC_LIST_MAX   64    /* elements of an INT_LIST */
#define SC_MAP_MAX    65536 /* entries of an INT_MAP */

/* Rows of ops.def are written with these. */
#define PARAM(name, type, preset, must, min, max, open, values, summary)                       \
    {                                                                                          \
        name, type, preset, must, min, max, open, values, summary                              \
    }
#define REAL(name, preset, min, max, summary)                                                  \
    PARAM(name, SC_PARAM_REAL, preset, false, min, max, SC_CLOSED, NULL, summary)
#define REAL_ABOVE(name, preset, min, max, summary)                                            \
    PARAM(name, SC_PARAM_REAL, preset, false, min, max, SC_OPEN_MIN, NULL, summary)
#define REAL_BETWEEN(name, preset, min, max, summary)                                          \
    PARAM(name, SC_PARAM_REAL, preset, false, min, max, SC_OPEN_MIN | SC_OPEN_MAX, NULL,       \
          summary)
#define REAL_NOT_ZERO(name, preset, min, max, summary)                                         \
    PARAM(name, SC_PARAM_REAL, preset, false, min, max, SC_NOT_ZERO, NULL, summary)
#define REAL_REQUIRED(name, min, max, summary)                                                 \
    PARAM(name, SC_PARAM_REAL, NULL, true, min, max, SC_CLOSED, NULL, summary)
#define INT(name, preset, min, max, summary)                                                   \
    PARAM(name, SC_PARAM_INT, preset, false, min, max, SC_CLOSED, NULL, summary)
#define BOOL(name, preset, summary)                                                            \
    PARAM(name, SC_PARAM_BOOL, preset, false, 0, 1, SC_CLOSED, NULL, summary)
#define ENUM(name, preset, values, summary)                                                    \
    PARAM(name, SC_PARAM_ENUM, preset, false, 0, 0, SC_CLOSED, values, summary)
#define INTS(name, preset, min, max, summary)                                                  \
    PARAM(name, SC_PARAM_INT_LIST, preset, false, min, max, SC_CLOSED, NULL, summary)
#define REALS(name, min, max, summary)                                                         \
    PARAM(name, SC_PARAM_REAL_LIST, NULL, false, min, max, SC_CLOSED, NULL, summary)
#define INT_MAP(name, min, max, summary)                                                       \
    PARAM(name, SC_PARAM_INT_MAP, NULL, false, min, max, SC_CLOSED, NULL, summary)
#define WORDS(name, summary)                                                                   \
    PARAM(name, SC_PARAM_TEXT_LIST, NULL, false, 0, 0, SC_CLOSED, NULL, summary)

#define INT_EDGE 9007199254740992. /* 2^53: integers of JSON are exact up to here */
#define REDUCTION                                                                              \
    ENUM("reduction", "mean", "mean|sum|none", "mean = sum / weight_sum; none gives each term")
#define GRAD BOOL("grad", "false", "also the gradient, of the reduced value")
#define COMPAT_PYTORCH                                                                         \
    ENUM("compat", NULL, "pytorch", "PyTorch's own value where it differs from the limit")
#define IGNORE_INDEX(preset)                                                                   \
    INT("ignore_index", preset, -INT_EDGE, INT_EDGE, "targets of this value are left out")
#define INPUT_KIND                                                                             \
    PARAM("input_kind", SC_PARAM_ENUM, NULL, true, 0, 0, SC_CLOSED, "logits|probs|labels",     \
          "what pred is; nothing is guessed from values")
#define INPUT_KIND_OPTIONAL                                                                    \
    PARAM("input_kind", SC_PARAM_ENUM, NULL, false, 0, 0, SC_CLOSED,                           \
          "labels|logits|probs|log_probs",                                                     \
          "what a floating pred is, which needs it: its label is the class of the largest "    \
          "score, the lowest of equal ones; probs outside 0 to 1 are refused")
#define NUM_CLASSES                                                                            \
    PARAM("num_classes", SC_PARAM_INT, NULL, true, 1, 65536, SC_CLOSED, NULL,                  \
          "labels are 0 to num_classes - 1")
#define NUM_CLASSES_OPTIONAL                                                                   \
    PARAM("num_classes", SC_PARAM_INT, NULL, false, 1, 65536, SC_CLOSED, NULL,                 \
          "how many classes; required where pred is labels")
/* What the region losses share. */
#define REGION                                                                                 \
    REAL("smooth", "1e-5", 0, 1e9, "s, added to numerator and denominator"),                   \
        BOOL("include_background", "true", "class 0 takes part in the average"),               \
        BOOL("squared", "false", "P and T are sums of squares"),                               \
        BOOL("per_sample", "false",                                                            \
             "one loss a sample, then their mean; else pooled over the batch"),                \
        IGNORE_INDEX("-100")
#define REGION_INPUT                                                                           \
    INPUT_KIND, NUM_CLASSES_OPTIONAL,                                                          \
        BOOL("multilabel", "false",                                                            \
             "logits go through a sigmoid each, as where C is 1, not a softmax")

#define COMPOSITE_INPUT                                                                        \
    ENUM("input_kind", "logits", "logits", "the softmax of both parts is taken from logits"),  \
        INT("num_classes", NULL, 1, 65536, "how many classes pred has: checked, if given")
#define COMPOSITE_REDUCTION                                                                    \
    ENUM("reduction", "mean", "mean|sum", "of each part; they have no unreduced shape together")

/* Of the metrics that take labels. */
#define IGNORED_LABELS                                                                         \
    INTS("ignore_index", NULL, -INT_EDGE, INT_EDGE,                                            \
         "what has one of these as its target is left out")
#define PRED_IGNORED                                                                           \
    ENUM("pred_ignored", "miss", "miss|drop|error",                                            \
         "what a prediction of ignore_index on a scored target is")
#define LABEL_MAPS                                                                             \
    INT_MAP("label_map", -1, 65535,                                                            \
            "new labels for old ones, in pred and target; -1 is ignored, others stay"),        \
        INT_MAP("pred_label_map", -1, 65535, "the same for pred alone"),                       \
        INT_MAP("target_label_map", -1, 65535, "the same for target alone")
#define CLASS_NAMES WORDS("class_names", "a name for each class, each of at most 256 bytes")
#define ABSENT_RULES                                                                           \
    ENUM("absent", "skip", "skip|nan|zero|one|minus_one",                                      \
         "the value of a class in neither mask; zero and one take part in means"),             \
        ENUM("compat", NULL, "torchmetrics|monai|mmseg|cityscapes|sklearn|metrics_reloaded",   \
             "values of absent classes, and classes of means, as that toolkit has them")
#define PER_CLASS BOOL("per_class", "false", "above 1024 classes: print classes all the same")
#define PRINT_MATRIX                                                                           \
    BOOL("confusion_matrix", "false", "above 1024 classes: print the matrix all the same")
#define BETA_OF_F                                                                              \
    REAL_ABOVE("beta", "1", 0, 1e6, "b of F-beta: recall weighs b times as much as precision")

/* The value of one parameter; which member holds it is decided by its type. */
struct sc_param_value {
    bool set;   /* given, or has a default */
    bool given; /* by the caller */
    int64_t integer;
    double real; /* of INT, BOOL and ENUM too: their number */
    bool boolean;
    int choice;               /* index in `values` of an ENUM */
    int count;                /* of lists and maps */
    const int64_t *integers;  /* INT_LIST; INT_MAP: what each of `keys` becomes */
    const int64_t *keys;      /* INT_MAP: ascending */
    const double *reals;      /* REAL_LIST */
    const char *const *words; /* TEXT_LIST */
};

struct sc_params {
    const struct sc_op *op;
    struct sc_param_value value[SC_PARAMS_MAX]; /* by position in the row */
};

/* Types and bounds by the row; a name that comes several times must have one value; `complete`:
 * required ones must be there. SC_BAD_PARAM: unknown, missing or mistyped; SC_OUT_OF_BOUNDS.
 * The first that is wrong is the failure, others are behind its note. Lists live in the arena.
 */
enum sc_status sc_params_read(const struct sc_op *op, const struct sc_args *args, bool complete,
                              struct sc_arena *arena, struct sc_params *out,
                              struct sc_note *note);

/* The value of a parameter that the row has, by name. */
const struct sc_param_value *sc_param(const struct sc_params *params, const char *name);

/* The position of a parameter in the row; -1: it has none of that name. */
int sc_param_position(const struct sc_op *op, const char *name);

static inline bool sc_param_is_list(const struct sc_param *p)
{
    return p->type == SC_PARAM_INT_LIST || p->type == SC_PARAM_REAL_LIST ||
           p->type == SC_PARAM_TEXT_LIST || p->type == SC_PARAM_INT_MAP;
}

/* One value, by type and bounds: SC_BAD_PARAM, SC_OUT_OF_BOUNDS. (params_read.c) */
enum sc_status sc_param_read(const struct sc_param *p, const struct sc_arg *arg,
                             struct sc_arena *arena, struct sc_param_value *v,
                             struct sc_note *note);

/* The word of an ENUM that was chosen, in the arena; NULL: no memory. */
const char *sc_param_word(const struct sc_params *params, const char *name,
                          struct sc_arena *arena);

/* All values that are set as bytes, in the order of the row: equal for equal parameters, on
 * every machine. NULL data: no memory. (saved.c) */
struct sc_bytes sc_params_save(const struct sc_params *params, struct sc_arena *arena);

/* Reads them back, as checked as any others. */
enum sc_status sc_params_load(const struct sc_op *op, struct sc_bytes saved,
                              struct sc_arena *arena, struct sc_params *out,
                              struct sc_note *note);
