#!/usr/bin/python3
"""Writes vmath.def: true values of the functions of src/kernels/math/vmath.h, computed with mpmath.

A row is ROW(function, x, y, u, rest): the true value is y + rest 2^u, y the double nearest to it.
2^u is the unit in the last place of the value, or, where the definition is a sum of terms that
cancel, of the largest term; never below the denormal spacing 2^-1074.
"""

import os
import random
from math import inf, ldexp

from mpmath import erfc, exp, expm1, fabs, log, log1p, mp, mpf, nint, pi, sqrt, tanh

mp.prec = 300
HERE = os.path.dirname(os.path.abspath(__file__))
TINY = -1074
COUNT = 20  # random inputs for each range


def sigmoid(v):
    return 1 / (1 + exp(-v)) if v > 0 else exp(v) / (1 + exp(v))


def sigmoid_slope(v):
    z = exp(-fabs(v))
    return z / (1 + z) ** 2


def softplus(x):
    return (x if x > 0 else 0) + log1p(exp(-fabs(x)))


def gelu_tanh_argument(x):
    return 2 * sqrt(2 / pi) * (x + mpf("0.044715") * x**3)


def gelu_tanh_rise(x):
    return 2 * sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * x**2)


def normal_below(x):
    return erfc(-x / sqrt(mpf(2))) / 2


# Each function as the terms of its sum; a single term is the value.
TERMS = {
    "exp": lambda x: [exp(x)],
    "expm1": lambda x: [expm1(x)],
    "log": lambda x: [log(x)],
    "log1p": lambda x: [log1p(x)],
    "tanh": lambda x: [tanh(x)],
    "sigmoid": lambda x: [sigmoid(x)],
    "sigmoid_slope": lambda x: [sigmoid_slope(x)],
    "softplus": lambda x: [softplus(x)],
    "silu": lambda x: [x * sigmoid(x)],
    "silu_slope": lambda x: [sigmoid(x), x * sigmoid_slope(x)],
    "gelu": lambda x: [x * normal_below(x)],
    "gelu_slope": lambda x: [normal_below(x), x * exp(-x * x / 2) / sqrt(2 * pi)],
    "gelu_tanh": lambda x: [x * sigmoid(gelu_tanh_argument(x))],
    "gelu_tanh_slope": lambda x: [
        sigmoid(gelu_tanh_argument(x)),
        x * sigmoid_slope(gelu_tanh_argument(x)) * gelu_tanh_rise(x),
    ],
}

WIDE = [(-1, 1), (-4, 4), (-20, 20), (-45, 45)]
TAIL = [(-760, -690), (-690, -30), (30, 800)]
RANGES = {
    "exp": WIDE + [(-745.2, -708.3), (-708.3, 709.8)],
    "expm1": WIDE + [(0.3, 0.4), (-0.4, -0.3), (30, 60), (700, 709.7)],
    "log": [(0.5, 2), (0.7, 1.42), (0.99, 1.01), (0, 1e-300), (0, 1e300), (1, 1e5)],
    "log1p": [(-0.999, 1), (-0.3, 0.42), (0.4, 0.5), (-1, -0.99), (1, 1e5), (0, 1e17)],
    "tanh": WIDE[:3] + [(-0.2, 0.2), (17, 20)],
    "gelu": WIDE + [(-8, -4), (-37, -20), (-38.6, -37), (-0.05, 0.05)],
    "gelu_slope": WIDE + [(-8, -4), (-37, -20), (-38.9, -37), (-0.76, -0.74)],
    "gelu_tanh": WIDE + [(-8, -4), (-21, -12), (-22.2, -20.9), (-0.05, 0.05)],
    "gelu_tanh_slope": WIDE + [(-8, -4), (-21, -12), (-22.4, -20.9), (-0.76, -0.74)],
}

