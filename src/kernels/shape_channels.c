/* shape_channels.c - values with a weight for all of them, or one for each of their channels.
 */
#include "shapes.h"

/* Samples keep their channels: positions of a sample are those of all of its channels. */
enum sc_status sc_shape_channels(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *x = c->in[0], *weight = c->in[1];

    sc_set_samples(c, x);
    if (weight == NULL || (weight->count == 1 && weight->rank <= 1)) return SC_OK;
    if (weight->rank != 1 || x->rank < 2 || weight->dim[0] != x->dim[1])
        return sc_mismatch(
            c, 1, "'weight' has one element, or one for each place of dimension 1", note);
    c->classes = weight->dim[0];
    return SC_OK;
}
