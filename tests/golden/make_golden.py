#!/usr/bin/python3
"""Writes the golden cases of the project: one JSON file a case, beside this script.

Every value is computed with mpmath at 50 digits from the definition of the operation and rounded
once to float64, so what stands in the files is the true value, not another program's. A case has

    op         path after /v1/
    inputs     tensors; with "params" they are a valid JSON request body
    params     parameters
    expect     members of the reply that must match: objects on the keys given, lists one by one
    tolerance  |got - want| <= abs + rel * |want|
    source     what computed it

Modules cases_*.py beside this one hold the cases of families of operations, in a function cases().
Runs are reproducible: each case seeds its own generator by its name.
"""
import importlib
import json
import os
import random
import struct
import sys
from fractions import Fraction

import mpmath
from mpmath import mpf

mpmath.mp.dps = 50
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = "mpmath, 50 digits, from the definition"
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
# Below the normal numbers the step is fixed: half of it where a value is rounded once, else one.
TINY = {"float64": 5e-324, "float32": 2.0**-149, "float16": 2.0**-25, "bfloat16": 2.0**-134}
# Values that are rounded once from float64 are within half a unit of the last place.
ROUNDED = {"float16", "bfloat16"}
INF = float("inf")
NAN = float("nan")


# ---- numbers and tensors ----

def as_dtype(value, dtype):
    """The value nearest to `value` that the dtype has, as a Python float."""
    if value != value or value in (INF, -INF):
        return value
    if dtype == "float32":
        return struct.unpack("<f", struct.pack("<f", value))[0]
    if dtype == "float16":
        return struct.unpack("<e", struct.pack("<e", value))[0]
    if dtype == "bfloat16":
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
        return struct.unpack("<f", struct.pack("<I", bits))[0]
    return value


def number(value):
    """For JSON: nearest float64; NaN and infinities are null in replies."""
    if value is None or isinstance(value, (int, str)):
        return value
    value = float(value)
    return value if value == value and abs(value) != INF else None


def numbers(values):
    return [number(v) for v in values]


def tensor(dtype, shape, data):
    if dtype.startswith(("float", "bfloat")):
        data = [as_dtype(float(v), dtype) for v in data]
    return {"dtype": dtype, "shape": list(shape), "data": list(data)}


def size(shape):
    n = 1
    for d in shape:
        n *= d
    return n


def floats(rng, dtype, shape, scale=2.5):
    return tensor(dtype, shape, [rng.gauss(0, scale) for _ in range(size(shape))])


def labels(rng, dtype, shape, choices):
    return tensor(dtype, shape, [rng.choice(choices) for _ in range(size(shape))])


def real(t):
    return [mpf(v) for v in t["data"]]


def out(shape, values):
    return {"shape": list(shape), "data": numbers(values)}


WRITTEN = set()


def case(op, name, inputs, params, expect, rel=1e-12, absolute=1e-14):
    file = f"{op.split('/')[1]}--{name}.json"
    assert file not in WRITTEN, file
    WRITTEN.add(file)
    record = {"op": op, "name": name, "inputs": inputs, "params": params, "expect": expect,
              "tolerance": {"rel": rel, "abs": absolute}, "source": SOURCE}
    with open(os.path.join(HERE, file), "w", encoding="ascii") as f:
        json.dump(record, f, separators=(",", ":"))
        f.write("\n")


# ---- activations ----

