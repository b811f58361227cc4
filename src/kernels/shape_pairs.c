/* shape_pairs.c - pred and target alike, of a kind of their own. */
#include "shapes.h"

enum sc_status sc_shape_counts(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_pair(c, note);
}

enum sc_status sc_shape_log_probs(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_pair(c, note);
}
