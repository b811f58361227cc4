/* v2_input.h - the list of inputs, and the bytes of those that are binary. */
#pragma once

#include "codec.h"

/* Adds the tensors of `list`; `tail` is what follows the JSON, and is used up exactly. */
enum sc_status v2_read_inputs(struct sc_bytes list, struct sc_bytes tail,
                              const struct codec_source *source, struct sc_tensors *out,
                              struct sc_note *note);
