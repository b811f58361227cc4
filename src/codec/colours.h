/* colours.h - colours of an RGB image that stand for labels. */
#pragma once

#include "args.h"
#include "codec.h"
#include "tensor.h"

/* What holds for a payload: the encoding of the source, else the parameter `encoding` among the
 * arguments that came with it. SC_BAD_PARAM: another word, or no word. */
enum sc_status colours_find(const struct codec_source *source, const struct sc_args *args,
                            enum codec_encoding *out, struct sc_note *note);

/* Of the labels. */
enum sc_dtype colours_dtype(enum codec_encoding encoding);

/* Labels of `count` pixels of three bytes, at the start of a buffer that holds them. The pixels
 * may be in the same buffer, at its end: a label is written only where all pixels have been
 * read. */
void colours_read(enum codec_encoding encoding, const uint8_t *rgb, int64_t count,
                  void *labels);
