#!/usr/bin/python3
"""Writes exact.h: sums and sums of products, computed with fractions and rounded once."""
import math
import os
import random
from fractions import Fraction

TINY = 5e-324
MAX = 1.7976931348623157e308
HALF_ULP_OF_MAX = 2.0**970


def rounded(exact):
    try:
        return float(exact)
    except OverflowError:
        return -math.inf if exact < 0 else math.inf


def spread(rng, low, high, n):
    return [math.ldexp(rng.uniform(-1, 1), rng.randint(low, high)) for _ in range(n)]


def cancelling(rng, low, high, n):
    x = spread(rng, low, high, n)
    x += [-v for v in x] + spread(rng, low - 60, low - 50, 2)
    rng.shuffle(x)
    return x


def sums():
    rng = random.Random(20250101)
    yield "nothing", []
    yield "tenths", [0.1] * 10
    yield "over and back", [1e308, 1e308, -1e308]
    yield "over", [1e308, 1e308]
    yield "under", [-MAX, -HALF_ULP_OF_MAX]
    yield "just not over", [MAX, math.nextafter(HALF_ULP_OF_MAX, 0)]
    yield "tie down", [1.0, 2.0**-53]
    yield "tie up", [1.0 + 2.0**-52, 2.0**-53]
    yield "above the tie", [1.0, 2.0**-53, TINY]
    yield "below the tie", [1.0 + 2.0**-52, 2.0**-53, -TINY]
    yield "negative tie", [-1.0, -(2.0**-53)]
    yield "tie down between the least", [2.0**-1021, TINY]
    yield "tie up between the least", [2.0**-1021 + 2 * TINY, TINY]
    yield "carry through all ones", [2.0 - 2.0**-52, 2.0**-53]
    yield "down to a denormal", [2.0**-1022, -TINY]
    yield "denormals to a normal", [2.0**-1022 - TINY, TINY]
    yield "denormals", spread(rng, -1074, -1040, 8)
    yield "first binades", spread(rng, -1030, -1015, 8)
    yield "units", spread(rng, -4, 4, 12)
    yield "wide", spread(rng, -1074, 1020, 12)
    yield "cancelling near 1", cancelling(rng, -30, 30, 5)
    yield "cancelling near the end", cancelling(rng, 960, 1023, 5)
    yield "cancelling near the start", cancelling(rng, -1000, -960, 5)
    for i in range(8):
        x = spread(rng, -200, 200, 6)
        x.append(-math.fsum(x))
        yield "small remainder %d" % i, x


def products():
    rng = random.Random(20250102)
    yield "rounding", [1.0 + 2.0**-52, 1.0 + 2.0**-52, -1.0, 1.0]
    yield "large", [1e200, 1e100, -1e150, 1e150]
    yield "least exact", [2.0**-500 + 2.0**-552, 2.0**-469, -(2.0**-500), 2.0**-469]
    for i in range(6):
        yield "spread %d" % i, spread(rng, -200, 200, 8)


def rows(cases, exact):
    lines, values = [], []
    for what, x in cases:
        expected = rounded(exact(x))
        text = "%sINFINITY" % ("-" if expected < 0 else "") if math.isinf(expected) else expected.hex()
        lines.append('    {"%s", %s, %d, %d},' % (what, text, len(values), len(x)))
        values += x
    return lines, values


def table(name, cases, exact):
    lines, values = rows(list(cases), exact)
    print("static const double %s_values[] = {" % name, file=out)
    for at in range(0, len(values), 3):
        print("    " + " ".join(v.hex() + "," for v in values[at : at + 3]), file=out)
    print("};\n\nstatic const struct exact_case %s_cases[] = {" % name, file=out)
    print("\n".join(lines) + "\n};", file=out)


def exact_sum(x):
    return sum(map(Fraction, x), Fraction(0))


def exact_dot(x):
    return sum((Fraction(a) * Fraction(b) for a, b in zip(x[::2], x[1::2])), Fraction(0))


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "exact.h"), "w") as out:
    print("/* Written by make_exact.py; not to be edited. */\n/* clang-format off */", file=out)
    print("struct exact_case {\n    const char *what;\n    double expected;", file=out)
    print("    int from, count; /* of the values */\n};\n", file=out)
    table("sum", sums(), exact_sum)
    print(file=out)
    print("/* Products of neighbours: values 0 * 1 + 2 * 3 + ... */", file=out)
    table("product", products(), exact_dot)
