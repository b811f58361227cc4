#!/usr/bin/env python3
"""Writes src/kernels/math/coefficients.h: the polynomials of vmath.h, near.h, softmax.h and of
activations/tanhshrink.c.

Each polynomial is the minimax one of its function under a weight (Remez exchange in 200 bits);
the weight turns the error of the polynomial into the relative error of the result. The one
quotient of polynomials meets its function at Chebyshev points. Then the coefficients are rounded
to double, and the error is measured with the rounded ones.

    tools/vmath_coefficients.py            writes the file
    tools/vmath_coefficients.py --check    says where the file has other numbers; part of `make lint`

Needs mpmath.
"""

import difflib
import math
import pathlib
import sys

from mpmath import mp, mpf, atanh, cos, erfc, exp, expm1, floor, log, pi, sqrt
from mpmath import lu_solve, matrix, polyval, tanh

mp.prec = 200
GRID = 40  # points between two neighbouring nodes when extrema are looked for
FILE = pathlib.Path(__file__).resolve().parent.parent / "src/kernels/math/coefficients.h"

# ---- fits ----


def chebyshev(a, b, count):
    """Extrema of the Chebyshev polynomial: where the exchange begins."""
    angles = [pi * (i + mpf(1) / 3) / (count - mpf(1) / 3) for i in range(count)]
    return [(a + b) / 2 - (b - a) / 2 * cos(angle) for angle in angles]


def levelled(f, weight, nodes):
    """The polynomial whose weighted error is +e, -e, +e, ... at the nodes."""
    n = len(nodes)
    rows, right = matrix(n, n), matrix(n, 1)
    for i, x in enumerate(nodes):
        for j in range(n - 1):
            rows[i, j] = x**j
        rows[i, n - 1] = (-1) ** i / weight(x)
        right[i] = f(x)
    return list(lu_solve(rows, right))[:-1]


def extrema(error, a, b, count):
    """The largest |error| between sign changes: `count` of them, in order."""
    xs = [a + (b - a) * (1 - cos(pi * i / (GRID * count))) / 2 for i in range(GRID * count + 1)]
    groups = []
    for x in xs:
        e = error(x)
        if e == 0:
            continue
        if not groups or (groups[-1][1] > 0) != (e > 0):
            groups.append((x, e))
        elif abs(e) > abs(groups[-1][1]):
            groups[-1] = (x, e)
    while len(groups) > count:
        groups.pop(0 if abs(groups[0][1]) < abs(groups[-1][1]) else -1)
    return [x for x, _ in groups]


def minimax(f, weight, a, b, degree):
    nodes = chebyshev(a, b, degree + 2)
    for _ in range(8):
        c = levelled(f, weight, nodes)
        found = extrema(lambda x: weight(x) * (polyval(c[::-1], x) - f(x)), a, b, degree + 2)
        if len(found) < degree + 2:
            break
        nodes = found
    return c


def quotient(f, nodes, above):
    """num, of degree `above`, and den, 1 + ..., whose quotient is f at the nodes."""
    n = len(nodes)
    rows, right = matrix(n, n), matrix(n, 1)
    for i, x in enumerate(nodes):
        right[i] = f(x)
        for j in range(above + 1):
            rows[i, j] = x**j
        for j in range(above + 1, n):
            rows[i, j] = -right[i] * x ** (j - above)
    c = list(lu_solve(rows, right))
    return c[: above + 1], [mpf(1)] + c[above + 1 :]


def rounded(c):
    return [mpf(float(v)) for v in c]


def bound(error, points):
    """2^b, b rounded up to a tenth, above the largest |error|: also between points, where it is
    that of a parabola through three of them."""
    size = [abs(error(x)) for x in points]
    worst = max(size)
    top = size.index(worst)
    between = max(worst - v for v in size[max(top - 1, 0) : top + 2]) / 8
    return f"2^{math.ceil(float(log(worst + between, 2)) * 10) / 10:.1f}"


# ---- functions, and the share of their error in the result ----


