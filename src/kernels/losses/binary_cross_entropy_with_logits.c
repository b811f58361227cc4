/* binary_cross_entropy_with_logits.c - w ((1 - t) softplus(x) + pos t softplus(-x)), x = pred a
 * logit, pos the weight of positives (PyTorch binary_cross_entropy_with_logits); see logit.h.
 */
#include "logit.h"

enum { K_COMPAT };

#define PYTORCH (k[K_COMPAT] == 0)

/* PyTorch's value is NaN: an infinity less an infinity, or times 0. */
static inline bool is_lost(struct sc_values v, const double *k)
{
    return PYTORCH && (v.p == -HUGE_VAL || (v.p == HUGE_VAL && v.t == 1));
}

static inline double term(struct sc_values v, const double *k)
{
    const double l = sc_logit_loss(v.p, v.t, v.a, v.b);

    return is_lost(v, k) ? (double)NAN : l;
}

#define LOSS        binary_cross_entropy_with_logits
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) sc_logit_slope(v.p, v.t, v.a, v.b)
#define EFFORT      2
#include "pointwise.inc"
