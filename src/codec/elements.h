/* elements.h - raw elements on their way from a body into a tensor. */
#pragma once

#include "bytes.h"
#include "tensor.h"

/* The tensor of little-endian, row-major elements that fill `bytes` exactly; SC_MALFORMED says
 * how many bytes there should be. A view of the bytes where they are aligned (and bool is 0 or
 * 1), else a copy in the arena. */
enum sc_status elements_take(struct sc_bytes bytes, enum sc_dtype dtype, int rank,
                             const int64_t *dim, struct sc_arena *arena, struct sc_tensor *out,
                             struct sc_note *note);

/* Reverses the bytes of each element, in place. */
void elements_swap(void *data, int64_t count, size_t size);

/* Copies elements in column-major order of `shape` into row-major order at shape->data. */
void elements_from_fortran(const struct sc_tensor *shape, const uint8_t *columns);

/* Makes every nonzero byte 1. */
void elements_to_bool(uint8_t *data, int64_t count);
