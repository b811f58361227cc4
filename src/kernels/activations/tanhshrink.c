/* tanhshrink.c - x - tanh x (PyTorch tanhshrink); derivative tanh^2 x. Near 0 the terms cancel,
 * and a polynomial takes over. */
#include "elementwise.h"

#define NEAR 0.75

/* ((x - tanh x) / x^3 - 1/3) / z over z = x^2, for |x| < NEAR; minimax */
static inline double cubic_rest(double z)
{
    const double w = z * z;
    double even = -0x1.42d21fd83191dp-21, odd = 0x1.01f957a5c4aebp-18;
    even = fma(even, w, -0x1.c8ff12692527cp-17), odd = fma(odd, w, 0x1.3da54ea29f00cp-15);
    even = fma(even, w, -0x1.93ea53842485bp-14), odd = fma(odd, w, 0x1.f517008ecbf98p-13);
    even = fma(even, w, -0x1.35527c22f34fep-11), odd = fma(odd, w, 0x1.7da2f459fd0c3p-10);
    even = fma(even, w, -0x1.d6d3cb004a60ap-9), odd = fma(odd, w, 0x1.226e3544edbaap-7);
    even = fma(even, w, -0x1.664f48823e37cp-6), odd = fma(odd, w, 0x1.ba1ba1ba1a4e9p-5);
    even = fma(even, w, -0x1.1111111111107p-3);
    return fma(odd, z, even);
}

/* x - tanh x for |x| < NEAR: x^3 (1/3 + ...), its large parts as pairs */
static inline double near_zero(double x)
{
    const double third = 0x1.5555555555555p-2, third_lo = 0x1.5555555555555p-56;
    const struct vm_pair square = vm_product(x, x), cube = vm_product(x, square.hi);
    const double rest = square.hi * cubic_rest(square.hi), sum = third + rest;
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
