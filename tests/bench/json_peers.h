/* json_peers.h - what a peer of the JSON bench offers: numbers out of a text, and into one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A text is one flat array. `text` has 64 readable bytes behind it. False: it was not read. */
struct peer {
    const char *name;
    bool (*read_float32)(const char *text, size_t size, float *out, size_t count);
    bool (*read_float64)(const char *text, size_t size, double *out, size_t count);
    bool (*read_uint8)(const char *text, size_t size, uint8_t *out, size_t count);
    bool (*read_int64)(const char *text, size_t size, int64_t *out, size_t count);
    /* The bytes written; NULL: the peer has no printer. */
    size_t (*print_float32)(const float *in, size_t count);
    size_t (*print_float64)(const double *in, size_t count);
};

extern const struct peer peer_cjson;
#ifdef HAVE_SIMDJSON
extern const struct peer peer_simdjson;
#endif

#ifdef __cplusplus
}
#endif
