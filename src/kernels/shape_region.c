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
            return sc_mismatch(
                c, 1, "class indices have no dimension 1; planes have that of 'pred'", note);
        sc_set_planes(c, pred);
        if (classes->set && classes->integer != c->classes)
            return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                           "'pred' has %lld classes, num_classes is "
                           "%lld",
                           (long long)c->classes, (long long)classes->integer);
    }
    if (sc_dtype_is_float(pred->dtype) == labels)
        return sc_fail(note, SC_BAD_DTYPE, "#/pred",
                       "'pred' is %s, which is not of that "
                       "input_kind",
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
