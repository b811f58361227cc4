/* segmentation_report.h - metrics/segmentation: the report of n[t][p] over all images, and of
 * each. */
#pragma once

#include "confusion.h"

/* per_image adds, behind n[t][p], how many images define each mean, and the sums of those. */
void sc_segmentation_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                            size_t *sums);
enum sc_status sc_segmentation_sample(const struct sc_params *params,
                                      const struct sc_state *one, struct sc_arena *arena,
                                      struct sc_state *into, struct sc_note *note);
const char *sc_segmentation_finish(const struct sc_params *params, const struct sc_state *state,
                                   struct sc_report *report);
