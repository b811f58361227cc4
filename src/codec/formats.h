/* formats.h - what each format offers to the table; private to this folder. */
#pragma once

#include "codec.h"

codec_probe_fn npy_probe, npz_probe, png_probe, safetensors_probe, json_probe;
codec_probe_fn json_scalar_probe; /* too weak for a whole body, enough for a field of a form */
codec_decode_fn npy_decode, npz_decode, png_decode, safetensors_decode, json_decode,
    multipart_decode, raw_decode;
codec_encode_fn npy_encode, npz_encode, safetensors_encode, json_encode, text_encode,
    csv_encode;

/* What well-known bytes are that no codec takes, and what to send instead; NULL: not known. */
const char *foreign_advice(struct sc_bytes body);

/* Fails: the report has none of what the format is for, or has left out the value `name` (NULL:
 * it names none). Says why where the report does. */
enum sc_status codec_absent(const struct sc_report *report, const char *name, const char *what,
                            const char *media_type, struct sc_note *note);

/* Says in the note which part of a payload failed, unless it says that already: "#/pred", or
 * "#/pred/2" for the third of that name. */
void codec_point_at(struct sc_note *note, const char *name, const struct codec_payload *out);
