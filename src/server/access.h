/* access.h - may this call come in: its key, its right, its team's quotas. */
#pragma once

#include "server.h"

/* Of a route that asks for a key: finds the team. On failure work->problem is set: no key that
 * is known, no right, over a quota. */
enum sc_status access_check(struct call *call);

/* Tells of the quotas, once there is a reply. */
void access_headers(struct call *call);

/* The body is whole, or no more of it will come: counts what came, and no longer what was
 * announced. */
void access_received(struct call *call);
/* Bytes of the body by Content-Length; 0: none, or nobody knows. */
int64_t access_announced(const struct http_request *rq);
/* It was refused after all: what was announced does not count; what came will, at the end. */
void access_refused(struct call *call);
