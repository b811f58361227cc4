/* log.h - one line of JSON for an event, on standard error.
 *
 * A line is one write(2), so that lines of several threads never mix. */
#pragma once

#include "http.h"
#include "score.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
#define LOG_LEVELS "debug, info, warning or error"

bool log_level_find(const char *name, enum log_level *out);

/* Events below this level are not written; any thread may set it. Requests that took longer
 * than `slow_ms` are warnings; 0: none are. */
void log_start(enum log_level level, int64_t slow_ms);

/* Lines that could not be written: the disk is full, or nobody reads. The server goes on. */
int64_t log_lost(void);

/* An event of the program itself. */
__attribute__((format(printf, 2, 3))) void log_event(enum log_level level, const char *format,
                                                     ...);

/* A request that has ended: at info, those for health and metrics at debug. Why, in words, is
 * told of what whoever runs the server looks into: 429 and 500 and above. */
struct log_entry {
    const struct http_request *rq;
    const struct sc_op *op; /* NULL: none, or several */
    int64_t total_us;       /* from the request line to the end */
    bool sent; /* false: the client left before it had the reply; there is no status when none
                  was made */
};
void log_request(const struct log_entry *entry);
