/* states.h - a JSON body of saved states, {"states": [base64, ...], "params": {...}}, decoded
 * one after another: only one needs memory at a time. */
#pragma once

#include "codec.h"
#include "json_cursor.h"

struct codec_states {
    struct sc_args args;     /* "params" */
    struct json_cursor rest; /* of the list */
    int64_t count;           /* taken so far */
};

/* Checks the body. At least one state must be there. */
enum sc_status codec_states_open(const struct codec_source *source, struct codec_states *out,
                                 struct sc_note *note);

/* The same, or a reply that has a `state`: of one operation, or of several with the reports of
 * each under its name; then that of `op`, "losses/dice". */
enum sc_status codec_states_open_reply(const struct codec_source *source, const char *op,
                                       struct codec_states *out, struct sc_note *note);

/* Decodes the next state into the arena; no data: there is none. The body must still be there.
 * SC_MALFORMED: not a text, or not base64. */
enum sc_status codec_states_next(struct codec_states *states, struct sc_arena *arena,
                                 struct sc_bytes *out, struct sc_note *note);
