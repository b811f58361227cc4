/* coefficients.h - written by tools/vmath_coefficients.py, which computes these numbers: the
 * polynomials of vmath.h, near.h, softmax.h and activations/tanhshrink.c, and constants that go
 * with them. `make lint` compares.
 *
 * A list gives the coefficients of even and odd powers in turn, the highest first, as
 * polynomial.h takes them. With each stands the largest error, and what it is relative to. */
#pragma once

/* clang-format off */

/* ---- exp ---- */

#define VM_LOG2E 0x1.71547652b82fep+0
#define VM_LN2 0x1.62e42fefa39efp-1
/* ln 2 in two pieces; k times the head is exact for |k| < 2048. */
#define VM_LN2_HEAD 0x1.62e42fefa3800p-1
#define VM_LN2_TAIL 0x1.ef35793c76730p-45

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2; 2^-59.8 of e^r - 1 */
#define VM_EXP_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.1ee88973082dep-29, 0x1.af5e69eac0442p-26) \
    STEP(all, fma, 0x1.27e53624ef034p-22, 0x1.71ddf8848d6d3p-19) \
    STEP(all, fma, 0x1.a01a017bcd246p-16, 0x1.a01a01afd1cd4p-13) \
    STEP(all, fma, 0x1.6c16c16c1f055p-10, 0x1.111111110f6dfp-7) \
    STEP(all, fma, 0x1.555555555553fp-5, 0x1.5555555555559p-3) \
    LAST(all, fma, 0x1.0000000000000p-1)

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2; 2^-49.3 of e^r - 1 */
#define SC_NEAR_POWER_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.27dc610459b3ap-22, 0x1.72da355a05b49p-19) \
    STEP(all, fma, 0x1.a01a78f5e98b3p-16, 0x1.a0199c09337b4p-13) \
    STEP(all, fma, 0x1.6c16c1359183ep-10, 0x1.11111121323d9p-7) \
    STEP(all, fma, 0x1.5555555564b1ep-5, 0x1.555555555226fp-3) \
    LAST(all, fma, 0x1.fffffffffffbfp-2)

/* (e^r - 1 - r) / r^2 for |r| < ln 2 / 2; 2^-43.5 of e^r - 1 */
#define SC_NEAR_EXP_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.a1583930ffaacp-16, 0x1.71e93a5552dc5p-19) \
    STEP(all, fma, 0x1.6c164fdb29805p-10, 0x1.a01a7d3f6accfp-13) \
    STEP(all, fma, 0x1.555555731e36fp-5, 0x1.111110e1390edp-7) \
    STEP(all, fma, 0x1.fffffffff7c23p-2, 0x1.5555555567242p-3)

/* ---- log ---- */

/* (2 atanh(s) - 2 s) / s^3 over z = s^2, for (1 + s) / (1 - s) in
 * [sqrt(1/2), sqrt(2)]; 2^-59.2 of the logarithm */
#define VM_LOG_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.2f02ea6b46dcbp-3, 0x1.39a1fb4016755p-3) \
    STEP(all, fma, 0x1.74663c55d7545p-3, 0x1.c71c521648704p-3) \
    STEP(all, fma, 0x1.24924941e0bb4p-2, 0x1.999999997feebp-2) \
    LAST(all, fma, 0x1.5555555555592p-1)

/* (2 atanh(s) - 2 s) / s^3 over z = s^2, for (1 + s) / (1 - s) in
 * [1, 2]; 2^-58.6 of the logarithm */
#define VM_LOG1P_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.55cf122c73e8dp-4, 0x1.5c5c650547f51p-3) \
    STEP(all, fma, 0x1.10682de5359cbp-3, 0x1.efd19ceb9d400p-4) \
    STEP(all, fma, 0x1.745cb458f41e9p-3, 0x1.3b1dd3be2f58ep-3) \
    STEP(all, fma, 0x1.24924920910b1p-2, 0x1.c71c741a0b2a0p-3) \
    STEP(all, fma, 0x1.5555555555535p-1, 0x1.99999999a06c2p-2)

/* ---- the normal distribution ---- */

/* (a + 5/4) e^(a^2/2) Q(a) over t = (a - 6) / (a + 6) for 0 <= a <= 40, Q the upper tail of
 * the normal; 2^-56.3 of it. Its first term, and the rest, divided by t. */
