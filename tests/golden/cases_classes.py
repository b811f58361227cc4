"""Losses of class scores against class indices, focal in both forms, and cosine embedding.

Terms are written from their definitions; gradients are central differences of them with 90 digits, but
for the margin losses, which have kinks.
"""
import random

import mpmath
from mpmath import mpf

from make_golden import (EPSILON, INF, Planes, case, floats, labels, number, out, real, reduce_loss, size,
                         softmax, tensor)

STEP = mpf(10) ** -25
REDUCTIONS = ("mean", "sum", "none")


def differences(f, row):
    """The derivatives of f(row), smooth at row."""
    with mpmath.workdps(90):
        return [(f(row[:j] + [v + STEP] + row[j + 1:]) - f(row[:j] + [v - STEP] + row[j + 1:])) / (2 * STEP)
                for j, v in enumerate(row)]


def total(values):
    return mpmath.fsum(values)


def floating(t):
    return t["dtype"] if "float" in t["dtype"] else "float64"


def report(terms, shares, ignored, reduction, dtype, positions):
    """What replies have in common, and the factor of the gradient."""
    value, factor = reduce_loss(terms, shares, reduction)
    expect = {"status": "ok", "value": number(value), "sum": number(total(terms)),
              "weight_sum": number(total(shares)), "count": len(terms) - ignored, "ignored": ignored,
              "reduction": reduction}
    if reduction == "none":
        expect["loss"] = {"dtype": dtype, **out(positions, terms)}
    return expect, factor


def write(op, name, inputs, params, expect, dtype, rel=None, absolute=None):
    eps = EPSILON[dtype]
    rel = rel or (1e-13 if dtype == "float64" else 0.505 * eps if dtype != "float32" else eps)
    tiny = {"float16": 2.0**-24, "bfloat16": 1e-38, "float32": 1e-40, "float64": 1e-300}[dtype]
    case(f"losses/{op}", name, inputs, params, expect, rel, absolute or tiny)


def index_case(op, name, pred, target, term, slopes=None, weight=None, share=None, params=None, ignore=-100,
               reduction="mean", rel=None, warnings=None):
    """term(row, y, w): the loss of a position; share(y, w): what it adds to the divisor."""
    x, params = Planes(pred), dict(params or {})
    w = real(weight) if weight else [mpf(1)] * x.classes
    ys = [target] if isinstance(target, int) else target["data"]
    share = share or (lambda y, own: own)
    terms, shares, grad, ignored = [], [], [mpf(0)] * len(x.data), 0
    rows = [[] for _ in range(x.classes)]
    for i, y in enumerate(ys):
        row = x.at(i)
        if y == ignore:
            ignored += 1
            terms.append(mpf(0))
            continue
        terms.append(term(row, y, w[y]))
        shares.append(mpf(share(y, w[y])))
        rows[y].append((terms[-1], shares[-1]))
        own = slopes(row, y, w[y]) if slopes else differences(lambda r, y=y: term(r, y, w[y]), row)
        for c, g in enumerate(own):
            grad[x.index(i, c)] = g
    dtype = floating(pred)
    expect, factor = report(terms, shares, ignored, reduction, dtype, x.positions)
    expect["grad"] = {"pred": {"dtype": dtype, **out(pred["shape"], [g * factor for g in grad])}}
    expect["classes"] = []
    for c, row in enumerate(rows):
        s, n = total(a for a, _ in row), total(b for _, b in row)
        expect["classes"].append({"class": c, "count": len(row), "sum": number(s) if row else None,
                                  "weight_sum": number(n) if row else None,
                                  "value": number(s / n) if row and n else None})
    if warnings:
        expect["warnings"] = warnings
    inputs = {"pred": pred, "target": target, **({"weight": weight} if weight else {})}
    if ignore != -100:
        params["ignore_index"] = ignore
    write(op, name, inputs, {**params, "reduction": reduction, "grad": True}, expect, dtype, rel)


def edges(op, params=None):
    """Nothing counted."""
    pred = tensor("float64", [2, 3], [0.25, 0.5, 0.25, 0.5, 0.25, 0.25])
    no_grad = {"pred": {"dtype": "float64", "shape": [0, 3], "data": []}}
    case(f"losses/{op}", "empty", {"pred": tensor("float64", [0, 3], []), "target": tensor("int64", [0], [])},
         {**(params or {}), "grad": True}, {"value": None, "count": 0, "status": "empty", "grad": no_grad})
    if op in ("nll", "sparse_cross_entropy", "focal"):
        case(f"losses/{op}", "all-ignored",
             {"pred": pred, "target": tensor("int64", [2], [-100, -100])}, {"grad": True},
             {"value": None, "count": 0, "ignored": 2, "status": "all_ignored",
              "grad": {"pred": {"shape": [2, 3], "data": [0] * 6}}})


