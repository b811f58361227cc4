#!/usr/bin/env python3
"""Prints the coefficients of src/kernels/math/vmath.h and of activations/tanhshrink.c.

Each polynomial is the minimax one of its function under a weight (Remez exchange in 200 bits);
the weight turns the error of the polynomial into the relative error of the result. Then the
coefficients are rounded to double, and the error is measured again with the rounded ones.

    tools/vmath_coefficients.py            all tables; needs mpmath
"""

from mpmath import mp, mpf, atanh, cos, erfc, exp, expm1, floor, log, pi, sqrt
from mpmath import lu_solve, matrix, polyval, tanh

mp.prec = 200
GRID = 40  # points between two neighbouring nodes when extrema are looked for


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


def table(name, f, weight, a, b, degree, pairs=0):
    """Prints one polynomial; its first `pairs` coefficients as head + tail."""
    a, b = mpf(a), mpf(b)
    ideal = minimax(f, weight, a, b, degree)
    tails = [mpf(float(v - float(v))) if i < pairs else mpf(0) for i, v in enumerate(ideal)]
    c = [mpf(float(v)) + tail for v, tail in zip(ideal, tails)]
    worst = max(abs(weight(x) * (polyval(c[::-1], x) - f(x))) for x in chebyshev(a, b, 500))
    print(f"{name}: degree {degree}, relative error 2^{float(log(worst, 2)):.1f}")
    for i, v in enumerate(ideal):
        rest = f" + {float(tails[i]).hex()}" if i < pairs else ""
        print(f"    {float(v).hex()}{rest}, /* {i} */")


def split(name, value, bits):
    """A constant as head + tail; the head keeps `bits` bits after the binary point."""
    head = floor(value * 2**bits) / mpf(2) ** bits
    print(f"{name}: {float(head).hex()} + {float(value - head).hex()}")


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


def mapped_tail(t):
    """(a + 5/4) e^(a^2/2) Q(a), Q the upper tail of the normal, over t = (a - 6) / (a + 6).

    5/4 is near Q(0) / -Q'(0): the function is flat at a = 0, and goes from 0.63 to 0.41 only.
    """
    a = 6 * (1 + t) / (1 - t)
    return (a + mpf(5) / 4) * exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2


def main():
    ln2 = log(mpf(2))
    print(f"log2(e): {float(1 / ln2).hex()}")
    split("ln 2", ln2, 42)
    half = ln2 / 2 * mpf("1.00001")
    table("exp", exp_rest, exp_weight, -half, half, 10)
    table("log", log_rest, log_weight, 0, ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2, 6)
    table("log1p, 0 to 1", log_rest, log_weight, 0, mpf(1) / 9, 9)
    table("tanhshrink", shrink_rest, shrink_weight, 0, mpf("0.5626"), 12)
    table("normal tail", mapped_tail, lambda t: 1 / mapped_tail(t), -1, mpf(34) / 46, 22, pairs=1)
    print(f"1 / sqrt(2 pi): {float(1 / sqrt(2 * pi)).hex()}")
    split("2 sqrt(2 / pi)", 2 * sqrt(2 / pi), 40)
    cubic = 2 * sqrt(2 / pi) * mpf("0.044715")
    print(f"0.044715 of it: {float(cubic).hex()} + {float(cubic - float(cubic)).hex()}")


if __name__ == "__main__":
    main()