#define VM_TAIL_FIRST_HEAD 0x1.e0ebefe9f17c5p-2
#define VM_TAIL_FIRST_TAIL -0x1.3bd932fd55ba3p-57
#define VM_TAIL_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.8e35ac31b35bap-29, 0x1.97615c6babaddp-30) \
    STEP(all, fma, -0x1.662c418e1a097p-26, -0x1.ff006c11fdbffp-27) \
    STEP(all, fma, 0x1.fc1c23b52bea9p-27, 0x1.0f99ad56d92c2p-23) \
    STEP(all, fma, 0x1.aec8782ff661fp-20, -0x1.04c99861e4d1fp-20) \
    STEP(all, fma, -0x1.a320c8327cd38p-16, 0x1.3021278bcf723p-18) \
    STEP(all, fma, 0x1.011359d599a20p-13, 0x1.1208cd6a0012cp-15) \
    STEP(all, fma, 0x1.5f92ccfd2d6c2p-9, -0x1.aff62caa3cb3dp-11) \
    STEP(all, fma, 0x1.699a6e07bc63cp-7, -0x1.96ac494a0299cp-8) \
    STEP(all, fma, 0x1.c524a6d1cdfd5p-7, -0x1.ec29325f8044bp-7) \
    STEP(all, fma, -0x1.97240570c01f4p-6, -0x1.fb7095fa0c8a8p-10) \
    STEP(all, fma, -0x1.da6ad6bba10bap-4, 0x1.0f7065351245cp-4)

/* e^(a^2/2) Q(a) = num / den for 0 <= a <= 15; 2^-45.3 of it. All are positive: nothing
 * cancels. */
#define SC_NEAR_TAIL_NUM(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.609092e5029cep-11, 0x1.156848e0078e0p-15) \
    STEP(all, fma, 0x1.4039a31d41206p-5, 0x1.ad7ce1c2c5a17p-8) \
    STEP(all, fma, 0x1.96252ed4d36e7p-2, 0x1.3a0e6d3e658f0p-3) \
    STEP(all, fma, 0x1.fffffffffff7fp-2, 0x1.446820bb4f99bp-1)
#define SC_NEAR_TAIL_DEN(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, 0x1.5badb6f55dd7dp-14, 0x1.b9dfd54200da4p-10) \
    STEP(all, fma, 0x1.0e7ff12b39234p-6, 0x1.983f180409b3ap-4) \
    STEP(all, fma, 0x1.9a43f0e4061bbp-2, 0x1.16b9c3c25e562p+0) \
    STEP(all, fma, 0x1.f0e2ec845cc88p+0, 0x1.0855252cf762dp+1) \
    LAST(all, fma, 0x1.0000000000000p+0)

/* 1 / sqrt(2 pi) */
#define VM_DENSITY 0x1.9884533d43651p-2

/* ---- gelu, tanh form: 2 sqrt(2 / pi), and 0.044715 of it ---- */

#define VM_GELU_C1 0x1.9884533d43651p+0
/* The head has 40 bits after the point. */
#define VM_GELU_C1_HEAD 0x1.9884533d43000p+0
#define VM_GELU_C1_TAIL 0x1.942343f2cf140p-42
#define VM_GELU_C3_HEAD 0x1.2444f2a4d8b4bp-4
#define VM_GELU_C3_TAIL -0x1.6c843a29d1c70p-61

/* ---- tanhshrink ---- */

/* ((x - tanh x) / x^3 - 1/3) / z over z = x^2, for |x| < 0.75; 2^-54.9 of x - tanh x */
#define SC_SHRINK_REST(FIRST, STEP, LAST, all, fma) \
    FIRST(all, fma, -0x1.42d21fd83191dp-21, 0x1.01f957a5c4aebp-18) \
    STEP(all, fma, -0x1.c8ff12692527cp-17, 0x1.3da54ea29f00cp-15) \
    STEP(all, fma, -0x1.93ea53842485bp-14, 0x1.f517008ecbf98p-13) \
    STEP(all, fma, -0x1.35527c22f34fep-11, 0x1.7da2f459fd0c3p-10) \
    STEP(all, fma, -0x1.d6d3cb004a60ap-9, 0x1.226e3544edbaap-7) \
    STEP(all, fma, -0x1.664f48823e37cp-6, 0x1.ba1ba1ba1a4e9p-5) \
    LAST(all, fma, -0x1.1111111111107p-3)

/* clang-format on */
