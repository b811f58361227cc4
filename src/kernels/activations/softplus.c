/* softplus.c - log(1 + e^(beta x)) / beta, and x where beta x > threshold (PyTorch softplus).
 * beta x is kept as a pair, since e^(beta x) multiplies its rounding error by beta x. */
#include "elementwise.h"

enum { K_BETA, K_THRESHOLD }; /* parameters of the row */

static inline struct vm_pair argument(double x, double beta)
{
    const struct vm_pair v = vm_product(beta, x);

    return (struct vm_pair){v.hi, fabs(v.hi) < 1390 ? v.lo : 0};
}

/* log(1 + e^v) = max(v, 0) + log(1 + z), z = e^-|v| = z_hi + z_lo < 1 */
static inline struct vm_pair logarithm(struct vm_pair v, double z_hi, double z_lo)
{
    const double s = z_hi / (2.0 + z_hi);
    const double share = (1.0 - s) * fma(s, s - 1.0, 1.0); /* 1 / (1 + z), near enough */
    const struct vm_pair whole = {
        .hi = v.hi > 0.0 ? v.hi : 0.0,
        .lo = fma(z_lo, share, v.hi > 0.0 ? v.lo : 0.0),
    };
    return vm_log_pair(whole, z_hi, s, vm_log1p_rest(s * s));
}

static inline double value(double x, double beta, double threshold)
{
    const struct vm_pair v = argument(x, beta), divisor = {beta, 0};
    const double size = vm_at_most(fabs(v.hi), 1390.0), inverse = 1.0 / beta;
    const struct vm_exp e = vm_exp(-size, v.hi > 0.0 ? -v.lo : v.lo);
    const double power = size < 700.0 ? vm_power(e.exponent) : 0.0;
    const struct vm_pair sum = logarithm(v, e.hi * power, e.lo * power);
    const struct vm_pair tail = {e.hi, e.lo};
    const double near = vm_quotient(sum, divisor, inverse);
    /* below, the logarithm is e^v itself */
    const double far = vm_scale(vm_quotient(tail, divisor, inverse), e.exponent);

    if (x != x || v.hi > threshold) return x;
    return v.hi < -40.0 ? far : near;
}

static inline double slope(double x, double beta, double threshold)
{
    const struct vm_pair v = argument(x, beta);
    const struct vm_pair size = {
        .hi = vm_at_most(fabs(v.hi), 1390.0),
        .lo = v.hi < 0.0 ? -v.lo : v.lo,
    };
    const double y = vm_gate(v.hi, 1.0, size);

    return x != x ? x : v.hi > threshold ? 1 : y;
}

#define ACTIVATION  softplus
#define VALUE(x, k) value(x, (k)[K_BETA], (k)[K_THRESHOLD])
#define SLOPE(x, k) slope(x, (k)[K_BETA], (k)[K_THRESHOLD])
#include "elementwise.inc"
