/* polynomial.h - polynomials of coefficients.h, in the one way they are computed: two
 * interleaved chains, of even and of odd powers, which halves their latency.
 *
 *   SC_POLYNOMIAL(name, LIST, type, all, fma)
 *       defines `type name(type x, type z)`, the value of LIST at x, where z is x x;
 *       all(c) is the number c as a type, fma(a, b, c) is a b + c
 *
 * The order of operations is fixed here: the same list gives the same bits in a vector. */
#pragma once

#include "coefficients.h"

#define SC_CHAINS_FIRST(all, fma, e, o) even = all(e), odd = all(o);
#define SC_CHAINS_STEP(all, fma, e, o)  even = fma(even, z, all(e)), odd = fma(odd, z, all(o));
#define SC_CHAINS_LAST(all, fma, e)     even = fma(even, z, all(e));

#define SC_POLYNOMIAL(name, LIST, type, all, fma)                                              \
    static inline type name(type x, type z)                                                    \
    {                                                                                          \
        type even, odd;                                                                        \
                                                                                               \
        LIST(SC_CHAINS_FIRST, SC_CHAINS_STEP, SC_CHAINS_LAST, all, fma)                        \
        return fma(odd, x, even);                                                              \
    }
