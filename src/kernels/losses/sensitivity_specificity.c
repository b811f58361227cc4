/* sensitivity_specificity.c - squared errors where the target is, and where it is not, each
 * over its size (Brosch et al., MICCAI 2015, as in Sudre et al., arXiv 1707.03237). */
#include "loss.h"
#include "terms.h"
#include "values.h"

#define LOSS sensitivity_specificity
#define SUMS(SUM)                                                                              \
    SUM(inside, (t - p) * (t - p) * t)                                                         \
    SUM(truth, t) SUM(outside, (t - p) * (t - p) * (1 - t)) SUM(rest, 1 - t)
#include "sums.inc"

enum { LAMBDA, EPS }; /* parameters */

static double value(const struct sums *s, const double *k)
{
    return k[LAMBDA] * (s->inside / (s->truth + k[EPS])) +
           (1 - k[LAMBDA]) * (s->outside / (s->rest + k[EPS]));
}

static double slope(double p, double t, const struct sums *s, const double *k)
{
    const double inside = k[LAMBDA] * (t / (s->truth + k[EPS]));
    const double outside = (1 - k[LAMBDA]) * ((1 - t) / (s->rest + k[EPS]));

    return 2 * (p - t) * (inside + outside);
}
