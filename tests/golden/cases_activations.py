"""Golden cases of the activations: values and derivatives, dtypes, parameters, edges."""
import random

import mpmath
from mpmath import mpf

from make_golden import (CENTRE, EPSILON, HALF, INF, NAN, ROUNDED, SMALL, TAILS, TINY, WIDE, case, floats,
                         lines, number, out, phi, real, sigmoid, size, softmax, tensor)

SCALE = mpf("1.0507009873554804934")
SCALED_ALPHA = SCALE * mpf("1.6732632423543772848")


# ---- definitions ----

def sigmoid_slope(x):
    return sigmoid(x) * sigmoid(-x)


def softplus(x):
    return max(x, mpf(0)) + mpmath.log1p(mpmath.exp(-abs(x)))


def piecewise(above, positive, otherwise):
    """positive(x) where above(x), else otherwise(x)."""
    return lambda x: positive(x) if above(x) else otherwise(x)


def identity(x):
    return x


def constant(value):
    return lambda x: mpf(value)


def is_positive(x):
    return x > 0


def elu(alpha):
    a = mpf(alpha)
    return (piecewise(is_positive, identity, lambda x: a * mpmath.expm1(x)),
            piecewise(is_positive, constant(1), lambda x: a * mpmath.exp(x)))


def celu(alpha):
    a = mpf(alpha)
    return (piecewise(is_positive, identity, lambda x: a * mpmath.expm1(x / a)),
            piecewise(is_positive, constant(1), lambda x: mpmath.exp(x / a)))


def selu():
    return (piecewise(is_positive, lambda x: SCALE * x, lambda x: SCALED_ALPHA * mpmath.expm1(x)),
            piecewise(is_positive, constant(SCALE), lambda x: SCALED_ALPHA * mpmath.exp(x)))


def bent_softplus(beta, threshold):
    b = mpf(beta)
    return (piecewise(lambda x: b * x > threshold, identity, lambda x: softplus(b * x) / b),
            piecewise(lambda x: b * x > threshold, constant(1), lambda x: sigmoid(b * x)))


def leaky(slope):
    a = mpf(slope)
    return (piecewise(is_positive, identity, lambda x: a * x),
            piecewise(is_positive, constant(1), constant(a)))


def clamp(low, high):
    return (lambda x: min(max(x, mpf(low)), mpf(high)), lambda x: mpf(low < x < high))


def softshrink(lambd):
    s = mpf(lambd)
    return (lambda x: x - s if x > s else x + s if x < -s else mpf(0), lambda x: mpf(abs(x) > s))


def hardshrink(lambd):
    s = mpf(lambd)
    return (lambda x: x if abs(x) > s else mpf(0), lambda x: mpf(abs(x) > s))


def threshold(at, value):
    return (piecewise(lambda x: x > at, identity, constant(value)), lambda x: mpf(x > at))


def mish_slope(x):
    w = mpmath.tanh(softplus(x))
    return w + x * sigmoid(x) * (1 - w * w)


def hardswish_slope(x):
    return mpf(0) if x <= -3 else mpf(1) if x >= 3 else (2 * x + 3) / 6