def phi(x):
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def cdf(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def gelu_tanh(x):
    return x * sigmoid(2 * mpmath.sqrt(2 / mpmath.pi) * (x + mpf("0.044715") * x**3))


def gelu_tanh_slope(x):
    k = 2 * mpmath.sqrt(2 / mpmath.pi)
    s = sigmoid(k * (x + mpf("0.044715") * x**3))
    return s + x * s * (1 - s) * k * (1 + 3 * mpf("0.044715") * x**2)


# name, op, params, f, f', values at -inf and +inf
POINTWISE = [
    ("relu", "relu", {}, lambda x: max(x, mpf(0)), lambda x: mpf(x > 0), (0, None)),
    ("sigmoid", "sigmoid", {}, sigmoid, lambda x: sigmoid(x) * sigmoid(-x), (0, 1)),
    ("gelu", "gelu", {}, lambda x: x * cdf(x), lambda x: cdf(x) + x * phi(x), (0, None)),
    ("gelu-tanh", "gelu", {"approximate": "tanh"}, gelu_tanh, gelu_tanh_slope, (0, None)),
]
CENTRE = [-3.0, -2.0, -1.5, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0]
SMALL = [0.0, 1e-30, -1e-30, 1e-8, -1e-8, 1e-4, -1e-4]
TAILS = [-37.0, -30.0, -20.0, -13.0, -12.5, -11.99, -10.0, -8.5, -7.0, -6.0, -5.0, -4.0, 4.0, 5.0, 6.0, 8.5, 12.0, 20.0,
         36.0, 40.0]
WIDE = [-80.0, -60.0, 60.0, 80.0, 88.0, 3e4]
HALF = {"float16": [-8.0, -5.5, -4.0, 4.0, 5.5, 8.0], "bfloat16": TAILS}


def pointwise(op, name, params, f, slope, limits):
    for dtype, eps in EPSILON.items():
        rng = random.Random(f"{name}-{dtype}")
        half = dtype in ROUNDED
        near = CENTRE + [rng.uniform(-4, 4) for _ in range(24)]
        far = HALF[dtype] if half else SMALL + TAILS + WIDE
        for part, values in (("near", near), ("far", far)):
            x = tensor(dtype, [len(values)], values)
            want = numbers(f(v) for v in real(x))
            ulps = 0.505 if half else 1.5 if dtype == "float32" else 2
            tiny = TINY[dtype]
            case(f"activations/{op}", f"{name}-{part}-{dtype}", {"x": x}, params,
                 {"status": "ok", "y": {"dtype": dtype, "shape": [len(values)], "data": want}},
                 ulps * eps, tiny)
            want = numbers(slope(v) for v in real(x))
            ulps = 0.505 if half else 4
            # gelu' crosses 0: a difference, whose ulp is that of its larger term, below 1/4
            crossing = eps if op == "gelu" and part == "near" else 0.0
            case(f"activations/{op}", f"{name}-{part}-{dtype}-grad", {"x": x},
                 {**params, "grad": True},
                 {"grad": {"x": {"dtype": dtype, "shape": [len(values)], "data": want}}},
                 ulps * eps, max(tiny, crossing))
    low, high = limits
    x = tensor("float32", [2, 3], [NAN, INF, -INF, 1, 0, -1])
    want = [None, high, low] + numbers(f(mpf(v)) for v in (1, 0, -1))
    case(f"activations/{op}", f"{name}-nonfinite", {"x": x}, params,
         {"status": "nonfinite", "y": {"shape": [2, 3], "data": want}}, 2.0**-22)
    case(f"activations/{op}", f"{name}-empty", {"x": tensor("float64", [0], [])}, params,
         {"y": {"dtype": "float64", "shape": [0], "data": []}})
    case(f"activations/{op}", f"{name}-scalar", {"x": -0.75}, params,
         {"y": {"dtype": "float64", "shape": [], "data": [number(f(mpf(-0.75)))]}}, 2.0**-51)


def lines(shape, dim):
    """Lists of flat indices, one list for each line along dimension `dim`."""
    dim %= len(shape)
    inner = size(shape[dim + 1:])
    for o in range(size(shape[:dim])):
        for i in range(inner):
            yield [(o * shape[dim] + k) * inner + i for k in range(shape[dim])]


def softmax(xs):
    top = max(xs)
    es = [mpmath.exp(x - top) for x in xs]
    total = mpmath.fsum(es)
    return [e / total for e in es]


def softmax_case(name, x, dim, g=None):
    shape = x["shape"]
    xs, y, grad = real(x), [None] * size(shape), [None] * size(shape)
    for line in lines(shape, dim):
        ps = softmax([xs[i] for i in line])
        dot = mpmath.fsum(p * mpf(g["data"][i]) for p, i in zip(ps, line)) if g else None
        for p, i in zip(ps, line):
            y[i] = p
            grad[i] = p * (mpf(g["data"][i]) - dot) if g else None
    inputs, params, expect = {"x": x}, {"dim": dim}, {"y": {"dtype": x["dtype"], **out(shape, y)}}
    if g:
        inputs["grad_output"], params["grad"] = g, True
        expect["grad"] = {"x": out(shape, grad)}
    eps = EPSILON[x["dtype"]]
    rel = 1e-13 if x["dtype"] == "float64" else 2 * eps
    case("activations/softmax", name, inputs, params, expect, rel,
         max(1e-15 if g else 0.0, eps / 16 if x["dtype"] != "float64" else 0.0))


def softmaxes():
    rng = random.Random("softmax")
    for shape, dim in (([7], 0), ([5, 4], -1), ([5, 4], 0), ([2, 5, 3, 4], 1), ([2, 3, 4], -2)):
        x, g = floats(rng, "float64", shape), floats(rng, "float64", shape, 1)
        name = f"rank{len(shape)}-dim{dim}".replace("--", "-last")
        softmax_case(name, x, dim)
        softmax_case(name + "-grad", x, dim, g)
    for dtype in ("float32", "float16", "bfloat16"):
        softmax_case(f"{dtype}", floats(rng, dtype, [6, 5]), 1)
    softmax_case("large", tensor("float64", [2, 3], [1e4, 1e4 - 1, -1e4, -2e300, 0, 1e300]), 1)
    softmax_case("minus-infinity", tensor("float64", [4], [-INF, 1, 2, -INF]), 0)
    softmax_case("one", tensor("float64", [3, 1], [5, -7, 1e5]), 1)


# ---- losses ----

def reduce_loss(terms, weights, reduction):
    """value, and the factor of a gradient."""
    total, weight = mpmath.fsum(terms), mpmath.fsum(weights)
    if reduction == "mean":
        return total / weight, 1 / weight
    return (total if reduction == "sum" else None), mpf(1)


def pair_case(op, name, pred, target, reduction, term, slope):
    ps, ts = real(pred), real(target)
    terms = [term(p - t) for p, t in zip(ps, ts)]
    value, factor = reduce_loss(terms, [1] * len(terms), reduction)
    shape, n = pred["shape"], len(terms)
    dtype = pred["dtype"] if "float" in pred["dtype"] else "float64"
    half = dtype if dtype in EPSILON else "float64"
    expect = {"op": f"losses/{op}", "status": "ok", "value": number(value), "count": n,
              "sum": number(mpmath.fsum(terms)), "weight_sum": n, "reduction": reduction,
              "grad": {"pred": {"dtype": dtype, **out(shape, [slope(p - t) * factor
                                                             for p, t in zip(ps, ts)])}}}
    if reduction == "none":
        expect["loss"] = {"dtype": dtype, **out(shape, terms)}
    rel = 1e-15 if half == "float64" else EPSILON[half]
    case(f"losses/{op}", name, {"pred": pred, "target": target},
         {"reduction": reduction, "grad": True}, expect, rel, 2.0**-25 if half == "float16" else 0.0)


def pairs(op, term, slope):
    rng = random.Random(op)
    for reduction in ("mean", "sum", "none"):
        pred, target = floats(rng, "float64", [5, 7]), floats(rng, "float64", [5, 7])
        target["data"][3] = pred["data"][3]  # no difference: no slope
        pair_case(op, reduction, pred, target, reduction, term, slope)
    for dtype in ("float32", "float16", "bfloat16"):
        pair_case(op, f"none-{dtype}", floats(rng, dtype, [33]), floats(rng, dtype, [33]), "none",
                  term, slope)
    pair_case(op, "mixed-dtypes", floats(rng, "float32", [3, 4]), floats(rng, "float64", [3, 4]), "mean",
              term, slope)
    numerals = list(range(-100, 101))
    pair_case(op, "integers", labels(rng, "int8", [3, 5], numerals),
              labels(rng, "int32", [3, 5], numerals), "mean", term, slope)
    pair_case(op, "unsigned", labels(rng, "uint8", [9], list(range(256))),
              labels(rng, "uint8", [9], list(range(256))), "mean", term, slope)
    pair_case(op, "magnitudes", tensor("float64", [6], [1e9, 1e-9, -1e9, 1e-9, 3, -1e5]),
              tensor("float64", [6], [0] * 6), "sum", term, slope)
    case(f"losses/{op}", "scalar", {"pred": 3.5, "target": 1}, {},
         {"value": number(term(mpf("2.5"))), "count": 1, "status": "ok"}, 1e-15, 0)
    nothing = tensor("float32", [0, 4], [])
    case(f"losses/{op}", "empty", {"pred": nothing, "target": nothing}, {},
         {"value": None, "count": 0, "status": "empty"})
    case(f"losses/{op}", "empty-sum", {"pred": nothing, "target": nothing}, {"reduction": "sum"},
         {"value": None, "count": 0, "status": "empty"})
    case(f"losses/{op}", "nonfinite", {"pred": tensor("float64", [3], [1, NAN, 2]),
                                       "target": tensor("float64", [3], [0, 0, 0])}, {},
         {"value": None, "status": "nonfinite"})


class Planes:
    """A tensor [N, C, ...] (or [C]) seen as positions with C values each."""

    def __init__(self, t):
        shape = t["shape"]
        self.shape = shape if len(shape) > 1 else [1] + shape
        self.data = real(t)
        self.classes = self.shape[1]
        self.inner = size(self.shape[2:])
        self.count = self.shape[0] * self.inner
        self.positions = [shape[0]] + shape[2:] if len(shape) > 1 else []

    def index(self, i, c):
        n, k = divmod(i, self.inner)
        return (n * self.classes + c) * self.inner + k

    def at(self, i):
        return [self.data[self.index(i, c)] for c in range(self.classes)]


def cross_entropy_case(name, pred, target, weight=None, ignore=-100, smoothing=0, reduction="mean",
                       rel=1e-12):
    x = Planes(pred)
    C = x.classes
    w = real(weight) if weight else [mpf(1)] * C
    e = mpf(smoothing)
    indices = isinstance(target, int) or "float" not in target["dtype"]
    ys = [target] if isinstance(target, int) else target["data"] if indices else None
    q_in = None if indices else Planes(target)
    terms, weights, grad = [], [], [mpf(0)] * len(x.data)
    by_class = [[mpf(0), mpf(0), 0] for _ in range(C)]
    ignored = 0
    for i in range(x.count):
        if indices and ys[i] == ignore:
            ignored += 1
            terms.append(mpf(0))
            continue
        row = x.at(i)
        top = max(row)
        lse = top + mpmath.log(mpmath.fsum(mpmath.exp(v - top) for v in row))
        share = [mpf(c == ys[i]) for c in range(C)] if indices else q_in.at(i)
        q = [w[c] * ((1 - e) * share[c] + e / C) for c in range(C)]
        term = mpmath.fsum(q[c] * (lse - row[c]) for c in range(C))
        terms.append(term)
        weights.append(w[ys[i]] if indices else mpf(1))
        total = mpmath.fsum(q)
        for c in range(C):
            grad[x.index(i, c)] = mpmath.exp(row[c] - lse) * total - q[c]
        if indices:
            mine = by_class[ys[i]]
            mine[0] += term
            mine[1] += w[ys[i]]
            mine[2] += 1
    value, factor = reduce_loss(terms, weights, reduction)
    expect = {"status": "ok", "value": number(value), "sum": number(mpmath.fsum(terms)),
              "weight_sum": number(mpmath.fsum(weights)), "count": len(weights), "ignored": ignored,
              "reduction": reduction,
              "grad": {"pred": {"dtype": pred["dtype"], **out(pred["shape"], [g * factor for g in grad])}}}
    if indices:
        expect["classes"] = [{"class": c, "value": number(s / n) if k else None,
                              "sum": number(s) if k else None,
                              "weight_sum": number(n) if k else None, "count": k}
                             for c, (s, n, k) in enumerate(by_class)]
    if reduction == "none":
        expect["loss"] = {"dtype": pred["dtype"], **out(x.positions, terms)}
    inputs = {"pred": pred, "target": target}
    params = {"reduction": reduction, "grad": True}
    if weight:
        inputs["weight"] = weight
    if ignore != -100:
        params["ignore_index"] = ignore
    if smoothing:
        params["label_smoothing"] = smoothing
    case("losses/cross_entropy", name, inputs, params, expect, rel, 1e-15 if rel < 1e-9 else rel)


def cross_entropies():
    rng = random.Random("cross_entropy")
    weight = tensor("float64", [5], [0.5, 2, 1.25, 0.75, 3])
    cross_entropy_case("C", floats(rng, "float64", [5]), 3)
    for reduction in ("mean", "sum", "none"):
        for word, shape in (("NC", [7, 5]), ("NCHW", [2, 5, 3, 4])):
            places = [shape[0]] + shape[2:]
            pred = floats(rng, "float64", shape)
            y = labels(rng, "int64", places, range(4))  # class 4 has no pixel
            y255 = labels(rng, "uint8", places, [0, 1, 2, 3, 4, 255])
            q = [softmax([mpf(rng.gauss(0, 1)) for _ in range(5)]) for _ in range(size(places))]
            p = tensor("float64", shape, [0] * size(shape))
            planes = Planes(p)
            for i in range(size(places)):
                for c in range(5):
                    p["data"][planes.index(i, c)] = float(q[i][c])
            cross_entropy_case(f"{word}-{reduction}", pred, y, reduction=reduction)
            cross_entropy_case(f"{word}-weight-ignore-{reduction}", pred, y255, weight, 255,
                               reduction=reduction)
            cross_entropy_case(f"{word}-smooth-{reduction}", pred, y255, weight, 255, 0.1, reduction)
            cross_entropy_case(f"{word}-probabilities-{reduction}", pred, p, weight,
                               reduction=reduction)
            cross_entropy_case(f"{word}-probabilities-smooth-{reduction}", pred, p, None, -100, 0.2,
                               reduction)
    for dtype in ("float32", "float16", "bfloat16"):
        pred = floats(rng, dtype, [2, 5, 4])
        cross_entropy_case(f"NCL-{dtype}", pred, labels(rng, "int32", [2, 4], range(5)),
                           rel=EPSILON[dtype])
    cross_entropy_case("large-logits", tensor("float64", [2, 3], [1e4, 0, -1e4, -700, 700, 0]),
                       tensor("int64", [2], [2, 1]))
    everything = tensor("int64", [2], [-100, -100])
    case("losses/cross_entropy", "all-ignored",
         {"pred": tensor("float64", [2, 3], [1, 2, 3, 4, 5, 6]), "target": everything}, {},
         {"value": None, "count": 0, "ignored": 2, "status": "all_ignored"})
    case("losses/cross_entropy", "empty",
         {"pred": tensor("float64", [0, 3], []), "target": tensor("int64", [0], [])}, {},
         {"value": None, "count": 0, "ignored": 0, "status": "empty"})


def probabilities(kind, x, multilabel):
    """p as a list like x.data."""
    if kind == "probs":
        return list(x.data)
    p = [mpf(0)] * len(x.data)
    for i in range(x.count):
        row = x.at(i)
        row = [sigmoid(v) for v in row] if x.classes == 1 or multilabel else softmax(row)
        for c, v in enumerate(row):
            p[x.index(i, c)] = v
    return p


def dice_case(name, kind, pred, target, C, weight=None, smooth=None, background=True, squared=False,
              per_sample=False, ignore=None, multilabel=False, reduction="mean", grad=True):
    shape = pred["shape"] if kind != "labels" else [pred["shape"][0], C] + pred["shape"][1:]
    x = Planes(pred if kind != "labels" else tensor("float64", shape, [0] * size(shape)))
    s = mpf(1e-5 if smooth is None else smooth)
    if kind == "labels":
        p = [mpf(0)] * size(shape)
        for i in range(x.count):
            if pred["data"][i] != ignore:
                p[x.index(i, pred["data"][i])] = mpf(1)
    else:
        p = probabilities(kind, x, multilabel)
    planes = "float" in target["dtype"] or target["shape"] == shape
    t = [mpf(0)] * size(shape)
    live = []
    for i in range(x.count):
        if not planes and target["data"][i] == ignore:
            continue
        live.append(i)
        for c in range(C):
            k = x.index(i, c)
            t[k] = mpf(target["data"][k]) if planes else mpf(target["data"][i] == c)
    w = real(weight) if weight else [mpf(1)] * C
    if not background:
        w[0] = mpf(0)
    N = shape[0]
    groups = N if per_sample else 1
    loss, table, slope = [], [], [mpf(0)] * size(shape)
    for n in range(groups):
        mine = [i for i in live if not per_sample or i // x.inner == n]
        for c in range(C):
            ks = [x.index(i, c) for i in mine]
            I = mpmath.fsum(p[k] * t[k] for k in ks)
            P = mpmath.fsum(p[k] ** 2 if squared else p[k] for k in ks)
            T = mpmath.fsum(t[k] ** 2 if squared else t[k] for k in ks)
            B = P + T + s
            L = 1 - (2 * I + s) / B
            loss.append(L)
            table.append({"class": c, "value": number(L), "intersection": number(I),
                          "pred_sum": number(P), "target_sum": number(T),
                          "status": {(1, 1): "both", (0, 0): "both_empty", (1, 0): "pred_only",
                                     (0, 1): "target_only"}[int(P > 0), int(T > 0)]})
            for k in ks:
                slope[k] = -(2 * t[k] * B - (2 * I + s) * (2 * p[k] if squared else 1)) / B**2 * w[c]
    weights = w * groups
    total, weight_sum = mpmath.fsum(v * l for v, l in zip(weights, loss)), mpmath.fsum(weights)
    value = {"mean": total / weight_sum, "sum": total, "none": None}[reduction]
    factor = 1 / weight_sum if reduction == "mean" else mpf(1)
    if kind == "logits":
        for i in live:
            ks = [x.index(i, c) for c in range(C)]
            dot = mpmath.fsum(slope[k] * p[k] for k in ks)
            for k in ks:
                one = C == 1 or multilabel
                slope[k] = p[k] * (slope[k] * (1 - p[k]) if one else slope[k] - dot)
    expect = {"status": "ok", "value": number(value), "reduction": reduction}
    if not per_sample and background:
        expect["classes"] = table
    if reduction == "none":
        expect["loss"] = out([N, C] if per_sample else [C], loss)
    params = {"input_kind": kind, "reduction": reduction}
    if grad and kind != "labels":
        params["grad"] = True
        expect["grad"] = {"pred": {"dtype": pred["dtype"], **out(shape, [g * factor for g in slope])}}
    for key, given, value in (("num_classes", kind == "labels", C), ("smooth", smooth is not None, smooth),
                              ("include_background", not background, False), ("squared", squared, True),
                              ("per_sample", per_sample, True), ("multilabel", multilabel, True),
                              ("ignore_index", ignore is not None, ignore)):
        if given:
            params[key] = value
    inputs = {"pred": pred, "target": target}
    if weight:
        inputs["weight"] = weight
    rel = 1e-12 if pred["dtype"] not in EPSILON else max(1e-12, EPSILON[pred["dtype"]])
    case("losses/dice", name, inputs, params, expect, rel, 1e-14 if rel < 1e-9 else rel / 10)


def dices():
    rng = random.Random("dice")
    shape, places = [2, 4, 3, 5], [2, 3, 5]
    weight = tensor("float64", [4], [1, 0.5, 2, 4])

    def probs(dtype="float64"):
        return tensor(dtype, shape, [rng.random() for _ in range(size(shape))])

    def logits():
        return floats(rng, "float64", shape, 1.5)

    def y(extra=()):
        return labels(rng, "uint8", places, [0, 1, 2, 3, *extra])

    for kind, make in (("probs", probs), ("logits", logits)):
        for reduction in ("mean", "sum", "none"):
            dice_case(f"{kind}-indices-{reduction}", kind, make(), y(), 4, reduction=reduction)
        dice_case(f"{kind}-weight", kind, make(), y(), 4, weight=weight)
        dice_case(f"{kind}-no-background", kind, make(), y(), 4, background=False)
        dice_case(f"{kind}-squared", kind, make(), y(), 4, squared=True)
        dice_case(f"{kind}-per-sample", kind, make(), y(), 4, per_sample=True)
        dice_case(f"{kind}-per-sample-none", kind, make(), y(), 4, per_sample=True, reduction="none")
        dice_case(f"{kind}-ignore", kind, make(), y([255, 255]), 4, ignore=255)
        dice_case(f"{kind}-smooth-1", kind, make(), y(), 4, smooth=1)
        dice_case(f"{kind}-smooth-0", kind, make(), y(), 4, smooth=0)
    soft = tensor("float64", shape, [rng.random() for _ in range(size(shape))])
    dice_case("probs-soft-target", "probs", probs(), soft, 4)
    dice_case("multilabel", "logits", logits(), labels(rng, "uint8", shape, [0, 1]), 4,
              multilabel=True)
    dice_case("sigmoid", "logits", floats(rng, "float64", [2, 1, 9]),
              labels(rng, "uint8", [2, 1, 9], [0, 1]), 1)
    dice_case("float32", "probs", probs("float32"), y(), 4)
    dice_case("labels", "labels", labels(rng, "uint8", places, range(4)), y(), 4)
    dice_case("labels-ignore", "labels", labels(rng, "int16", places, range(4)), y([9]), 4, ignore=9)
    dice_case("labels-absent", "labels", labels(rng, "uint8", places, [0, 1]),
              labels(rng, "uint8", places, [0, 2]), 4)


# ---- segmentation ----

def ratio(a, b):
    return float(Fraction(a, b)) if b else None


def mean(values):
    values = [v for v in values if v is not None]
    return float(sum(values, Fraction(0)) / len(values)) if values else None


def fraction(a, b):
    return Fraction(a, b) if b else None


def segmentation_case(name, pred, target, C, ignore=None, pred_ignored=None, images=1):
    skip = [] if ignore is None else ignore if isinstance(ignore, list) else [ignore]
    matrix = [[0] * C for _ in range(C)]
    support = [0] * C
    pixels = ignored = missed = 0
    for p, t in zip(pred["data"], target["data"]):
        if t in skip or (p in skip and pred_ignored == "drop"):
            ignored += 1
            continue
        pixels += 1
        support[t] += 1
        if p in skip:
            missed += 1
        else:
            matrix[t][p] += 1
    column = [sum(matrix[t][c] for t in range(C)) for c in range(C)]
    rows, iou, dice, recall = [], [], [], []
    for c in range(C):
        tp = matrix[c][c]
        fp, fn = column[c] - tp, support[c] - tp
        tn = pixels - tp - fp - fn
        iou.append(fraction(tp, tp + fp + fn))
        dice.append(fraction(2 * tp, 2 * tp + fp + fn))
        recall.append(fraction(tp, tp + fn))
        rows.append({"class": c, "iou": ratio(tp, tp + fp + fn), "dice": ratio(2 * tp, 2 * tp + fp + fn),
                     "precision": ratio(tp, tp + fp), "recall": ratio(tp, tp + fn),
                     "specificity": ratio(tn, tn + fp), "tp": tp, "fp": fp, "fn": fn, "tn": tn,
                     "support": support[c], "predicted": column[c],
                     "status": {(0, 0): "both_empty", (0, 1): "pred_only", (1, 0): "target_only",
                                (1, 1): "both"}[int(support[c] > 0), int(column[c] > 0)]})
    hits = sum(matrix[c][c] for c in range(C))
    weighted = sum((iou[c] * support[c] for c in range(C) if support[c]), Fraction(0))
    expect = {"num_classes": C, "images": images, "pixels": pixels, "ignored": ignored, "missed": missed,
              "pixel_accuracy": ratio(hits, pixels), "mean_accuracy": mean(recall),
              "mean_iou": mean(iou), "mean_dice": mean(dice),
              "frequency_weighted_iou": float(weighted / pixels) if pixels else None,
              "classes": rows, "classes_averaged": [c for c in range(C) if iou[c] is not None],
              "confusion_matrix": matrix}
    params = {"num_classes": C}
    if ignore is not None:
        params["ignore_index"] = ignore
    if pred_ignored:
        params["pred_ignored"] = pred_ignored
    case("metrics/segmentation", name, {"pred": pred, "target": target}, params, expect, 1e-15, 0)


def segmentations():
    rng = random.Random("segmentation")

    def pair(shape, classes, void=(), dtype="uint8", noise=0.2):
        t = labels(rng, dtype, shape, [*classes, *void])
        p = [rng.choice([*classes, *void]) if rng.random() < noise or v in void else v
             for v in t["data"]]
        return tensor(dtype, shape, p), t

    segmentation_case("plain", *pair([9, 11], range(4)), 4)
    segmentation_case("line", *pair([50], range(3)), 3)
    segmentation_case("one-class", *pair([4, 4], [0]), 1)
    segmentation_case("images", *pair([3, 6, 7], range(5)), 5, images=3)
    segmentation_case("volumes", *pair([2, 3, 4, 5], range(4)), 4, images=2)
    for dtype in ("bool", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"):
        classes = 2 if dtype == "bool" else 6
        p, t = pair([7, 9], range(classes), dtype=dtype)
        if dtype == "bool":
            p["data"], t["data"] = [[bool(v) for v in d["data"]] for d in (p, t)]
        segmentation_case(f"{dtype}", p, t, classes)
    for rule in (None, "miss", "drop"):
        word = rule or "default"
        segmentation_case(f"ignore-{word}", *pair([8, 9], range(4), [255]), 4, 255, rule)
        segmentation_case(f"ignore-several-{word}", *pair([8, 9], range(4), [254, 255]), 4, [254, 255],
                          rule)
        segmentation_case(f"ignore-class-{word}", *pair([8, 9], range(4)), 4, 0, rule)
        segmentation_case(f"ignore-negative-{word}", *pair([8, 9], range(4), [-1], "int16"), 4, -1, rule)
    t = labels(rng, "uint8", [9, 9], [0, 2])
    p = labels(rng, "uint8", [9, 9], [0, 1])
    segmentation_case("absent", p, t, 5)
    segmentation_case("all-ignored", *pair([3, 3], [7]), 3, 7)
    segmentation_case("all-missed", tensor("uint8", [4], [9] * 4), tensor("uint8", [4], [0, 1, 0, 1]), 3, 9)
    segmentation_case("all-wrong", tensor("uint8", [4], [1] * 4), tensor("uint8", [4], [0] * 4), 2)
    segmentation_case("many-classes", *pair([100], range(70), dtype="int32"), 70)


def own_cases():
    for name, op, params, f, slope, limits in POINTWISE:
        pointwise(op, name, params, f, slope, limits)
    softmaxes()
    pairs("mse", lambda d: d * d, lambda d: 2 * d)
    pairs("mae", abs, mpmath.sign)
    cross_entropies()
    dices()
    segmentations()


def main():
    """All cases, or those of the modules named: make_golden.py cases_metrics."""
    sys.modules["make_golden"] = sys.modules["__main__"]
    for module in sys.argv[1:] or sorted(f[:-3] for f in os.listdir(HERE) if f.startswith("cases_")):
        importlib.import_module(module).cases()
    if not sys.argv[1:]:
        own_cases()
        for file in os.listdir(HERE):
            if file.endswith(".json") and file not in WRITTEN:
                os.remove(os.path.join(HERE, file))
    print(f"{len(WRITTEN)} golden cases")


if __name__ == "__main__":
    main()
