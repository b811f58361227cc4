/* npy_write.h - arrays and texts as NumPy has them. */
#pragma once

#include "bytes.h"
#include "tensor.h"

/* The array that NumPy shall see: bfloat16, which it does not have, becomes float32, exactly, a
 * copy in the arena. */
enum sc_status npy_presentable(const struct sc_tensor *t, struct sc_arena *arena,
                               struct sc_tensor *out, struct sc_note *note);

/* Appends the header of a presentable array, whose elements follow it. */
void npy_write_header(struct sc_writer *out, const struct sc_tensor *t);

/* Appends the header of an array of texts, each padded to `width` code points of 4 bytes: a
 * scalar, or one dimension of `count`. */
void npy_write_text_header(struct sc_writer *out, size_t width, bool is_list, int64_t count);