# op, word of the case, params, (f, f'); the ends of f and f' at -inf and inf
PLAIN = [
    ("leaky_relu", "plain", {}, leaky(0.01), (None, None), (0.01, 1)),
    ("leaky_relu", "slope", {"negative_slope": -0.3}, leaky(-0.3), (None, None), (-0.3, 1)),
    ("relu6", "plain", {}, clamp(0, 6), (0, 6), (0, 0)),
    ("hardtanh", "plain", {}, clamp(-1, 1), (-1, 1), (0, 0)),
    ("hardtanh", "bounds", {"min_val": -0.1, "max_val": 2.5}, clamp(-0.1, 2.5), (-0.1, 2.5), (0, 0)),
    ("threshold", "plain", {"threshold": 0.1, "value": -7.3}, threshold(0.1, -7.3), (-7.3, None), (0, 1)),
    ("softshrink", "plain", {}, softshrink(0.5), (None, None), (1, 1)),
    ("softshrink", "lambd", {"lambd": 0.1}, softshrink(0.1), (None, None), (1, 1)),
    ("hardshrink", "plain", {}, hardshrink(0.5), (None, None), (1, 1)),
    ("hardshrink", "lambd", {"lambd": 0}, hardshrink(0), (None, None), (1, 1)),
    ("elu", "plain", {}, elu(1), (-1, None), (0, 1)),
    ("elu", "alpha", {"alpha": 1.7}, elu(1.7), (-1.7, None), (0, 1)),
    ("celu", "plain", {}, celu(1), (-1, None), (0, 1)),
    ("celu", "alpha", {"alpha": 0.3}, celu(0.3), (-0.3, None), (0, 1)),
    ("celu", "negative", {"alpha": -9.5}, celu(-9.5), (None, None), (None, 1)),
    ("selu", "plain", {}, selu(), (-SCALED_ALPHA, None), (0, SCALE)),
    ("logsigmoid", "plain", {}, (lambda x: -softplus(-x), lambda x: sigmoid(-x)), (None, 0), (1, 0)),
    ("hardsigmoid", "plain", {},
     (lambda x: min(max(x + 3, mpf(0)), mpf(6)) / 6, lambda x: mpf(-3 < x < 3) / 6), (0, 1), (0, 0)),
    ("softplus", "plain", {}, bent_softplus(1, 20), (0, None), (0, 1)),
    ("softplus", "beta", {"beta": 0.3, "threshold": 2.5}, bent_softplus(0.3, 2.5), (0, None), (0, 1)),
    ("tanh", "plain", {}, (mpmath.tanh, lambda x: 4 * sigmoid_slope(2 * x)), (-1, 1), (0, 0)),
    ("tanhshrink", "plain", {}, (lambda x: x - mpmath.tanh(x), lambda x: mpmath.tanh(x) ** 2),
     (None, None), (1, 1)),
    ("softsign", "plain", {}, (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2), (-1, 1),
     (0, 0)),
    ("silu", "plain", {},
     (lambda x: x * sigmoid(x), lambda x: sigmoid(x) + x * sigmoid_slope(x)), (0, None), (0, 1)),
    ("hardswish", "plain", {},
     (lambda x: x * min(max(x + 3, mpf(0)), mpf(6)) / 6, hardswish_slope), (0, None), (0, 1)),
    ("mish", "plain", {}, (lambda x: x * mpmath.tanh(softplus(x)), mish_slope), (0, None), (0, 1)),
]
# Derivatives that are 0 between here are differences: an error is in units of their larger term.
CROSSING = {"silu": (-1.6, -1.0), "mish": (-1.5, -0.9)}
EDGES = {"relu6": [6.0, 5.75], "hardtanh": [0.999], "hardswish": [3.0, -3.0, -1.5], "softplus": [8.25, 8.5],
         "hardsigmoid": [3.0, -3.0, -2.99], "tanhshrink": [0.75, 0.7499, -0.625], "threshold": [0.125]}


def inputs(op, word, dtype):
    rng = random.Random(f"{op}-{word}-{dtype}")
    values = CENTRE + [rng.uniform(-4, 4) for _ in range(12)] + EDGES.get(op, [])
    values += HALF[dtype] if dtype in ROUNDED else SMALL + TAILS + WIDE
    if op == "celu" and word == "negative":
        values = [v for v in values if v > -90]
    return tensor(dtype, [len(values)], values)


def both(op, word, params, dtype, functions):
    """Values and derivatives in one case: rounded once from float64, both have the same tolerance."""
    x = inputs(op, word, dtype)
    y, slope = (out(x["shape"], (f(v) for v in real(x))) for f in functions)
    eps = EPSILON[dtype]
    case(f"activations/{op}", f"{word}-{dtype}", {"x": x}, {**params, "grad": True},
         {"status": "ok", "y": {"dtype": dtype, **y}, "grad": {"x": {"dtype": dtype, **slope}}}, 0.505 * eps,
         max(TINY[dtype], 0.01 * eps if op in CROSSING else 0.0))


def apart(op, word, params, dtype, functions):
    """Values and derivatives in a case each, within their bounds; float64 also where terms cancel."""
    x, eps = inputs(op, word, dtype), EPSILON[dtype]
    case(f"activations/{op}", f"{word}-{dtype}", {"x": x}, params,
         {"status": "ok", "y": {"dtype": dtype, **out(x["shape"], (functions[0](v) for v in real(x)))}},
         (1.5 if dtype == "float32" else 2) * eps, TINY[dtype])
    low, high = CROSSING.get(op, (0, 0))
    rest = [v for v in x["data"] if not low < v < high]
    slopes(op, f"{word}-{dtype}-grad", params, tensor(dtype, [len(rest)], rest), functions[1], TINY[dtype])
    if op in CROSSING:
        near = tensor(dtype, [25], [low + (high - low) * k / 24 for k in range(25)])
        slopes(op, f"crossing-{dtype}-grad", params, near, functions[1], eps)


