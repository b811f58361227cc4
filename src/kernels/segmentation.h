/* segmentation.h - the state of metrics/segmentation: n[t][p], and its report. */
#pragma once

#include "op.h"

enum { SC_SEG_MISS, SC_SEG_DROP, SC_SEG_ERROR }; /* words of pred_ignored */

/* Counts: these, then predictions of an ignored label for each target class, then n[t][p]. */
enum { SC_SEG_IMAGES, SC_SEG_IGNORED, SC_SEG_NAN, SC_SEG_COUNTS };

static inline size_t sc_seg_missed(int64_t target)
{
    return SC_SEG_COUNTS + (size_t)target;
}

static inline size_t sc_seg_cell(int64_t classes, int64_t target, int64_t pred)
{
    return SC_SEG_COUNTS + (size_t)(classes + target * classes + pred);
}

void sc_seg_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                   size_t *sums);
enum sc_status sc_seg_check(const struct sc_params *params, struct sc_note *note);
const char *sc_seg_finish(const struct sc_params *params, const struct sc_state *state,
                          struct sc_report *report);
