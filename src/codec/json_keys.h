/* json_keys.h - duplicate keys, found at the end of each object. Memory: one entry a key of the
 * objects that are open. */
#pragma once

#include "bytes.h"
#include "status.h"

struct json_name {
    struct sc_bytes text; /* escapes resolved */
    size_t place;         /* in the JSON text */
};

/* The keys of all open objects, innermost last. */
struct json_keys {
    struct sc_arena *arena;
    struct json_name *item;
    size_t count, capacity;
};

/* Adds a key of the innermost object, as it stands between its quotes. */
enum sc_status json_keys_add(struct json_keys *keys, struct sc_bytes string, size_t place,
                             struct sc_note *note);

/* The object whose first key was number `first` ends: SC_MALFORMED if two of its keys are the
 * same, and `place` gets that of the later one. */
enum sc_status json_keys_close(struct json_keys *keys, size_t first, size_t *place,
                               struct sc_note *note);
