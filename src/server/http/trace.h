/* trace.h - W3C Trace Context: the caller's trace, and our place in it. */
#pragma once

#include <stdbool.h>

#define TRACE_SIZE 56 /* of "00-<32 hex>-<16 hex>-<2 hex>", with its end */

/* Reads a `traceparent` by the rules of the recommendation: version 00 exactly, a later one as
 * far as 00 goes; identifiers in lower case, and not zero. False: it is to be ignored. */
bool trace_is_valid(const char *traceparent);

/* Ours in the same trace: its id and flags, and an identifier of our own for this request. */
void trace_continue(const char *traceparent, char out[TRACE_SIZE]);
