/* json_fill.h - the numbers of nested arrays, into a tensor. */
#pragma once

#include "json_extent.h"

/* Writes the `extent->count` values in `text` to t->data, which has room for them, as t->dtype.
 * SC_MALFORMED for a value that the dtype cannot hold. */
enum sc_status json_fill(struct sc_bytes text, const struct json_extent *extent,
                         const char *pointer, struct sc_tensor *t, struct sc_note *note);
