/* shapes.h - inside the core: the rule of each profile, and what they are made of. */
#pragma once

#include "op.h"

/* Sets the geometry of a call whose inputs are there and have dtypes that the profile takes, or
 * says which of them does not fit. */
typedef enum sc_status sc_shape_fn(struct sc_call *c, struct sc_note *note);

#define PROFILE(name, ...) sc_shape_fn sc_shape_##name;
#include "profiles.def"
#undef PROFILE

/* Says that input i does not fit the first: both shapes, and what would be right. */
enum sc_status sc_mismatch(const struct sc_call *c, int i, const char *right,
                           struct sc_note *note);

/* The same of target and scores of classes; says so where the classes are last or the batch is
 * missing. */
enum sc_status sc_mismatch_scores(const struct sc_call *c, const char *right,
                                  struct sc_note *note);

/* The product of dimensions [from, to). */
int64_t sc_dims_product(const struct sc_tensor *t, int from, int to);

/* The first dimension counts samples; the rest are positions. */
void sc_set_samples(struct sc_call *c, const struct sc_tensor *t);

/* The same, with the classes on dimension 1 (of a tensor of rank 1: on its only one). */
void sc_set_planes(struct sc_call *c, const struct sc_tensor *pred);

/* Is t the shape of pred without its class dimension (dim 1, or dim 0 of a rank-1 pred)? */
bool sc_is_indices(const struct sc_tensor *pred, const struct sc_tensor *t);

/* At least one class, and where there are weights (the third input) one for each. */
enum sc_status sc_check_class_weight(struct sc_call *c, struct sc_note *note);
