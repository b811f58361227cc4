/* require.h - what the result must be for a check to pass: "mean_iou>=0.7".
 *
 * The left side is the path of a value in the report, as JSON shows it: `value`,
 * `precision.macro`, `confusion_matrix.0.1`. A row of a table goes by its first column or its
 * name: `classes.3.iou`, `classes.road.iou`. Among several operations the path begins with one:
 * `losses/dice.value`. The right side is a number, or a word for == and !=. */
#pragma once

#include "codec.h"

struct requirement {
    const char *text; /* all of it, as it was given */
    const char *path;
    int relation; /* private: which of >= <= == != > < */
    const char *word;
    bool is_number;
    double number; /* the word, where it is one */
};

/* SC_BAD_PARAM: it is none; the note shows how they are written. `text` must live on. */
enum sc_status require_read(const char *text, struct sc_arena *arena, struct requirement *out,
                            struct sc_note *note);

/* Is it met by the value as the style shows it? If not, the note says what that is. Nothing
 * meets null or NaN. SC_BAD_PARAM: there is no such value, or none that can be compared so. */
enum sc_status require_judge(const struct requirement *r, const struct codec_results *results,
                             const struct codec_style *style, bool *met, struct sc_note *note);
