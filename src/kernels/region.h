/* region.h - region losses (Dice, IoU, Tversky ...): functions of three sums of each class,
 * I = sum p t, P = sum p, T = sum t. What they share: the state and its report. */
#pragma once

#include "loss.h"

enum { SC_LOGITS, SC_PROBS, SC_LABELS }; /* words of input_kind */

/* Sums of each class: of all positions; where per_sample=true the losses of the samples, and
 * these times the weight; the weight, once a sample. */
enum {
    SC_REGION_I,
    SC_REGION_P,
    SC_REGION_T,
    SC_REGION_VALUE,
    SC_REGION_WEIGHTED,
    SC_REGION_WEIGHT,
    SC_REGION_SUMS
};
enum { SC_REGION_SAMPLES = SC_LOSS_COUNTS, SC_REGION_COUNTS };

/* The three sums of a class, rounded. */
struct sc_overlap {
    double i, p, t;
};

/* The loss of one class, or its derivative by I or P. */
typedef double sc_region_fn(const struct sc_overlap *o, const struct sc_params *params);

static inline struct sc_exact *sc_region_sum(struct sc_exact *sums, int64_t k, int which)
{
    return &sums[(size_t)k * SC_REGION_SUMS + (size_t)which];
}

struct sc_overlap sc_region_overlap(const struct sc_exact *sums, int64_t k);

/* The first class that is averaged: 1 without the background. */
int64_t sc_region_first(const struct sc_params *params);

void sc_region_layout(const struct sc_params *params, int64_t classes, size_t *counts,
                      size_t *sums);
/* The weight of a class, the mean over the samples. */
double sc_region_weight(const struct sc_state *state, int64_t k);
/* Have two states the same weights, but for the rounding of these means? */
bool sc_region_same_weights(const struct sc_params *params, const struct sc_state *a,
                            const struct sc_state *b);

/* What a class adds to a sum of losses: one of weight 0 takes no part, whatever its loss. */
static inline double sc_region_weighted(double weight, double loss)
{
    return weight == 0 ? 0 : weight * loss;
}

/* Checks of every region loss; loads the weights. */
enum sc_status sc_region_prepare(struct sc_call *call, struct sc_arena *arena,
                                 struct sc_note *note);
enum sc_status sc_region_shape(const struct sc_call *call, int output, int *rank, int64_t *dim);
/* kernel->scale: 1 / (what the weighted losses are divided by). */
double sc_region_scale(const struct sc_call *call);
/* The table of classes; `loss` gives their values. */
void sc_region_classes(sc_region_fn *loss, const struct sc_params *params,
                       const struct sc_state *state, struct sc_report *report);
const char *sc_region_finish(sc_region_fn *loss, const struct sc_params *params,
                             const struct sc_state *state, struct sc_report *report);
