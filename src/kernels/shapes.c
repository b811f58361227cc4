/* shapes.c - how the shapes of inputs fit together, by the profile: the geometry of a call. */
#include "op.h"

#include <math.h>
#include <stdio.h>

#include "lanes.h"
#include "shapes.h"

#define SHAPE_TEXT 160

enum sc_status sc_mismatch(const struct sc_call *c, int i, const char *right,
                           struct sc_note *note)
{
    char got[SHAPE_TEXT], first[SHAPE_TEXT];

    return sc_fail_input(note, SC_BAD_SHAPE, c->op->input[i].name,
                         "'%s' has shape %.80s where '%s' has %.80s; %s", c->op->input[i].name,
                         sc_tensor_shape_text(c->in[i], got, sizeof got), c->op->input[0].name,
                         sc_tensor_shape_text(c->in[0], first, sizeof first), right);
}

/* Has t the dimensions of pred without the one at `axis`? */
static bool lacks_dimension(const struct sc_tensor *pred, const struct sc_tensor *t, int axis)
{
    if (t->rank != pred->rank - 1) return false;
    for (int i = 0; i < t->rank; i++)
        if (t->dim[i] != pred->dim[i < axis ? i : i + 1]) return false;
    return true;
}

enum sc_status sc_mismatch_scores(const struct sc_call *c, const char *right,
                                  struct sc_note *note)
{
    const struct sc_tensor *pred = c->in[0], *target = c->in[1];
    const char *cause = "";
    char text[192];

    if (pred->rank > 2 && lacks_dimension(pred, target, pred->rank - 1))
        cause = "; the classes seem to be last: move them to dimension 1, [N, C, ...]";
    else if (pred->rank > 2 && lacks_dimension(pred, target, 0))
        cause = "; the batch seems to be missing: one image is [1, C, ...]";
    snprintf(text, sizeof text, "%s%s", right, cause);
    return sc_mismatch(c, 1, text, note);
}

int64_t sc_dims_product(const struct sc_tensor *t, int from, int to)
{
    int64_t n = 1;

    for (int i = from; i < to && i < t->rank; i++) n *= t->dim[i];
    return n;
}

void sc_set_samples(struct sc_call *c, const struct sc_tensor *t)
{
    c->classes = 1;
    c->samples = t->rank > 0 ? t->dim[0] : 1;
    c->positions = sc_dims_product(t, 1, t->rank);
}

enum sc_status sc_shape_elementwise(struct sc_call *c, struct sc_note *note)
{
    (void)note;
    sc_set_samples(c, c->in[0]);
    return SC_OK;
}

/* Before, along and after the axis; the kernel looks at rows, so positions are those of a row.
 */
enum sc_status sc_shape_axis(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *x = c->in[0];
    const int64_t dim = sc_param(c->params, "dim")->integer;
    const int axis = (int)(dim < 0 ? dim + x->rank : dim);

    if (axis < 0 || axis >= x->rank)
        return x->rank == 0
                   ? sc_fail(note, SC_BAD_SHAPE, "#/x", "x is a number; it has no dimension")
                   : sc_fail(note, SC_BAD_SHAPE, "#/x",
                             "dim is %lld but x has rank %d; it may be %d to %d",
                             (long long)dim, x->rank, -x->rank, x->rank - 1);
    c->samples = sc_dims_product(x, 0, axis);
    c->classes = x->dim[axis];
    c->positions = sc_dims_product(x, axis + 1, x->rank);
    if (c->in[1] != NULL && !sc_tensor_same_shape(c->in[1], x))
        return sc_mismatch(c, 1, "they must be equal", note);
    return SC_OK;
}

enum sc_status sc_shape_pair(struct sc_call *c, struct sc_note *note)
{
    if (!sc_tensor_same_shape(c->in[0], c->in[1]))
        return sc_mismatch(c, 1, "they must be equal", note);
    sc_set_samples(c, c->in[0]);
    return SC_OK;
}

enum sc_status sc_shape_signs(struct sc_call *c, struct sc_note *note)
{
    return sc_shape_pair(c, note);
}

/* Does input i, where it is there, broadcast to the first as NumPy does? */
static enum sc_status check_broadcast(struct sc_call *c, int i, struct sc_note *note)
{
    const struct sc_tensor *full = c->in[0], *t = c->in[i];

    if (t == NULL) return SC_OK;
    for (int d = 0; d < t->rank; d++) {
        const int at = full->rank - t->rank + d;

        if (at < 0 || (t->dim[d] != 1 && t->dim[d] != full->dim[at]))
            return sc_mismatch(c, i, "it must broadcast to that, as in NumPy", note);
    }
    return SC_OK;
}

enum sc_status sc_shape_probabilities(struct sc_call *c, struct sc_note *note)
{
    SC_TRY(sc_shape_pair(c, note));
    return check_broadcast(c, 2, note);
}

enum sc_status sc_shape_binary_logits(struct sc_call *c, struct sc_note *note)
{
    SC_TRY(sc_shape_probabilities(c, note));
    return check_broadcast(c, 3, note);
}

enum sc_status sc_shape_variance(struct sc_call *c, struct sc_note *note)
{
    if (!sc_tensor_same_shape(c->in[0], c->in[2]))
        return sc_mismatch(c, 2, "they must be equal", note);
    return sc_shape_pair(c, note);
}

bool sc_is_indices(const struct sc_tensor *pred, const struct sc_tensor *t)
{
    return lacks_dimension(pred, t, pred->rank > 1 ? 1 : 0);
}

enum sc_status sc_check_class_weight(struct sc_call *c, struct sc_note *note)
{
    const struct sc_tensor *w = c->in[2];

    if (c->classes < 1)
        return sc_fail(note, SC_BAD_SHAPE, "#/pred",
                       "'pred' has no classes: its class dimension is 0");
    if (w == NULL) return SC_OK;
    if (w->rank == 1 && w->dim[0] == c->classes) return SC_OK;
    return sc_mismatch(c, 2, "'weight' has one element a class", note);
}

void sc_set_planes(struct sc_call *c, const struct sc_tensor *pred)
{
    const int axis = pred->rank > 1 ? 1 : 0;

    c->samples = axis ? pred->dim[0] : 1;
    c->classes = pred->dim[axis];
    c->positions = sc_dims_product(pred, axis + 1, pred->rank);
}

static sc_shape_fn *const shapes[] = {
#define PROFILE(name, ...) [SC_PROFILE_##name] = sc_shape_##name,
#include "profiles.def"
#undef PROFILE
};

enum sc_status sc_shape(struct sc_call *call, struct sc_note *note)
{
    const struct sc_op *op = call->op;

    for (int i = 0; i < op->params; i++) {
        const struct sc_param_value *v = &call->params->value[i];

        call->k[i] = v->set ? v->real : NAN;
    }
    for (int i = 0; i < op->inputs; i++) call->domain[i] = (enum sc_domain)op->input[i].domain;
    call->pytorch = sc_param(call->params, "compat")->set && op->family != SC_METRICS;
    SC_TRY(shapes[op->profile](call, note));
    if (call->labels == 0) call->labels = call->classes;
    call->by_element = call->positions < SC_BLOCK;
    return SC_OK;
}
