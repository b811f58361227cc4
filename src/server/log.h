/* log.h - one line of JSON for an event, on standard error.
 *
 * A line is one write(2), so that lines of several threads never mix. */
#pragma once

#include "http.h"
#include "score.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
#define LOG_LEVELS "debug, info, warning or error"

bool log_level_find(const char *name, enum log_level *out);

/* Events below this level are not written. Called before threads start. */
void log_start(enum log_level level);

/* An event of the program itself. */
__attribute__((format(printf, 2, 3))) void log_event(enum log_level level, const char *format,
                                                     ...);

/* A request that has ended: at info, those for health at debug. `op` may be NULL; `sent` false:
 * the client left before it had the reply, and there is no status when none was made. */
void log_request(const struct http_request *rq, const struct sc_op *op, bool sent);
