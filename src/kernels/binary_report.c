/* binary_report.c - the report of TP, FP, FN, TN. A ratio with denominator 0 is null. */
#include "binary_report.h"

#include "agreement.h"
#include "confusion.h"

void sc_binary_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                      size_t *sums)
{
    (void)params;
    (void)classes;
    *counts = SC_BINARY_COUNTS;
    *sums = 0;
}

static void report_agreement(const int64_t *cell, struct sc_report *r)
{
    const int64_t row[2] = {cell[0] + cell[1], cell[2] + cell[3]};
    const int64_t column[2] = {cell[0] + cell[2], cell[1] + cell[3]};
    const struct sc_counts c = {2, cell, row, column, row[0] + row[1]};

    sc_report_real(r, "kappa", sc_kappa(&c, SC_KAPPA_NONE));
    sc_report_real(r, "matthews", sc_matthews(&c));
}

static const char *status_of(const struct sc_state *s, int64_t count, struct sc_report *r)
{
    const int64_t nans = s->count[SC_BINARY_NAN];

    if (nans > 0) {
        sc_report_warn(r, "nonfinite", "%lld scores are NaN; they count as negative",
                       (long long)nans);
        return "nonfinite";
    }
    return sc_count_status(count, s->count[SC_BINARY_IGNORED]);
}

const char *sc_binary_finish(const struct sc_params *params, const struct sc_state *s,
                             struct sc_report *r)
{
    const int64_t *cell = s->count + SC_BINARY_CELL;
    const int64_t tn = cell[0], fp = cell[1], fn = cell[2], tp = cell[3];
    const int64_t count = tn + fp + fn + tp;

    sc_report_real(r, "threshold", sc_param(params, "threshold")->real);
    sc_report_int(r, "count", count);
    sc_report_int(r, "ignored", s->count[SC_BINARY_IGNORED]);
    sc_report_real(r, "accuracy", sc_ratio(tp + tn, count));
    sc_report_real(r, "precision", sc_ratio(tp, tp + fp));
    sc_report_real(r, "recall", sc_ratio(tp, tp + fn));
    sc_report_real(r, "f_beta", sc_f_beta(sc_param(params, "beta")->real, tp, fp, fn));
    sc_report_real(r, "specificity", sc_ratio(tn, tn + fp));
    sc_report_real(r, "iou", sc_ratio(tp, tp + fp + fn));
    sc_report_real(r, "dice", sc_ratio(2 * tp, 2 * tp + fp + fn));
    report_agreement(cell, r);
    sc_report_int(r, "tp", tp);
    sc_report_int(r, "fp", fp);
    sc_report_int(r, "fn", fn);
    sc_report_int(r, "tn", tn);
    sc_report_text(r, "rules.positive", "score above the threshold, compared as float64");
    return status_of(s, count, r);
}
