/* mish.c - x tanh(log(1 + e^x)) (Misra, arXiv 1908.08681; PyTorch mish, which gives NaN at
 * -inf, and as derivative at both infinities).
 *
 * With z = e^-|x|, tanh(log(1 + e^x)) is z (2 + z) / (2 + 2 z + z^2) for x < 0, else
 * (1 + 2 z) / (1 + 2 z + 2 z^2): nothing cancels or overflows. */
#include "elementwise.h"

enum { K_COMPAT }; /* parameters of the row */

#define FAR 800.0 /* x itself above, 0 below its negative */

/* tanh(log(1 + e^x)) = top / bottom (times z where x < 0), z = e^-|x| */
struct parts {
    struct vm_pair top, bottom;
};

static inline struct parts parts(bool negative, double z, double z_lo)
{
    const double one = negative ? 2.0 : 1.0;
    const double add = negative ? z : 2.0 * z, add_lo = negative ? z_lo : 2.0 * z_lo;
    const double top = one + add, top_lo = ((one - top) + add) + add_lo;
    const double more = negative ? fma(z, z, z) : 2.0 * z * z;
    const double more_lo = z_lo * (negative ? fma(2.0, z, 1.0) : 4.0 * z);
    const double bottom = top + more;

    return (struct parts){
        .top = {top, top_lo},
        .bottom = {bottom, ((top - bottom) + more) + (top_lo + more_lo)},
    };
}

static inline double value(double x, bool pytorch)
{
    const bool negative = x < 0;
    const double a = vm_at_most(fabs(x), FAR);
    const struct vm_exp e = vm_exp(-a, 0.0);
    const double power = a < 600.0 ? vm_power(e.exponent) : 0.0;
    const struct parts p = parts(negative, e.hi * power, e.lo * power);
    const struct vm_pair tail = vm_product(a, e.hi);
    const double size = negative ? tail.hi : a;
    const double size_lo = negative ? fma(a, e.lo, tail.lo) : 0.0;
    const struct vm_pair product = vm_product(size, p.top.hi);
    const double low = fma(size, p.top.lo, fma(size_lo, p.top.hi, product.lo));
    const struct vm_pair top = {product.hi, low};
    const double q = vm_quotient(top, p.bottom, 1.0 / p.bottom.hi);
    const double y = vm_signed(vm_scale(q, negative ? e.exponent : VM_BIAS), x);

    if (pytorch && x == -HUGE_VAL) return (double)NAN;
    return x < FAR ? y : x;
}

/* With w = t / b as above: w + x s (1 - w^2) = (t + 4 x (1 + z) / b) z / b for x < 0, else
 * (t + 4 x (1 + z) z^2 / b) / b */
static inline double slope(double x, bool pytorch)
{
    const bool negative = x < 0;
    const double a = vm_at_most(fabs(x), FAR);
    const struct vm_exp e = vm_exp(-a, 0.0);
    const double z = vm_scale(e.hi, e.exponent);
    const struct parts p = parts(negative, z, 0.0);
    const double inverse = 1.0 / p.bottom.hi;
    const struct vm_pair one = vm_sum(1.0, z);
    const double size = negative ? -4.0 * a : 4.0 * a * (z * z);
    const struct vm_pair product = vm_product(size, one.hi);
    const struct vm_pair rise = {product.hi, fma(size, one.lo, product.lo)};
    const struct vm_pair sum = vm_sum(p.top.hi, vm_quotient(rise, p.bottom, inverse));
    const struct vm_pair top = {sum.hi, sum.lo + p.top.lo};
    const double q = vm_quotient(top, p.bottom, inverse);
    const double y = vm_scale(negative ? e.hi * q : q, negative ? e.exponent : VM_BIAS);

    if (pytorch && fabs(x) == HUGE_VAL) return (double)NAN;
    return x != x ? x : y;
}

#define ACTIVATION          mish
#define VALUE(x, k)         value(x, (k)[K_COMPAT] == 0)
#define SLOPE(x, k)         slope(x, (k)[K_COMPAT] == 0)
#define NEARLY_FIRST(x, k)  sc_near_mish_first(x)
#define NEARLY(x, first, k) sc_near_mish(x, first)
#include "elementwise.inc"
