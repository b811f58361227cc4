/* shape_classes.c - the shapes of scores of classes and of class indices. */
#include "shapes.h"

/* Is pred of rank 1 or more? */
static enum sc_status check_rank(const struct sc_call *c, struct sc_note *note)
{
    if (c->in[0]->rank > 0) return SC_OK;
    return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                   "'pred' has rank 0; it is [C], [N, C] or [N, C, ...]");
}

enum sc_status sc_shape_classes(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *target = c->in[1];
    const bool indices = sc_is_indices(pred, target);

    c->indices = indices;
    SC_TRY(check_rank(c, note));
    if (!indices && !sc_tensor_same_shape(pred, target))
        return sc_mismatch_scores(
            c, "class indices have no class dimension; probabilities have that of 'pred'",
            note);
    if (indices == sc_dtype_is_float(target->dtype))
        return sc_fail(
            note, SC_BAD_DTYPE, "#/target",
            indices ? "'target' is %s; class indices are integers"
                    : "'target' is %s and of the shape of 'pred'; probabilities are floating; "
                      "beside class indices 'pred' is scores, [N, C, ...], not labels",
            sc_dtype_name(target->dtype));
    sc_set_planes(c, pred);
    return sc_check_class_weight(c, note);
}

static enum sc_status shape_indices(struct sc_call *c, struct sc_note *note)
{
    SC_TRY(check_rank(c, note));
    if (!sc_is_indices(c->in[0], c->in[1]))
        return sc_mismatch_scores(c, "class indices have no class dimension", note);
    c->indices = true;
    sc_set_planes(c, c->in[0]);
    return sc_check_class_weight(c, note);
}

enum sc_status sc_shape_class_log_probs(struct sc_call *c, struct sc_note *note)
{
    return shape_indices(c, note);
}

enum sc_status sc_shape_class_probs(struct sc_call *c, struct sc_note *note)
{
    return shape_indices(c, note);
}

enum sc_status sc_shape_class_margins(struct sc_call *c, struct sc_note *note)
{
    return shape_indices(c, note);
}

enum sc_status sc_shape_weighted_margins(struct sc_call *c, struct sc_note *note)
{
    return shape_indices(c, note);
}

/* Targets of pred's shape: a weight for each class where dimension 1 counts them. */
static enum sc_status shape_binary(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *w = c->in[2];

    sc_set_samples(c, pred);
    c->labels = 2;
    if (w == NULL) return SC_OK;
    if (pred->rank < 2)
        return sc_fail(note, SC_BAD_SHAPE, "#/weight",
                       "'weight' is one element a class, on dimension 1 of 'pred', which has "
                       "rank %d",
                       pred->rank);
    if (w->rank == 1 && w->dim[0] == pred->dim[1]) return SC_OK;
    return sc_mismatch(c, 2, "'weight' has one element for each place of dimension 1", note);
}

enum sc_status sc_shape_focal(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *target = c->in[1];

    if (sc_tensor_same_shape(pred, target)) return shape_binary(c, note);
    if (pred->rank == 0 || !sc_is_indices(pred, target))
        return sc_mismatch_scores(
            c, "class indices have no class dimension; binary targets have the shape of 'pred'",
            note);
    if (sc_dtype_is_float(target->dtype))
        return sc_fail(note, SC_BAD_DTYPE, "#/target",
                       "'target' is %s; class indices are integers",
                       sc_dtype_name(target->dtype));
    return shape_indices(c, note);
}

/* Rows of pred and other, with a target each. */
enum sc_status sc_shape_vectors(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *target = c->in[1];

    if (pred->rank < 1 || pred->rank > 2 || pred->dim[pred->rank - 1] < 1)
        return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                       "'pred' is [N, D] or [D], D at least 1; it has rank %d%s", pred->rank,
                       pred->rank == 1 || pred->rank == 2 ? " and D = 0" : "");
    if (!sc_tensor_same_shape(pred, c->in[2]))
        return sc_mismatch(c, 2, "they must be equal", note);
    if (target->rank != pred->rank - 1 || (target->rank == 1 && target->dim[0] != pred->dim[0]))
        return sc_mismatch(c, 1, "it has one element for each row", note);
    c->samples = pred->rank == 2 ? pred->dim[0] : 1;
    c->positions = pred->dim[pred->rank - 1];
    c->classes = 1;
    return SC_OK;
}
