/* statistics.h - what inference requests have cost, for each operation; any thread may add. */
#pragma once

#include "http.h"
#include "json.h"
#include "score.h"

struct statistics;

/* Zeros for all operations; to be freed. NULL: no memory. */
struct statistics *statistics_new(void);

/* A request has ended. */
void statistics_add(struct statistics *statistics, const struct sc_op *op,
                    const struct http_timing *timing, bool success);

/* Writes members of `model_stats` of the Open Inference Protocol: all of them, always. */
void statistics_write(struct json_writer *j, const struct statistics *statistics,
                      const struct sc_op *op);