def exp_rest(r):
    """(e^r - 1 - r) / r^2"""
    return (expm1(r) - r) / r**2 if abs(r) > mpf(2) ** -60 else mpf(1) / 2 + r / 6


def exp_weight(r):
    """The share of the error in e^r - 1: tanh near 0 needs this, more than exp does."""
    return abs(r * r / expm1(r)) if abs(r) > mpf(2) ** -60 else mpf(2) ** -60


def log_rest(z):
    """(2 atanh(s) - 2 s) / s^3, z = s^2"""
    s = sqrt(z)
    return (2 * atanh(s) / s - 2) / z if z > mpf(2) ** -60 else mpf(2) / 3 + 2 * z / 5


def log_weight(z):
    s = sqrt(z)
    return s**3 / (2 * atanh(s)) if s else mpf(2) ** -100


def shrink_rest(z):
    """((x - tanh x) / x^3 - 1/3) / z, z = x^2"""
    x = sqrt(z)
    if z < mpf(2) ** -40:
        return -mpf(2) / 15 + mpf(17) / 315 * z
    return ((x - tanh(x)) / x**3 - mpf(1) / 3) / z


def shrink_weight(z):
    """The share of the error in x - tanh x."""
    return z / (mpf(1) / 3 + z * shrink_rest(z))


def tail(a):
    """e^(a^2/2) Q(a), Q the upper tail of the normal"""
    return exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2


def mapped_tail(t):
    """(a + 5/4) tail(a) over t = (a - 6) / (a + 6).

    5/4 is near Q(0) / -Q'(0): the function is flat at a = 0, and goes from 0.63 to 0.41 only.
    """
    a = 6 * (1 + t) / (1 - t)
    return (a + mpf(5) / 4) * tail(a)


# ---- the file ----

HEAD = """\
/* coefficients.h - written by tools/vmath_coefficients.py, which computes these numbers: the
 * polynomials of vmath.h, near.h, softmax.h and activations/tanhshrink.c, and constants that go
 * with them. `make lint` compares.
 *
 * A list gives the coefficients of even and odd powers in turn, the highest first, as
 * polynomial.h takes them. With each stands the largest error, and what it is relative to. */
#pragma once

/* clang-format off */
"""


def constant(name, value):
    return f"#define {name} {float(value).hex()}\n"


def in_two(name, value, bits=None):
    """A constant as head and tail; the head keeps `bits` bits after the binary point, or all."""
    head = floor(value * 2**bits) / mpf(2) ** bits if bits else mpf(float(value))
    return constant(name + "_HEAD", head) + constant(name + "_TAIL", value - head)


def chains(name, c):
    """The list of a polynomial: pairs from the top, and what is left of the even powers."""
    c = [float(v).hex() for v in c]
    last = [c.pop(0)] if len(c) % 2 else []
    pairs = [tuple(c[i : i + 2]) for i in range(0, len(c), 2)][::-1]
    if last:  # the even power of a pair is the higher one
        pairs = [pair[::-1] for pair in pairs]
    rows = [f"    {'STEP' if i else 'FIRST'}(all, fma, {e}, {o})" for i, (e, o) in enumerate(pairs)]
    rows += [f"    LAST(all, fma, {e})" for e in last]
    return " \\\n".join([f"#define {name}(FIRST, STEP, LAST, all, fma)"] + rows) + "\n"


def polynomial(name, what, of, f, weight, a, b, degree):
    a, b = mpf(a), mpf(b)
    c = rounded(minimax(f, weight, a, b, degree))
    size = bound(lambda x: weight(x) * (polyval(c[::-1], x) - f(x)), chebyshev(a, b, 500))
    return f"\n/* {what}; {size} of {of} */\n" + chains(name, c)


def normal_tail():
    """The first coefficient is head + tail; the rest is a polynomial over t, times t."""
    a, b = mpf(-1), mpf(34) / 46
    ideal = minimax(mapped_tail, lambda t: 1 / mapped_tail(t), a, b, 22)
    c = rounded(ideal)
    c[0] += mpf(float(ideal[0] - c[0]))
    size = bound(lambda t: polyval(c[::-1], t) / mapped_tail(t) - 1, chebyshev(a, b, 500))
    return (
        "\n/* (a + 5/4) e^(a^2/2) Q(a) over t = (a - 6) / (a + 6) for 0 <= a <= 40, Q the upper tail of\n"
        f" * the normal; {size} of it. Its first term, and the rest, divided by t. */\n"
        + in_two("VM_TAIL_FIRST", ideal[0]) + chains("VM_TAIL_REST", c[1:])
    )