def both_shapes(rng, op, term, make, weighted=True, **more):
    """[N, C] and [N, C, ...] with every reduction; class 4 has no position in the second."""
    weight = tensor("float64", [5], [0.5, 2, 1.25, 0.75, 3]) if weighted else None
    ignore = {"ignore": 255} if op in ("nll", "sparse_cross_entropy", "focal") else {}
    some = [0, 1, 2, 3, 4] + ([255] if ignore else [])
    for reduction in REDUCTIONS:
        index_case(op, f"NC-{reduction}", make(rng, "float64", [4, 5]), labels(rng, "uint8", [4], some), term,
                   weight=weight, reduction=reduction, **ignore, **more)
    index_case(op, "NCHW", make(rng, "float64", [2, 5, 2, 3]), labels(rng, "int16", [2, 2, 3], range(4)), term,
               reduction="mean", **more)
    index_case(op, "C", make(rng, "float64", [5]), 3, term, **more)
    for dtype in ("float32", "float16", "bfloat16"):
        index_case(op, dtype, make(rng, dtype, [2, 5, 2]), labels(rng, "int32", [2, 2], range(5)), term,
                   reduction="none", **more)


# ---- nll and sparse cross entropy ----

def probabilities(rng, dtype, shape):
    """Rows that add up to 1 as nearly as the dtype can."""
    t = tensor(dtype, shape, [0] * size(shape))
    planes = Planes(t)
    for i in range(planes.count):
        for c, p in enumerate(softmax([mpf(rng.gauss(0, 1.5)) for _ in range(planes.classes)])):
            t["data"][planes.index(i, c)] = float(p)
    return tensor(dtype, shape, t["data"])


def nll(row, y, w):
    return -w * row[y]


def one_slope(slope):
    return lambda row, y, w: [slope(row, y, w) if c == y else mpf(0) for c in range(len(row))]


def nlls():
    rng = random.Random("nll")
    both_shapes(rng, "nll", nll, lambda r, d, s: tensor(d, s, [-abs(r.gauss(0, 3)) for _ in range(size(s))]),
                slopes=one_slope(lambda row, y, w: -w))
    index_case("nll", "integers", tensor("int8", [2, 3], [-1, -2, -3, 0, -5, -6]), tensor("uint64", [2], [2, 0]),
               nll)
    weight = tensor("float64", [3], [0, 0, 1])
    case("losses/nll", "zero-weights", {"pred": tensor("float64", [2, 3], [-1, -2, -3] * 2),
                                        "target": tensor("int64", [2], [0, 1]), "weight": weight}, {},
         {"value": None, "sum": 0, "weight_sum": 0, "count": 2, "status": "nonfinite",
          "warnings": [{"code": "zero_weight"}]})
    edges("nll")


def clipped(eps):
    eps = mpf(eps)
    return lambda row, y, w: -w * mpmath.log(min(max(row[y], eps), 1 - eps))


def sparse_cross_entropies():
    rng = random.Random("sparse_cross_entropy")
    slope = one_slope(lambda row, y, w: -w / row[y])
    both_shapes(rng, "sparse_cross_entropy", clipped(0), probabilities, slopes=slope, warnings=[])
    far = tensor("float64", [4, 2], [0, 1, 1e-300, 1, 1, 0, 0.25, 0.75])
    index_case("sparse_cross_entropy", "clamped", far, tensor("int64", [4], [0, 0, 0, 0]), clipped(1e-7),
               one_slope(lambda row, y, w: -w / row[y] if mpf(1e-7) <= row[y] <= 1 - mpf(1e-7) else mpf(0)),
               params={"clamp_eps": 1e-7}, reduction="none", warnings=[])
    case("losses/sparse_cross_entropy", "infinite", {"pred": far, "target": tensor("int64", [4], [0] * 4)}, {},
         {"value": None, "count": 4, "status": "nonfinite", "warnings": [{"code": "nonfinite"}]})
    index_case("sparse_cross_entropy", "sums", tensor("float64", [3, 2], [0.5, 0.25, 0.5, 0.5, 0.5, 0.50009]),
               tensor("int64", [3], [0, 1, 0]), clipped(0), slope,
               warnings=[{"code": "not_normalized",
                          "detail": "the probabilities of 1 of 3 positions do not add up to 1"}])
    index_case("sparse_cross_entropy", "worked-example",
               tensor("float64", [3, 3], [0.1, 0.7, 0.2, 0.3, 0.7, 0, 0.5, 0.4, 0.1]),
               tensor("int64", [3], [2, 1, 0]), clipped(0), slope, reduction="sum")
    edges("sparse_cross_entropy")


