/* metrics.h - what the server counts of requests, and GET /metrics.
 *
 * Adding is a few relaxed atomic additions: no lock, no memory. The rest of what /metrics says
 * is asked of its owners when it is printed. metrics.def is the table. */
#pragma once

#include "bytes.h"
#include "score.h"

struct http_request;
struct http_timing;
struct server;
struct metrics;

/* Zeros. NULL: no memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* A request that has ended. */
struct metrics_request {
    const struct sc_op *op; /* NULL: none, or several */
    const char *route;      /* the path of its row of routes.def; NULL: no such path */
    const char *format;     /* of the body; a literal; NULL: none, or not known */
    const char *team;       /* lives as long as the program; NULL: none */
    _Atomic int *places;    /* that this team has; with `share`, so that none takes all */
    int share;              /* as many as it may have; what is past that is its "other" */
    int status;             /* 0: the client left before there was one */
    int64_t total_us;
    const struct http_timing *timing;
    bool ran;   /* an operation: its stages count */
    bool probe; /* health or metrics: the duration does not count */
};

/* How many label sets there may be; those beyond count as "other". */
#define METRICS_SERIES 2048
/* Those of one of so many teams. */
int metrics_share(int teams);

void metrics_add(struct metrics *m, const struct metrics_request *request);

/* At most so many bytes is the text of them all now. */
size_t metrics_size(struct server *server);
/* The text format of Prometheus, 0.0.4, for this request. */
void metrics_write(struct sc_writer *out, struct server *server, const struct http_request *rq);

/* ---- for metrics_write.c ---- */

#define METRICS_BUCKETS 18
extern const double metrics_bucket[METRICS_BUCKETS]; /* upper bounds in seconds */

struct histogram {
    _Atomic int64_t count[METRICS_BUCKETS + 1]; /* the last: above all bounds */
    _Atomic int64_t us;
};

struct series {
    const struct sc_op *op;
    const char *route, *format, *team; /* NULL: none */
    int status;
    int64_t count;
};

enum metrics_stage {
#define STAGE(member, name) METRICS_STAGE_##member,
#include "stages.def"
#undef STAGE
    METRICS_STAGES
};

extern const char *const metrics_stage_name[METRICS_STAGES];

const struct histogram *metrics_total(const struct metrics *m);
const struct histogram *metrics_of_stage(const struct metrics *m, enum metrics_stage stage);
/* The series at a place below METRICS_SERIES; false: there is none. */
bool metrics_series(const struct metrics *m, int place, struct series *out);
/* Requests that found no place. */
int64_t metrics_other(const struct metrics *m);
