/* binary_report.h - metrics/binary: four counts of decisions, and their report. */
#pragma once

#include "op.h"

/* SC_BINARY_CELL + 2 * target + decision: TN, FP, FN, TP. */
enum { SC_BINARY_CELL, SC_BINARY_IGNORED = 4, SC_BINARY_NAN, SC_BINARY_COUNTS };

void sc_binary_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                      size_t *sums);
const char *sc_binary_finish(const struct sc_params *params, const struct sc_state *state,
                             struct sc_report *report);