def near_tail():
    def over(a):
        return (a - 4) / (a + 4)

    def points(angles):
        a, b = over(mpf(0)), over(mpf(15))
        ts = [(a + b) / 2 - (b - a) / 2 * cos(angle) for angle in angles]
        return [4 * (1 + t) / (1 - t) for t in ts]

    num, den = quotient(tail, points(pi * (2 * i + 1) / 32 for i in range(16)), 7)
    num, den = rounded(num), rounded(den)
    size = bound(
        lambda a: polyval(num[::-1], a) / polyval(den[::-1], a) / tail(a) - 1,
        points(pi * i / 500 for i in range(501)),
    )
    return (
        "\n/* e^(a^2/2) Q(a) = num / den for 0 <= a <= 15; "
        f"{size} of it. All are positive: nothing\n * cancels. */\n"
        + chains("SC_NEAR_TAIL_NUM", num) + chains("SC_NEAR_TAIL_DEN", den)
    )


def text():
    ln2 = log(mpf(2))
    half = ln2 / 2 * mpf("1.00001")
    rise = "(e^r - 1 - r) / r^2 for |r| < ln 2 / 2"
    series = "(2 atanh(s) - 2 s) / s^3 over z = s^2, for (1 + s) / (1 - s) in"
    slope = 2 * sqrt(2 / pi)

    def exponential(name, degree):
        return polynomial(name, rise, "e^r - 1", exp_rest, exp_weight, -half, half, degree)

    def logarithm(name, where, b, degree):
        return polynomial(name, f"{series}\n * {where}", "the logarithm", log_rest, log_weight, 0, b, degree)

    return "".join([
        HEAD,
        "\n/* ---- exp ---- */\n\n",
        constant("VM_LOG2E", 1 / ln2),
        constant("VM_LN2", ln2),
        "/* ln 2 in two pieces; k times the head is exact for |k| < 2048. */\n",
        in_two("VM_LN2", ln2, 42),
        exponential("VM_EXP_REST", 10),
        exponential("SC_NEAR_POWER_REST", 8),
        exponential("SC_NEAR_EXP_REST", 7),
        "\n/* ---- log ---- */\n",
        logarithm("VM_LOG_REST", "[sqrt(1/2), sqrt(2)]", ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2, 6),
        logarithm("VM_LOG1P_REST", "[1, 2]", mpf(1) / 9, 9),
        "\n/* ---- the normal distribution ---- */\n",
        normal_tail(),
        near_tail(),
        "\n/* 1 / sqrt(2 pi) */\n",
        constant("VM_DENSITY", 1 / sqrt(2 * pi)),
        "\n/* ---- gelu, tanh form: 2 sqrt(2 / pi), and 0.044715 of it ---- */\n\n",
        constant("VM_GELU_C1", slope),
        "/* The head has 40 bits after the point. */\n",
        in_two("VM_GELU_C1", slope, 40),
        in_two("VM_GELU_C3", slope * mpf("0.044715")),
        "\n/* ---- tanhshrink ---- */\n",
        polynomial("SC_SHRINK_REST", "((x - tanh x) / x^3 - 1/3) / z over z = x^2, for |x| < 0.75",
                   "x - tanh x", shrink_rest, shrink_weight, 0, mpf("0.5626"), 12),
        "\n/* clang-format on */\n",
    ])


def main():
    if sys.argv[1:] != ["--check"]:
        FILE.write_text(text())
        return
    there, right = FILE.read_text().splitlines(True), text().splitlines(True)
    sys.stdout.writelines(difflib.unified_diff(there, right, str(FILE.name), "computed"))
    sys.exit(there != right)


if __name__ == "__main__":
    main()