def slopes(op, name, params, x, slope, absolute):
    case(f"activations/{op}", name, {"x": x}, {**params, "grad": True},
         {"grad": {"x": {"dtype": x["dtype"], **out(x["shape"], (slope(v) for v in real(x)))}}},
         4 * EPSILON[x["dtype"]], absolute)


def edges(op, params, functions, values, slopes_at):
    """NaN and infinities; no data; one number; integers."""
    f, slope = functions
    x = tensor("float64", [2, 2], [NAN, -INF, INF, 0.75])
    y = [None, *values, f(mpf(0.75))]
    grad = [None, *slopes_at, slope(mpf(0.75))]
    case(f"activations/{op}", "nonfinite", {"x": x}, {**params, "grad": True},
         {"status": "nonfinite", "y": out([2, 2], y), "grad": {"x": out([2, 2], grad)}}, 2.0**-50)
    case(f"activations/{op}", "empty", {"x": tensor("float32", [0, 3], [])}, {**params, "grad": True},
         {"status": "empty", "y": {"dtype": "float32", "shape": [0, 3], "data": []},
          "grad": {"x": {"dtype": "float32", "shape": [0, 3], "data": []}}})
    case(f"activations/{op}", "scalar", {"x": -0.375}, params,
         {"y": {"dtype": "float64", "shape": [], "data": [number(f(mpf(-0.375)))]}}, 2.0**-51)
    x = tensor("int8", [5], [-7, -1, 0, 2, 127])
    case(f"activations/{op}", "integers", {"x": x}, params,
         {"status": "ok", "y": {"dtype": "float64", **out([5], (f(v) for v in real(x)))}}, 2.0**-51)


# Where PyTorch has another value: y and grad.x of NaN, -inf, inf, -3, 3, 1
PYTORCH = {
    "softsign": ([None, None, None, -0.75, 0.75, 0.5], [None, None, None, 0.0625, 0.0625, 0.25]),
    "hardswish": ([None, None, None, 0, 3, mpf(2) / 3], [None, 0, 1, -0.5, 1.5, mpf(5) / 6]),
    "softshrink": ([0, None, None, -2.5, 2.5, 0.5], [None, 1, 1, 1, 1, 1]),
}


def smooth(op, f, slope):
    """silu, mish, gelu: the value at -inf and both derivatives are NaN."""
    finite = [mpf(v) for v in (-3, 3, 1)]
    PYTORCH[op] = ([None, None, None, *map(f, finite)], [None, None, None, *map(slope, finite)])


def compat(op, params, y, slope):
    x = tensor("float64", [6], [NAN, -INF, INF, -3, 3, 1])
    case(f"activations/{op}", "-".join(["compat", *params.values()]), {"x": x},
         {**params, "compat": "pytorch", "grad": True},
         {"status": "nonfinite", "rules": {"compat": "pytorch"}, "y": out([6], y),
          "grad": {"x": out([6], slope)}}, 2.0**-49, 2.0**-52)


# ---- prelu ----

