/* shape_masks.c - shapes of labels: of masks, of classes, of binary decisions. */
#include "confusion.h"
#include "shapes.h"

static enum sc_status mismatch(const struct sc_call *c, struct sc_note *note)
{
    if (!sc_tensor_same_shape(c->in[0], c->in[1]))
        return sc_mismatch_scores(c, "'target' has the shape of 'pred' without dimension 1",
                                  note);
    return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                   "'pred' is %s and of the shape of 'target'; scores have the classes too, on "
                   "dimension 1; labels are integers, without input_kind: convert them, as to "
                   "uint8",
                   sc_dtype_name(c->in[0]->dtype));
}

/* Scores: [N, C, ...] against labels [N, ...]; dimension 0 counts images. */
static enum sc_status shape_scores(struct sc_call *c, struct sc_note *note)
{
    const struct sc_param_value *kind = sc_param(c->params, "input_kind");

    if (!kind->set || kind->choice == SC_KIND_LABELS)
        return sc_fail(
            note, SC_BAD_DTYPE, "#/pred",
            "'pred' is %s; labels are integers: convert them, as to uint8; scores of classes "
            "need input_kind=logits, probs or log_probs",
            sc_dtype_name(c->in[0]->dtype));
    if (c->in[0]->rank < 2 || !sc_is_indices(c->in[0], c->in[1])) return mismatch(c, note);
    sc_set_planes(c, c->in[0]);
    if (kind->choice == SC_KIND_PROBS) c->domain[0] = SC_PROBABILITY;
    if (c->classes == sc_param(c->params, "num_classes")->integer) return SC_OK;
    return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                   "'pred' has %lld classes on dimension 1; num_classes is %lld",
                   (long long)c->classes,
                   (long long)sc_param(c->params, "num_classes")->integer);
}

/* Rank 2 or less is one image; otherwise dimension 0 counts images. */
enum sc_status sc_shape_masks(struct sc_call *c, struct sc_note *note)
{
    const struct sc_param_value *kind = sc_param(c->params, "input_kind");

    if (sc_dtype_is_float(c->in[0]->dtype)) return shape_scores(c, note);
    if (kind->set && kind->choice != SC_KIND_LABELS)
        return sc_fail(note, SC_BAD_DTYPE, "#/pred", "'pred' is %s, which is input_kind=labels",
                       sc_dtype_name(c->in[0]->dtype));
    if (!sc_tensor_same_shape(c->in[0], c->in[1]))
        return sc_mismatch(
            c, 1,
            sc_is_indices(c->in[0], c->in[1])
                ? "they must be equal: integers are labels; scores of classes are "
                  "floating, with input_kind"
                : "they must be equal",
            note);
    sc_set_samples(c, c->in[0]);
    if (c->in[0]->rank <= 2) {
        c->samples = 1;
        c->positions = c->in[0]->count;
    }
    c->classes = sc_param(c->params, "num_classes")->integer;
    return SC_OK;
}

enum sc_status sc_shape_labels(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_masks(c, note);
}

enum sc_status sc_shape_binary(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_pair(c, note);
}
