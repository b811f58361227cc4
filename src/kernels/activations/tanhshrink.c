/* tanhshrink.c - x - tanh x (PyTorch tanhshrink); derivative tanh^2 x. Near 0 the terms cancel,
 * and a polynomial takes over. */
#include "elementwise.h"

#define NEAR 0.75

/* ((x - tanh x) / x^3 - 1/3) / z over z = x^2, for |x| < NEAR; w = z z */
VM_POLYNOMIAL(cubic_rest, SC_SHRINK_REST)

/* x - tanh x for |x| < NEAR: x^3 (1/3 + ...), its large parts as pairs */
static inline double near_zero(double x)
{
    const double third = 0x1.5555555555555p-2, third_lo = 0x1.5555555555555p-56;
    const struct vm_pair square = vm_product(x, x), cube = vm_product(x, square.hi);
    const double z = square.hi, rest = z * cubic_rest(z, z * z), sum = third + rest;
    const double sum_lo = ((third - sum) + rest) + third_lo;
    const double cube_lo = fma(x, square.lo, cube.lo);

    return fma(cube.hi, sum, fma(cube.hi, sum_lo, cube_lo * sum));
}

/* x - tanh x for x >= NEAR: of the quotient that tanh is, what rounding loses counts too */
static inline double far_out(double x)
{
    const struct vm_pair e = vm_half_expm1(-2.0 * vm_at_most(x, 20.0));
    const double den = 1.0 + e.hi, inverse = 1.0 / den;
    const double den_lo = ((1.0 - den) + e.hi) + e.lo, q = -e.hi * inverse;
    const double missing = fma(-q, den, -e.hi) - fma(q, den_lo, e.lo);

    return (x - q) - missing * inverse;
}

static inline double value(double x)
{
    const double a = fabs(x);
    const double y = vm_signed(a < NEAR ? near_zero(a) : far_out(a), x);

    return x != x ? x : y;
}

static inline double slope(double x)
{
    const double t = sc_tanh(x);

    return t * t;
}

#define ACTIVATION  tanhshrink
#define VALUE(x, k) value(x)
#define SLOPE(x, k) slope(x)
#include "elementwise.inc"
