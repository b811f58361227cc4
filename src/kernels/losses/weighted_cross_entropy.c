/* weighted_cross_entropy.c - binary cross entropy whose positive part is weighted by
 * (N - sum p) / sum p (Sudre et al., arXiv 1707.03237). */
#include "loss.h"
#include "terms.h"
#include "values.h"
#include "vmath.h"

/* 0 times infinity is 0: the limit of x log x. */
static inline double times(double x, double log)
{
    return x == 0 ? 0 : x * log;
}

#define LOSS weighted_cross_entropy
#define SUMS(SUM)                                                                              \
    SUM(hit, times(t, sc_log(p)))                                                              \
    SUM(rest_hit, times(1 - t, sc_log1p(-p))) SUM(pred, p) SUM(rest_pred, 1 - p)
#define TERMS
#include "sums.inc"

/* N - sum p = sum (1 - p); infinite where no p is above 0. */
static double weight(const struct sums *s)
{
    return s->rest_pred / s->pred;
}

static double value(const struct sums *s, const double *k)
{
    (void)k;
    return (0 - (times(s->hit, weight(s)) + s->rest_hit)) / s->n; /* +0 where it is 0 */
}

static double term(double p, double t, const struct sums *s, const double *k)
{
    const double hit = times(t, sc_log(p));

    (void)k;
    return 0 - (times(hit, weight(s)) + times(1 - t, sc_log1p(-p)));
}

/* w is a constant here. */
static double slope(double p, double t, const struct sums *s, const double *k)
{
    (void)k;
    return (times(1 - t, 1 / (1 - p)) - times(t, weight(s) / p)) / s->n;
}
