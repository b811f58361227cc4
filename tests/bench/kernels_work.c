/* kernels_work.c - what is measured: the work that has targets, then every row of the table of
 * operations, in some dtypes and three sizes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define CLASSES 19

/* ---- work with a name ---- */

struct named {
    const char *name, *family, *op, *args, *pred, *target;
    int64_t labels;
    enum data data;
};

static const struct named named[] = {
#define WORK(...) {__VA_ARGS__},
#include "kernels.def"
#undef WORK
};
#define NAMED ((int)(sizeof named / sizeof named[0]))

/* "float32 256x65536" */
static void read_spec(const char *text, struct spec *out)
{
    const char *at = strchr(text, ' ');

    *out = (struct spec){.given = at != NULL};
    if (at == NULL || !sc_dtype_find(text, (size_t)(at - text), &out->dtype)) return;
    while (at != NULL) {
        out->dim[out->rank++] = strtoll(at + 1, NULL, 10);
        at = strchr(at + 1, 'x');
    }
}

/* "cross_entropy+metrics/segmentation" */
static void read_ops(const struct named *n, struct work *out)
{
    char text[96], *rest = text, *name;
    const struct sc_op **op = &out->op;

    snprintf(text, sizeof text, "%s", n->op);
    while ((name = strsep(&rest, "+")) != NULL) {
        char *slash = strchr(name, '/');

        if (slash != NULL) *slash = '\0';
        *op = slash != NULL ? sc_op_find(name, slash + 1) : sc_op_find(n->family, name);
        op = op == &out->op ? out->more : op + 1;
    }
}

static void named_work(const struct named *n, struct work *out)
{
    read_ops(n, out);
    out->args = n->args;
    out->data = n->data;
    out->labels = n->labels;
    read_spec(n->pred, &out->input[0]);
    read_spec(n->target, &out->input[1]);
}

/* ---- every row of the table ---- */

static const enum sc_dtype dtypes[] = {SC_FLOAT32, SC_FLOAT64, SC_FLOAT16, SC_UINT8, SC_INT64};
static const struct {
    const char *name;
    int64_t bytes; /* of the first input */
} sizes[] = {{"64K", 64 << 10}, {"L3", 4 << 20}, {"DRAM", 128 << 20}};
#define DTYPES ((int)(sizeof dtypes / sizeof dtypes[0]))
#define SIZES  ((int)(sizeof sizes / sizeof sizes[0]))

static void name_work(const struct sc_op *op, enum sc_dtype dtype, int size, struct work *w)
{
    snprintf(w->name, sizeof w->name, "%s/%s %s %s", sc_family_name(op->family), op->name,
             sc_dtype_name(dtype), sizes[size].name);
}

/* A shape of about so many elements for the first input, by what the row says of it. */
static void shape_first(const struct sc_op *op, int64_t count, struct spec *s)
{
    const char *text = op->input[0].shape;

    s->rank = 2;
    if (op->family == SC_METRICS && !sc_dtype_is_float(s->dtype)) {
        s->dim[1] = count < 2048 ? count : 2048;
        s->dim[0] = count / s->dim[1];
    } else if (strstr(text, "C") != NULL && strncmp(text, "any;", 4) != 0) {
        s->rank = 3;
        s->dim[0] = 4;
        s->dim[1] = CLASSES;
        s->dim[2] = count / (4 * CLASSES);
    } else if (strstr(text, "D") != NULL) {
        s->dim[1] = 64;
        s->dim[0] = count / 64;
    } else {
        s->dim[0] = 4;
        s->dim[1] = count / 4;
    }
}

enum { SAME, INDEX, ONE, ROWS, FORMS };

/* Input i in one of these forms against the first; labels are uint8 or int64. */
static void shape_other(struct work *w, int i, int form)
{
    struct spec *s = &w->input[i];

    *s = w->input[0];
    if (form == SAME) return;
    if (form == INDEX && s->rank > 2) {
        for (int d = 1; d + 1 < s->rank; d++) s->dim[d] = s->dim[d + 1];
        s->rank--;
        s->dtype = SC_INT64;
    } else if (form == ROWS || form == INDEX) {
        s->rank = 1;
    } else {
        s->rank = 1;
        s->dim[0] = 1;
    }
}

static bool is_taken(const struct work *w)
{
    struct sc_arena arena;
    const struct sc_exec exec = {.threads = 1, .arena = &arena};
    struct sc_tensors in;
    struct sc_args args = {0};
    struct sc_report report;
    bool taken;

    sc_arena_init(&arena, (size_t)1 << 28, NULL);
    make_inputs(w, &arena, &in);
    add_args(w, &arena, &args);
    taken = sc_run(w->op, &in, &args, &exec, &report, NULL) == SC_OK;
    sc_arena_done(&arena);
    return taken;
}

/* Shapes that the operation takes; found on few elements, then made for many. */
static bool fit(struct work *w, int64_t count)
{
    for (int form = 0; form < FORMS; form++) {
        for (int few = 1; few >= 0; few--) {
            shape_first(w->op, few ? 4 * CLASSES * 64 : count, &w->input[0]);
            for (int i = 1; i < w->op->inputs; i++) {
                w->input[i].given = w->op->input[i].required;
                if (w->input[i].given) shape_other(w, i, i == 1 ? form : SAME);
            }
            if (few && !is_taken(w)) break;
            if (!few) return true;
        }
    }
    return false;
}

/* False: the operation has not this dtype, or no shape of ours. */
static bool table_work(const struct sc_op *op, enum sc_dtype dtype, int size, struct work *w)
{
    const bool metric = op->family == SC_METRICS, scores = sc_dtype_is_float(dtype);
    const bool binary = strcmp(op->name, "binary") == 0;

    w->op = op;
    w->args = "";
    w->data = REALISTIC;
    if (!(op->input[0].dtypes >> dtype & 1)) return false;
    w->input[0] = (struct spec){.dtype = dtype, .given = true};
    w->labels = binary ? 2 : CLASSES;
    if (metric && !binary)
        w->args = scores ? "num_classes=19&input_kind=logits" : "num_classes=19";
    return fit(w, sizes[size].bytes / (int64_t)sc_dtype_size(dtype));
}

bool work_name(int i, struct work *out)
{
    const int row = i - NAMED, op = row / (DTYPES * SIZES);

    *out = (struct work){.set = i < NAMED ? "targets" : "table"};
    if (i >= NAMED && op >= sc_op_count) return false;
    if (i < NAMED)
        snprintf(out->name, sizeof out->name, "%s", named[i].name);
    else
        name_work(&sc_ops[op], dtypes[row / SIZES % DTYPES], row % SIZES, out);
    return true;
}

bool work_make(int i, struct work *out)
{
    const int row = i - NAMED;

    if (i < NAMED) {
        named_work(&named[i], out);
        return true;
    }
    return table_work(&sc_ops[row / (DTYPES * SIZES)], dtypes[row / SIZES % DTYPES],
                      row % SIZES, out);
}
