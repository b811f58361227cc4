/* binary_cross_entropy_with_logits.c - w ((1 - t) softplus(x) + pos t softplus(-x)), x = pred a
 * logit, pos the weight of positives (PyTorch binary_cross_entropy_with_logits). Without a
 * difference: PyTorch's (1 - t) x + ... is the same, but cancels, and is NaN for infinite x. */
#include "pointwise.h"

enum { K_COMPAT };

#define PYTORCH (k[K_COMPAT] == 0)

/* softplus(a) and softplus(-a) for a >= 0; 0.8 ulp each */
struct sides {
    double near, far;
};

/* sc_softplus with the rounding error of e^-a. */
static inline struct sides sides(double a)
{
    const struct vm_exp e = vm_exp(-vm_at_most(a, 750.0), 0.0);
    const double z = vm_scale(e.hi, e.exponent), z_lo = vm_scale(e.lo, e.exponent);
    const double s = z / (2.0 + z), rest = vm_log1p_rest(s * s);
    const double lo = z_lo * fma(-0.5, z, 1.0); /* z_lo / (1 + z), near enough */
    const struct vm_pair whole = {vm_at_most(a, 0x1p1023), lo}, none = {0.0, lo};
    const double near = vm_log_sum(whole, z, s, rest), far = vm_log_sum(none, z, s, rest);

    return (struct sides){a < 0x1p60 ? near : a, a == a ? far : a};
}

/* PyTorch's value is NaN: an infinity less an infinity, or times 0. */
static inline bool is_lost(struct sc_values v, const double *k)
{
    return PYTORCH && (v.p == -HUGE_VAL || (v.p == HUGE_VAL && v.t == 1));
}

/* The larger of softplus(x) and softplus(-x), and its share, which where it is 0 takes no
 * infinity; and the smaller one. */
static inline double term(struct sc_values v, const double *k)
{
    const struct sides y = sides(fabs(v.p));
    const struct vm_pair no = vm_sum(1, -v.t), yes = vm_product(v.b, v.t);
    const struct vm_pair near = {v.p < 0 ? yes.hi : no.hi, v.p < 0 ? yes.lo : no.lo};
    const struct vm_pair far = {v.p < 0 ? no.hi : yes.hi, v.p < 0 ? no.lo : yes.lo};
    const double size = near.hi == 0 && y.near == HUGE_VAL ? 0 : y.near;
    const double l = sc_weigh(v.a, sc_blend(near, size, far, y.far));

    return is_lost(v, k) ? (double)NAN : l;
}

static inline double slope(struct sc_values v)
{
    return v.a * fma(1 - v.t, sc_sigmoid(v.p), -(v.b * v.t) * sc_sigmoid(-v.p));
}

#define LOSS        binary_cross_entropy_with_logits
#define TERM(v, k)  term(v, k)
#define SLOPE(v, k) slope(v)
#include "pointwise.inc"