# ---- focal ----

def clamped_log(p, eps):
    return mpmath.log(min(max(p, mpf(eps)), 1 - mpf(eps)))


def focal_index(gamma=2, alpha=None, eps=0):
    def term(row, y, w):
        p = softmax(row)
        others = total(v for c, v in enumerate(p) if c != y)
        balance = 1 if alpha is None else mpf(alpha[y] if isinstance(alpha, list) else alpha)
        return -balance * w * others ** mpf(gamma) * clamped_log(p[y], eps)
    return term


def focal_indices():
    rng = random.Random("focal")
    both_shapes(rng, "focal", focal_index(), floats, share=lambda y, w: 1, rel=None)
    weight = tensor("float64", [3], [0.5, 2, 1.5])
    pred, target = floats(rng, "float64", [6, 3]), tensor("int64", [6], [0, 1, 2, 1, 0, 2])
    for gamma in (0, 0.5, 1, 5):
        index_case("focal", f"gamma-{gamma}", pred, target, focal_index(gamma), weight=weight,
                   params={"gamma": gamma, "normalizer": "weight_sum"}, rel=1e-12 if gamma == 0 else None)
    index_case("focal", "alpha", pred, target, focal_index(2, [0.25, 1, 0.5]), share=lambda y, w: y > 0,
               params={"alpha": [0.25, 1, 0.5], "normalizer": "positives"})
    index_case("focal", "alpha-one", pred, target, focal_index(2, 0.25), share=lambda y, w: 1,
               params={"alpha": 0.25})
    far = tensor("float64", [4, 3], [1000, 0, -5, 40, 0, -40, 0, 0, 800, -3, 2, 2])
    index_case("focal", "far", far, tensor("int64", [4], [0, 0, 0, 1]), focal_index(0.5), reduction="none",
               share=lambda y, w: 1, params={"gamma": 0.5})
    index_case("focal", "clamped", far, tensor("int64", [4], [0, 0, 0, 1]), focal_index(2, None, 1e-4),
               reduction="none", share=lambda y, w: 1, params={"clamp_eps": 1e-4})
    edges("focal")


def binary_term(gamma, eps):
    """Of logit and target; the logarithms of p and 1 - p each from their own exponential."""
    def term(x, t):
        p, q = 1 / (1 + mpmath.exp(-x)), 1 / (1 + mpmath.exp(x))
        miss = q * t + p * (1 - t)
        return -miss ** mpf(gamma) * ((t * clamped_log(p, eps) if t else 0)
                                      + ((1 - t) * clamped_log(q, eps) if t < 1 else 0))
    return term


