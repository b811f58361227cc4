/* metrics_rows.h - private to metrics_write.c: a function for each row of metrics.def. */
#pragma once

#include "metrics.h"
#include "server.h"

#define METRICS_PREFIX "scored_"

/* Of one metric while it is printed. */
struct page {
    struct sc_writer *out;
    struct server *server;
    const struct http_request *rq;
    const char *name;
};

/* Prints the samples. */
typedef void metrics_row_fn(struct page *page);

#define METRIC(kind, name, help, write) metrics_row_fn metrics_row_##write;
#include "metrics.def"
#undef METRIC
