/* confusion_matrix_report.h - metrics/confusion_matrix: the report. */
#pragma once

#include "confusion.h"

const char *sc_confusion_matrix_finish(const struct sc_params *params,
                                       const struct sc_state *state, struct sc_report *report);
