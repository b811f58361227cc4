/* v2.h - bodies of the Open Inference Protocol (KServe v2): JSON, then the bytes of the tensors
 * that the JSON announces as binary, in its order.
 *
 *   request  JSON [bytes of inputs]      reply  JSON [bytes of outputs]
 *
 * How long the JSON is says a header, Inference-Header-Content-Length; without it all is JSON.
 */
#pragma once

#include "codec.h"

/* The datatypes of the protocol that are dtypes of ours: all but BYTES. */
const char *v2_datatype(enum sc_dtype dtype); /* "FP32" */
bool v2_datatype_find(struct sc_bytes name, enum sc_dtype *out);

/* ---- requests ---- */

/* An output that the request asks for. */
struct v2_wanted {
    const char *name;
    bool binary;
};

/* What a request says besides its tensors and the parameters of the operation. */
struct v2_request {
    struct codec_payload payload;
    const char *id;           /* to be given back; NULL: none */
    struct v2_wanted *wanted; /* NULL: no outputs are named, all are wanted */
    size_t wanted_count;
    bool binary;     /* outputs are binary unless they say otherwise */
    bool report;     /* reply with the whole report too */
    int64_t timeout; /* microseconds from now; 0: none */
};

/* Is this a parameter that v2_decode takes, not one of an operation? */
bool v2_is_own(const char *name);

/* Reads a body whose first `json_size` bytes are JSON; source->body is all of it. Every byte
 * must belong to the JSON or to one input. Failures as codec_decode. */
enum sc_status v2_decode(const struct codec_source *source, size_t json_size,
                         struct v2_request *out, struct sc_note *note);

/* Reads a body that is nothing but the elements of one tensor of rank 1; its reply is binary.
 */
enum sc_status v2_decode_raw(const struct codec_source *source, const char *name,
                             enum sc_dtype dtype, struct v2_request *out, struct sc_note *note);

/* ---- replies ---- */

struct v2_output {
    const char *name;
    struct sc_tensor tensor;
    bool binary;
};

struct v2_reply {
    const char *model, *version;
    const char *id; /* NULL: none */
    const struct v2_output *output;
    size_t outputs;
    const struct sc_report *report; /* its status goes into the parameters */
    bool whole;                     /* all of it, as JSON in a text */
};

/* Appends the body, JSON of `json_size` bytes first. `binary`: bytes of outputs follow, even
 * none of them. SC_NO_MEMORY. */
enum sc_status v2_encode(const struct v2_reply *reply, const struct codec_style *style,
                         struct sc_writer *out, size_t *json_size, bool *binary,
                         struct sc_note *note);
