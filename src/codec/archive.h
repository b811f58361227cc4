/* archive.h - a report as members of an archive: every number as an array under its name,
 * "grad.pred", and "classes.iou" for a column of a table; texts apart. Among several results
 * the name of one goes first: "losses/dice.value". */
#pragma once

#include "codec.h"

struct archive_array {
    const char *name;
    struct sc_tensor tensor; /* most are views of the report */
};

/* A text, or a list of them; in a list a text may be NULL. */
struct archive_text {
    const char *name;
    const char *const *text;
    int64_t count;
    bool is_list;
};

struct archive {
    struct archive_array *array;
    struct archive_text *text;
    size_t arrays, texts;
};

/* Nothing is said of texts that are absent: null, or a column of nulls. SC_NO_MEMORY. */
enum sc_status archive_of(const struct codec_results *results, struct sc_arena *arena,
                          struct archive *out, struct sc_note *note);
