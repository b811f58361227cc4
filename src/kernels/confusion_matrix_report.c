/* confusion_matrix_report.c - metrics/confusion_matrix: n[t][p] as counts, or as shares. */
#include "confusion_matrix_report.h"

enum { NORMALIZE_NONE, NORMALIZE_TARGET, NORMALIZE_PRED, NORMALIZE_ALL }; /* words */

/* What each cell is divided by: the sum of its row, of its column, or of all. */
static int64_t whole_of(const struct sc_tensor *matrix, int normalize, const int64_t *rows,
                        const int64_t *columns, int64_t total, int64_t cell)
{
    if (normalize == NORMALIZE_ALL) return total;
    return normalize == NORMALIZE_TARGET ? rows[cell / matrix->dim[1]]
                                         : columns[cell % matrix->dim[1]];
}

static void sum_matrix(const struct sc_tensor *matrix, int64_t *rows, int64_t *columns,
                       int64_t *total)
{
    for (int64_t cell = 0; cell < matrix->count; cell++) {
        const int64_t n = ((const int64_t *)matrix->data)[cell];

        rows[cell / matrix->dim[1]] += n;
        columns[cell % matrix->dim[1]] += n;
        *total += n;
    }
}

/* The counts become shares; of nothing: NaN. */
static void report_shares(const struct sc_tensor *matrix, int normalize, struct sc_report *r)
{
    const int64_t classes = matrix->dim[0];
    int64_t *rows = sc_arena_calloc(r->arena, (size_t)classes, sizeof *rows), total = 0;
    int64_t *columns = sc_arena_calloc(r->arena, (size_t)classes, sizeof *columns);
    struct sc_tensor shares;

    if (rows == NULL || columns == NULL ||
        sc_tensor_new(&shares, SC_FLOAT64, 2, matrix->dim, r->arena, NULL) != SC_OK) {
        r->failed = true;
        return;
    }
    sum_matrix(matrix, rows, columns, &total);
    for (int64_t cell = 0; cell < matrix->count; cell++)
        ((double *)shares.data)[cell] =
            sc_ratio(((const int64_t *)matrix->data)[cell],
                     whole_of(matrix, normalize, rows, columns, total, cell));
    sc_report_list(r, "confusion_matrix", &shares);
}

const char *sc_confusion_matrix_finish(const struct sc_params *params, const struct sc_state *s,
                                       struct sc_report *r)
{
    const int normalize = sc_param(params, "normalize")->choice;
    const int64_t size = sc_param(params, "num_classes")->integer;
    struct sc_tensor matrix = sc_confusion_matrix(s, size, r);
    struct sc_tally t;

    r->failed |= !sc_tally_of(s, size, r->arena, &t);
    if (r->failed) return "ok";
    sc_report_int(r, "num_classes", size);
    sc_report_text(r, "normalize", sc_param_word(params, "normalize", r->arena));
    sc_report_int(r, "count", t.positions);
    sc_report_int(r, "ignored", s->count[SC_CONFUSION_IGNORED]);
    sc_report_int(r, "missed", t.missed);
    if (normalize == NORMALIZE_NONE)
        sc_report_list(r, "confusion_matrix", &matrix);
    else
        report_shares(&matrix, normalize, r);
    r->main_tensor = "confusion_matrix";
    sc_report_text(r, "rules.pred_ignored", sc_param_word(params, "pred_ignored", r->arena));
    return sc_confusion_status(s, &t, "samples", r);
}
