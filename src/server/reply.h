/* reply.h - the ways to answer with status 200. */
#pragma once

#include "http.h"
#include "json.h"

/* With these bytes, which outlive the request. */
void reply_bytes(struct http_request *rq, const char *content_type, struct sc_bytes body);

/* With what was written, views included, which outlive the request; SC_NO_MEMORY when the
 * writer ran out of it. */
enum sc_status reply_written(struct http_request *rq, const char *content_type,
                             struct sc_writer *out);

/* With one JSON object: its members are written between these two calls. */
struct json_writer reply_json(struct http_request *rq, struct sc_writer *out);
enum sc_status reply_json_end(struct http_request *rq, struct json_writer *j);