# Where a scale, a branch of a formula, or the type itself ends; and magnitudes near 0.
EVERYWHERE = [0.5, 1.0, 2.0, 3.0, ldexp(1, -1074), ldexp(3, -1074), ldexp(1, -1022), 1e-300, 1e-20]
EVERYWHERE += [ldexp(1.5, -k) for k in range(3, 60, 7)]
LN2 = [float(log(mpf(2)) * k / 2) for k in (1, 3, 73, 107, 109)]
EDGES = {
    "exp": LN2
    + [709.782712893384, 709.7827128933841, -708.3964185322641, -745.1332191019411, -745.14],
    "expm1": LN2 + [709.782712893384, -36.7, -37.5, -44.0],
    "log": [0.7071067811865475, 0.7071067811865476, 1.4142135623730951, 1.7976931348623157e308]
    + [1 - ldexp(1, -53), 1 + ldexp(1, -52), ldexp(1, 1023), ldexp(1, -1073)],
    "log1p": [-0.2928932188134524, -0.2928932188134525, 0.41421356237309503, 0.4142135623730951]
    + [-1 + ldexp(1, -53), ldexp(1, 53), ldexp(1, 61), 1.7976931348623157e308],
    "tanh": [18.7, 19.0, 19.06, 19.0615547, 22.0],
    "gelu": [-38.5, -38.56, -38.58, -38.6, -5.0, 5.0, -0.7517915246935645],
    "gelu_slope": [-38.7, -38.8, -0.7517915246935645, -0.75179152469356, 1.4142135623730951],
    "gelu_tanh": [-22.1, -22.15, -22.2, -4.75, 4.75],
    "gelu_tanh_slope": [-22.2, -22.3, -0.7524614, -0.75246142],
}
# Among millions of inputs, those that came nearest to the bounds.
WORST = {
    "exp": [
        "-0x1.626e1771db01ap+9", "-0x1.623d3e6e5a5c9p+9", "0x1.7887672a5f52cp-2",
        "0x1.73eeef29330ap-2", "0x1.6874f94d2b281p-2",
    ],
    "expm1": [
        "0x1.6667d45306f8ap-2", "0x1.79cc4161fb2cp-2", "0x1.6897b9476bd0ep-2",
        "0x1.71a15d96f80f8p-2", "0x1.28c4bac11fba4p+5",
    ],
    "log": [
        "0x1.66965abe88589p-1", "0x1.6751d8dc6240ap-1", "0x1.5568e156d8bc1p-1",
        "0x1.66b93feeb125p-1", "0x1.68d564759a9cp-1",
    ],
    "log1p": [
        "0x1.a690341612e34p-2", "0x1.982f9c4807bf4p-2", "-0x1.4b38661a9402bp-2",
        "0x1.97e46076f161p-2", "0x1.922f5678f2f7cp-2",
    ],
    "tanh": [
        "0x1.61185a372803p-3", "-0x1.6cc8fe289aff8p-3", "-0x1.5b907a768138p-3",
        "0x1.4f6eb7d46abc7p-3", "-0x1.9aa31ab2854p-3",
    ],
    "sigmoid": [
        "-0x1.626e1771db01ap+9", "-0x1.623d3e6e5a5c9p+9", "-0x1.523870fc68dcdp+4",
        "-0x1.2b40f94812368p+3", "-0x1.99d4a2b73fd3ap+3",
    ],
    "sigmoid_slope": [
        "0x1.093aeb0d0a8cp+2", "-0x1.b723e9d155474p+1", "0x1.35fdc03742528p+2",
        "0x1.51ee81e6710b4p+1", "-0x1.b90373f937705p+1",
    ],
    "softplus": [
        "0x1.dd94127154e5dp-9", "0x1.f8542b4ad88ep-5", "0x1.3a0994b51a92p-5",
        "-0x1.b9c0775979f4p+1", "0x1.4f37f438640d2p-20",
    ],
    "silu": [
        "-0x1.657bfd3ce8ea3p+9", "-0x1.6594b37b909f1p+9", "-0x1.51dbfc33dc8d1p+4",
        "-0x1.2b6b6092a4c28p+3", "-0x1.2001f32030a42p+2",
    ],
    "silu_slope": [
        "-0x1.0a8ed5dd29874p+5", "-0x1.22f38c12c9aa3p+4", "-0x1.2322deff73bd6p+4",
        "-0x1.88baa0f75541p-5", "-0x1.3d6f9bca1323cp+3",
    ],
    "gelu": [
        "-0x1.5723b027790cep+0", "-0x1.618bb9a597015p+0", "-0x1.5b44648b11974p-1",
        "-0x1.4629c0b5a9256p-2", "-0x1.060f3a3c6a9c8p-2",
    ],
    "gelu_slope": [
        "-0x1.41ebd0c6234c7p+4", "-0x1.0bb452bb9030fp+5", "-0x1.1edebb7f34ae8p+3",
        "-0x1.92e2fea6deebp+3", "-0x1.7d818ac74eacap+1",
    ],
    "gelu_tanh": [
        "-0x1.52d5b3b294d4bp+4", "-0x1.52dce2d1c073p+4", "-0x1.605fa15c9ebcp+1",
        "-0x1.60ab0348d8facp+0", "-0x1.5fb47afe4f51cp+1",
    ],
    "gelu_tanh_slope": [
        "-0x1.96d521c003c18p+2", "-0x1.7d793b4aedbdep+1", "-0x1.fbc992ed7a35bp+1",
        "-0x1.58aa84183247p+2", "-0x1.4eb9a81177566p+0",
    ],
}


def exponent(value):
    sign, man, exp2, bits = value._mpf_
    return exp2 + bits - 1 if man else TINY


def row(name, x):
    terms = TERMS[name](mpf(x))
    true = sum(terms)
    own = max(exponent(true) - 52, TINY)
    unit = max([own] + [exponent(t) - 52 for t in terms]) if len(terms) > 1 else own
    near = nint(true / mpf(2) ** own)
    y = inf if own + 53 + (near == mpf(2) ** 53) > 1024 else ldexp(int(near), own)
    rest = (true - y) / mpf(2) ** unit if y != inf else mpf(0)
    shown = y.hex() if y != inf else "INFINITY"
    return f"ROW({name}, {x.hex()}, {shown}, {unit}, {float(rest):.4f})"


def inputs(name):
    rng = random.Random(name)
    domain = {"log": 0.0, "log1p": -1.0}.get(name, -inf)
    xs = EVERYWHERE + [-x for x in EVERYWHERE] + EDGES.get(name, [])
    xs += [float.fromhex(x) for x in WORST[name]]
    for low, high in RANGES.get(name, WIDE + TAIL):
        xs += [rng.uniform(low, high) for _ in range(COUNT)]
    return sorted({x for x in xs if x > domain})


def main():
    with open(os.path.join(HERE, "vmath.def"), "w") as out:
        print("/* vmath.def - written by make_vmath.py, which explains the rows. */", file=out)
        for name in TERMS:
            for x in inputs(name):
                print(row(name, x), file=out)


if __name__ == "__main__":
    main()
