/* shape_region.c - how the inputs of region losses fit together. */
#include "shapes.h"

enum sc_status sc_shape_region(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *target = c->in[1];
    const struct sc_param_value *classes = sc_param(c->params, "num_classes");
    const bool labels = sc_param(c->params, "input_kind")->choice == 2;

    if (labels) {
        if (!classes->set)
            return sc_fail(note, SC_BAD_PARAM, "#/params/num_classes",
                           "num_classes is required where input_kind=labels");
        SC_TRY(sc_shape_pair(c, note));
        c->classes = classes->integer;
        c->indices = true;
    } else {
        if (pred->rank < 2)
            return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                           "'pred' has rank %d; it is [N, C, ...]", pred->rank);
        if (!sc_is_indices(pred, target) && !sc_tensor_same_shape(pred, target))
            return sc_mismatch_scores(
                c, "class indices have no dimension 1; planes have that of 'pred'", note);
        sc_set_planes(c, pred);
        if (classes->set && classes->integer != c->classes)
            return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                           "'pred' has %lld classes, num_classes is "
                           "%lld",
                           (long long)c->classes, (long long)classes->integer);
    }
    if (sc_dtype_is_float(pred->dtype) == labels)
        return sc_fail(
            note, SC_BAD_DTYPE, "#/pred",
            labels ? "'pred' is %s, but input_kind=labels takes integers; scores are "
                     "input_kind=logits or probs"
                   : "'pred' is %s, but logits and probs are floating: send float32, in "
                     "JSON 1.0 for 1, or labels with input_kind=labels",
            sc_dtype_name(pred->dtype));
    if (!labels) {
        c->indices = sc_is_indices(pred, target);
        c->labels = c->classes == 1 ? 2 : 0;
    }
    if (c->indices && sc_dtype_is_float(target->dtype))
        return sc_fail(note, SC_BAD_DTYPE, "#/target",
                       "'target' is %s; class indices are "
                       "integers",
                       sc_dtype_name(target->dtype));
    return sc_check_class_weight(c, note);
}

enum sc_status sc_shape_overlap(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_pair(c, note);
}

enum sc_status sc_shape_lovasz(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0];

    if (pred->rank < 2 || !sc_is_indices(pred, c->in[1]))
        return sc_mismatch_scores(c, "'pred' is [N, C, ...], 'target' that without dimension 1",
                                  note);
    sc_set_planes(c, pred);
    c->indices = true;
    c->labels = c->classes == 1 ? 2 : 0;
    if (c->classes > 0) return SC_OK;
    return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                   "'pred' has no classes: its class dimension is 0");
}

enum sc_status sc_shape_lovasz_binary(struct sc_call *c, struct sc_note *note)
{
    SC_TRY(sc_shape_pair(c, note));
    c->indices = true;
    c->labels = 2;
    return SC_OK;
}

/* Both losses look again, each by its own profile (composite.c). `binary` is the second one for
 * a single plane. */
static enum sc_status shape_composite(struct sc_call *c, const char *binary,
                                      struct sc_note *note)
{
    SC_TRY(sc_shape_region(c, note));
    if (c->classes > 1) return SC_OK;
    return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                   "'pred' has one class, whose softmax is 1; for one foreground plane ask for "
                   "losses/dice (sigmoid) and %s",
                   binary);
}

enum sc_status sc_shape_composite(struct sc_call *c, struct sc_note *note)
{
    return shape_composite(c, "losses/binary_cross_entropy_with_logits", note);
}

enum sc_status sc_shape_composite_indices(struct sc_call *c, struct sc_note *note)
{
    return shape_composite(c, "losses/focal, whose target then has the shape of 'pred'", note);
}