def binary_case(name, pred, target, gamma=2, alpha=None, eps=0, normalizer="count", weight=None, ignore=-100,
                reduction="mean", rel=None):
    xs, ts, shape = real(pred), real(target), pred["shape"]
    inner = size(shape[2:])
    term, terms, shares, grad = binary_term(gamma, eps), [], [], []
    for i, (x, t) in enumerate(zip(xs, ts)):
        w = real(weight)[i // inner % shape[1]] if weight else mpf(1)
        if t == ignore:
            terms.append(mpf(0))
            grad.append(mpf(0))
            continue
        a = (1 - mpf(alpha), mpf(alpha)) if isinstance(alpha, float) else map(mpf, alpha or (1, 1))
        low, high = a
        factor = w * (high * t + low * (1 - t))
        terms.append(factor * term(x, t))
        shares.append({"count": mpf(1), "positives": t, "weight_sum": w}[normalizer])
        grad.append(factor * differences(lambda r, t=t: term(r[0], t), [x])[0])
    dtype = floating(pred)
    expect, scale = report(terms, shares, len(terms) - len(shares), reduction, dtype, shape)
    expect["grad"] = {"pred": {"dtype": dtype, **out(shape, [g * scale for g in grad])}}
    params = {"gamma": gamma, "normalizer": normalizer, "reduction": reduction, "grad": True}
    for key, value, preset in (("alpha", alpha, None), ("clamp_eps", eps, 0), ("ignore_index", ignore, -100)):
        if value != preset:
            params[key] = list(value) if isinstance(value, tuple) else value
    inputs = {"pred": pred, "target": target, **({"weight": weight} if weight else {})}
    write("focal", f"binary-{name}", inputs, params, expect, dtype, rel)


def focal_binaries():
    rng = random.Random("focal-binary")
    weight = tensor("float64", [3], [0.5, 2, 1.5])
    for reduction in REDUCTIONS:
        pred = floats(rng, "float64", [2, 3, 4])
        binary_case(reduction, pred, labels(rng, "uint8", [2, 3, 4], [0, 1, 255]), alpha=0.25, weight=weight,
                    normalizer="weight_sum", ignore=255, reduction=reduction)
    for gamma in (0, 0.5, 1):
        pred = tensor("float64", [9], [-1000, -40, -2, -0.5, 0, 0.5, 2, 40, 1000])
        for t in (0, 1):
            binary_case(f"gamma-{gamma}-{t}", pred, tensor("int64", [9], [t] * 9), gamma, reduction="none")
    soft = tensor("float64", [8], [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1, -100])
    binary_case("soft", floats(rng, "float64", [8]), soft, 1.5, (0.25, 0.75), normalizer="positives")
    for dtype in ("float32", "float16", "bfloat16"):
        binary_case(dtype, floats(rng, dtype, [3, 5]), labels(rng, dtype, [3, 5], [0, 1]), reduction="none")
    worked = tensor("float64", [8], [-5, -5, 0.1, 0.1, 5, 5, 100, 100])
    target = tensor("float64", [8], [0, 1] * 4)
    binary_case("worked-example", worked, target, 1, reduction="sum")
    binary_case("worked-example-clamped", worked, target, 1, None, 1e-4, reduction="sum")
    case("losses/focal", "binary-no-positives", {"pred": tensor("float64", [2], [1, 2]),
                                                 "target": tensor("float64", [2], [0, 0])},
         {"normalizer": "positives"},
         {"value": None, "weight_sum": 0, "count": 2, "status": "nonfinite", "warnings": [{"code": "zero_weight"}]})
    case("losses/focal", "binary-limits", {"pred": tensor("float64", [2], [INF, -INF]),
                                           "target": tensor("float64", [2], [1, 0])}, {"grad": True},
         {"value": 0, "status": "ok", "grad": {"pred": {"data": [0, 0]}}})


# ---- margins ----

def multi_margin(p, margin):
    def term(row, y, w):
        return w / len(row) * total(max(mpf(0), mpf(margin) - row[y] + v) ** p
                                    for c, v in enumerate(row) if c != y)

    def slopes(row, y, w):
        z = [mpf(margin) - row[y] + v for v in row]
        g = [w / len(row) * p * v ** (p - 1) if v > 0 and c != y else mpf(0) for c, v in enumerate(z)]
        g[y] = -total(g)
        return g
    return {"term": term, "slopes": slopes, "params": {"p": p, "margin": margin}, "share": lambda y, w: 1}


def crammer_singer(margin):
    def best(row, y):
        return max((v, -c) for c, v in enumerate(row) if c != y)

    def term(row, y, w):
        return max(mpf(0), mpf(margin) - row[y] + best(row, y)[0])

    def slopes(row, y, w):
        top, at = best(row, y)
        missed = mpf(margin) - row[y] + top > 0
        return [mpf(missed and (c == -at) - (c == y)) for c in range(len(row))]
    return {"term": term, "slopes": slopes, "params": {"margin": margin}}


def margins():
    rng = random.Random("margins")
    one, two = multi_margin(1, 1), multi_margin(2, 0.5)
    both_shapes(rng, "multi_margin", make=floats, **two)
    index_case("multi_margin", "p-1", floats(rng, "float64", [4, 3]), labels(rng, "int64", [4], range(3)),
               weight=tensor("float64", [3], [0.5, 2, 1.5]), **one)
    kinks = tensor("int32", [3, 3], [1, 0, 0, 2, 1, 0, 3, 3, 3])
    index_case("multi_margin", "kinks", kinks, tensor("int64", [3], [0, 0, 2]), reduction="sum", **one)
    index_case("multi_margin", "one-class", tensor("float64", [2, 1], [5, -5]), tensor("int64", [2], [0, 0]), **one)
    edges("multi_margin")
    both_shapes(rng, "multiclass_hinge", make=floats, weighted=False, **crammer_singer(1))
    index_case("multiclass_hinge", "kinks-and-ties", kinks, tensor("int64", [3], [0, 0, 2]), reduction="sum",
               **crammer_singer(1))
    edges("multiclass_hinge")


# ---- cosine embedding ----

def cosine(x, y):
    lengths = mpmath.sqrt(total(a * a for a in x)) * mpmath.sqrt(total(b * b for b in y))
    return total(a * b for a, b in zip(x, y)) / lengths if lengths else mpf(0)


def cosine_term(x, y, t, margin):
    return 1 - cosine(x, y) if t > 0 else max(mpf(0), cosine(x, y) - mpf(margin))


def cosine_case(name, pred, other, target, margin=0, reduction="mean", rel=None, absolute=None):
    D = pred["shape"][-1]
    n = size(pred["shape"]) // D
    xs, ys = ([real(t)[i * D:(i + 1) * D] for i in range(n)] for t in (pred, other))
    ts = [target] if isinstance(target, int) else target["data"]
    terms, gx, gy = [], [], []
    for x, y, t in zip(xs, ys, ts):
        with mpmath.workdps(90):
            terms.append(cosine_term(x, y, t, margin))
        if any(x) and any(y):
            gx += differences(lambda r, y=y, t=t: cosine_term(r, y, t, margin), x)
            gy += differences(lambda r, x=x, t=t: cosine_term(x, r, t, margin), y)
        else:
            gx += [mpf(0)] * D
            gy += [mpf(0)] * D
    dtype = floating(pred)
    expect, factor = report(terms, [mpf(1)] * n, 0, reduction, dtype, pred["shape"][:-1])
    expect["grad"] = {key: {"dtype": dtype, **out(pred["shape"], [v * factor for v in g])}
                      for key, g in (("pred", gx), ("other", gy))}
    write("cosine_embedding", name, {"pred": pred, "other": other, "target": target},
          {"margin": margin, "reduction": reduction, "grad": True}, expect, dtype, rel, absolute)


def cosines():
    rng = random.Random("cosine_embedding")
    signs = tensor("int64", [5], [1, -1, 1, -1, -1])
    for reduction in REDUCTIONS:
        cosine_case(reduction, floats(rng, "float64", [5, 4]), floats(rng, "float64", [5, 4]), signs, 0.1, reduction)
    for dtype in ("float32", "float16", "bfloat16"):
        cosine_case(dtype, floats(rng, dtype, [5, 7]), floats(rng, dtype, [5, 7]), signs, -0.25, "none",
                    0.6 * EPSILON[dtype] if dtype != "float32" else None)
    cosine_case("D", floats(rng, "float64", [6]), floats(rng, "float64", [6]), 1)
    cosine_case("integers", labels(rng, "int8", [5, 4], range(-9, 10)), labels(rng, "uint8", [5, 4], range(1, 10)),
                signs)
    zeros = tensor("float64", [3, 2], [0, 0, 1, 2, 0, 0])
    cosine_case("zeros", zeros, tensor("float64", [3, 2], [3, 4, 0, 0, 0, 0]), tensor("int64", [3], [1, -1, 1]), -0.5)
    cosine_case("same", tensor("float64", [2, 3], [1, 2, 3, 0.1, 0.2, 0.3]),
                tensor("float64", [2, 3], [1, 2, 3, -0.1, -0.2, -0.3]), tensor("int64", [2], [1, 1]), 0, "none", None, 1e-30)
    cosine_case("near", tensor("float64", [1, 2], [1, 1e-9]), tensor("float64", [1, 2], [1, -1e-9]),
                tensor("int64", [1], [1]), 0, "none", None, 1e-30)
    huge = {"pred": tensor("float64", [3, 2], [1e300, 2e300, 1e-300, 0, 5e-324, 5e-324]),
            "other": tensor("float64", [3, 2], [1e-300, -3e-300, 2e300, 1e300, 1, 0]),
            "target": tensor("int64", [3], [1, 1, 1])}
    terms = [cosine_term(real(huge["pred"])[i:i + 2], real(huge["other"])[i:i + 2], 1, 0) for i in (0, 2, 4)]
    write("cosine_embedding", "magnitudes", huge, {"reduction": "none"},
          {"status": "ok", "loss": out([3], terms), "sum": number(total(terms))}, "float64")
    nothing = tensor("float32", [0, 4], [])
    case("losses/cosine_embedding", "empty", {"pred": nothing, "other": nothing, "target": tensor("int64", [0], [])},
         {"grad": True}, {"value": None, "count": 0, "status": "empty", "grad": {"other": {"shape": [0, 4]}}})


def cases():
    nlls()
    sparse_cross_entropies()
    focal_indices()
    focal_binaries()
    margins()
    cosines()
