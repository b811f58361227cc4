/* two_class_dice.c - Dice of the foreground and of the background (Sudre et al., arXiv
 * 1707.03237, DL2). */
#include "loss.h"
#include "terms.h"
#include "values.h"

#define LOSS two_class_dice
/* clang-format off */
#define SUMS(SUM)                                                                              \
    SUM(hit, p * t)                                                                            \
    SUM(pred, p)                                                                               \
    SUM(truth, t)                                                                              \
    SUM(rest_hit, (1 - p) * (1 - t))                                                           \
    SUM(rest_pred, 1 - p)                                                                      \
    SUM(rest_truth, 1 - t)
/* clang-format on */
#include "sums.inc"

enum { EPS }; /* parameters */

static double value(const struct sums *s, const double *k)
{
    const double whole = s->pred + s->truth + k[EPS];
    const double rest = s->rest_pred + s->rest_truth + k[EPS];

    return 1 - (s->hit + k[EPS]) / whole - (s->rest_hit + k[EPS]) / rest;
}

static double slope(double p, double t, const struct sums *s, const double *k)
{
    const double whole = s->pred + s->truth + k[EPS];
    const double rest = s->rest_pred + s->rest_truth + k[EPS];

    (void)p;
    return ((s->hit + k[EPS]) / whole - t) / whole +
           ((1 - t) - (s->rest_hit + k[EPS]) / rest) / rest;
}
