/* rle.h - COCO run-length masks: runs over the columns, of zeros and ones in turn. */
#pragma once

#include "bytes.h"
#include "tensor.h"

/* Decodes the compressed text of COCO ("0T35TN") into runs. */
enum sc_status rle_runs(struct sc_bytes text, struct sc_arena *arena, int64_t **run,
                        size_t *count, struct sc_note *note);

/* Makes the uint8 mask [height, width] of runs that cover it exactly. */
enum sc_status rle_mask(const int64_t *run, size_t count, int64_t height, int64_t width,
                        struct sc_arena *arena, struct sc_tensor *out, struct sc_note *note);