def prelu_case(name, x, weight=None):
    shape, xs = x["shape"], real(x)
    ws = real(weight) if weight else [mpf(0.25)]
    inner = size(shape[2:])
    channel = [i // inner % len(ws) if len(ws) > 1 else 0 for i in range(len(xs))]
    y = [v if v > 0 else ws[c] * v for v, c in zip(xs, channel)]
    grad = [mpf(1) if v > 0 else ws[c] for v, c in zip(xs, channel)]
    sums = [mpmath.fsum(v for v, c in zip(xs, channel) if c == k and not v > 0) for k in range(len(ws))]
    dtype = x["dtype"] if x["dtype"] in EPSILON else "float64"
    given = {"x": x, "weight": weight} if weight else {"x": x}
    case("activations/prelu", name, given, {"grad": True},
         {"status": "ok" if xs else "empty", "y": {"dtype": dtype, **out(shape, y)},
          "grad": {"x": {"dtype": dtype, **out(shape, grad)},
                   "weight": {"dtype": dtype, **out(weight["shape"] if weight else [1], sums)}}},
         0.505 * EPSILON[dtype], TINY[dtype])


def prelus():
    rng = random.Random("prelu")
    channels = tensor("float64", [3], [0.1, -2, 0])
    prelu_case("default", floats(rng, "float64", [4, 5]))
    prelu_case("one", floats(rng, "float32", [7]), tensor("float32", [1], [0.3]))
    prelu_case("number", floats(rng, "float64", [2, 3]), tensor("float64", [], [0.3]))
    prelu_case("NC", floats(rng, "float64", [6, 3]), channels)
    prelu_case("NCHW", floats(rng, "float64", [2, 3, 4, 2]), channels)
    for dtype in ("float32", "float16", "bfloat16"):
        prelu_case(f"NCL-{dtype}", floats(rng, dtype, [2, 3, 5]), channels)
    prelu_case("integers", tensor("int16", [2, 3], [-300, 5, 0, 7, -1, -2]), tensor("int8", [3], [2, 1, -1]))
    prelu_case("exact", tensor("float64", [5], [-1e300, 3, -1, 0, -1e-300]))
    prelu_case("empty", tensor("float32", [0, 3], []), channels)
    case("activations/prelu", "nonfinite", {"x": tensor("float64", [4], [NAN, -INF, INF, 1])}, {"grad": True},
         {"status": "nonfinite", "y": out([4], [None, None, None, 1]),
          "grad": {"x": out([4], [None, 0.25, 1, 1]), "weight": out([1], [None])}})


# ---- log_softmax ----

def log_softmax_case(name, x, dim, g=None):
    shape = x["shape"]
    xs, y, grad = real(x), [None] * size(shape), [None] * size(shape)
    for line in lines(shape, dim):
        row = [xs[i] for i in line]
        top = max(row)
        log = mpmath.log(mpmath.fsum(mpmath.exp(v - top) for v in row))
        total = mpmath.fsum(mpf(g["data"][i]) for i in line) if g else None
        for v, p, i in zip(row, softmax(row), line):
            y[i] = v - top - log
            grad[i] = mpf(g["data"][i]) - p * total if g else None
    given, params, expect = {"x": x}, {"dim": dim}, {"y": {"dtype": x["dtype"], **out(shape, y)}}
    eps, absolute = EPSILON[x["dtype"]], TINY[x["dtype"]]
    if g:
        given["grad_output"], params["grad"] = g, True
        expect["grad"] = {"x": {"dtype": x["dtype"], **out(shape, grad)}}
        absolute = max(abs(v) for v in g["data"]) * eps * len(g["data"])
    case("activations/log_softmax", name, given, params, expect, 2 * eps, absolute)


def log_softmaxes():
    rng = random.Random("log_softmax")
    for shape, dim in (([7], 0), ([5, 4], -1), ([2, 4, 3, 2], 1), ([2, 3, 4], -2)):
        x, g = floats(rng, "float64", shape), floats(rng, "float64", shape, 1)
        name = f"rank{len(shape)}-dim{dim}".replace("--", "-last")
        log_softmax_case(name, x, dim)
        log_softmax_case(name + "-grad", x, dim, g)
    for dtype in ("float32", "float16", "bfloat16"):
        log_softmax_case(dtype, floats(rng, dtype, [6, 5]), 1)
    log_softmax_case("large", tensor("float64", [2, 3], [1e4, 1e4 - 1, -1e4, -2e300, 0, 1e300]), 1)
    log_softmax_case("small-values", tensor("float64", [4, 3], [0, -37, -40, 100, 40, 60, 0, -400, -700, 5, 5, -9]),
                     1)
    log_softmax_case("minus-infinity", tensor("float64", [4], [-INF, 1, 2, -INF]), 0,
                     tensor("float64", [4], [0.5, 1, -2, 3]))
    log_softmax_case("one", tensor("float64", [3, 1], [5, -7, 1e5]), 1)
    rows = tensor("float64", [4, 2], [NAN, 1, INF, 1, -INF, -INF, 0, 0])
    for op, half in (("softmax", 0.5), ("log_softmax", -mpmath.log(2))):
        case(f"activations/{op}", "nan-rows", {"x": rows}, {},
             {"status": "nonfinite", "y": out([4, 2], [None] * 6 + [half] * 2)}, 2.0**-52)
    case("activations/log_softmax", "empty", {"x": tensor("float32", [0, 3], [])}, {},
         {"status": "empty", "y": {"dtype": "float32", "shape": [0, 3], "data": []}})


def all_cases():
    for op, word, params, functions, values, slopes_at in PLAIN:
        apart(op, word, params, "float64", functions)
        if word != "plain":
            continue
        apart(op, word, params, "float32", functions)
        both(op, word, params, "float16", functions)
        both(op, word, params, "bfloat16", functions)
        edges(op, params, functions, values, slopes_at)
        if op in ("silu", "mish"):
            smooth(op, *functions)
    smooth("gelu", lambda x: x * mpmath.ncdf(x), lambda x: mpmath.ncdf(x) + x * phi(x))
    for op, (y, slope) in PYTORCH.items():
        compat(op, {}, y, slope)
    prelus()
    log_softmaxes()


def cases():
    with mpmath.workdps(400):  # x - tanh x at 1e-30, and log_softmax near 0, lose most of them
        all_cases()
