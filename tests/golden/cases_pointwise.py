"""Golden cases of the pointwise losses: regression, likelihoods, margins, binary cross entropy.

A loss is a function of one element's numbers (pred, target, ...) and the parameters; it gives the
term, its derivatives, and the size of the largest part where parts cancel: errors are allowed in ulps
of that."""
import random

import mpmath
from mpmath import mpf

from make_golden import (EPSILON, INF, NAN, ROUNDED, TINY, as_dtype, case, floats, labels, number, numbers, out,
                         size, tensor)

NARROW = ("float32", "float16", "bfloat16")


def xlogy(x, y):
    return x * mpmath.log(y) if x else mpf(0)


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


# ---- the definitions: (term, derivatives by pred and perhaps a third, largest parts of each) ----

def mean_bias_error(p, t):
    return p - t, [mpf(1)]


def log_cosh(p, t):
    return mpmath.log1p(2 * mpmath.sinh((p - t) / 2) ** 2), [mpmath.tanh(p - t)]


def huber(p, t, delta=1):
    d, delta = p - t, mpf(delta)
    if abs(d) < delta:
        return d * d / 2, [d]
    return delta * (abs(d) - delta / 2), [delta * mpmath.sign(d)]


def smooth_l1(p, t, beta=1):
    d, beta = p - t, mpf(beta)
    if abs(d) < beta:
        return d * d / (2 * beta), [d / beta]
    return abs(d) - beta / 2, [mpf(mpmath.sign(d))]


def quantile(p, t, q=0.5):
    q = mpf(q)
    if p == t:
        return mpf(0), [mpf(0)]
    return (q * (t - p), [-q]) if p < t else ((1 - q) * (p - t), [1 - q])


def poisson_nll(p, t, log_input=True, full=False, eps=1e-8):
    rate = mpmath.exp(p) if log_input else p
    cross = t * p if log_input else xlogy(t, p + mpf(eps))
    log_factorial = t * mpmath.log(t) - t + mpmath.log(2 * mpmath.pi * t) / 2 if full and t > 1 else mpf(0)
    slope = rate - t if log_input else 1 - t / (p + mpf(eps))
    parts = max(rate, abs(cross), abs(xlogy(t, t)) if full else 0, t if full else 0)
    return rate - cross + log_factorial, [slope], parts, [max(1, rate, t)]


def gaussian_nll(p, t, var, full=False, eps=1e-6):
    v, d = max(var, mpf(eps)), p - t
    term = (mpmath.log(v) + d * d / v) / 2 + (mpmath.log(2 * mpmath.pi) / 2 if full else 0)
    parts = max(abs(mpmath.log(v)), d * d / v, 2)
    return term, [d / v, (1 / v - d * d / v**2) / 2], parts, [0, max(1 / v, d * d / v**2)]


def hinge(p, t, margin=1, squared=False, label_encoding="pm1"):
    y = 2 * t - 1 if label_encoding == "01" else t
    h = max(mpf(0), mpf(margin) - y * p)
    return (h * h, [-2 * y * h]) if squared else (h, [-y if h > 0 else mpf(0)])


def hinge_embedding(p, t, margin=1):
    h = max(mpf(0), mpf(margin) - p)
    return (p, [mpf(1)]) if t == 1 else (h, [mpf(-1 if h > 0 else 0)])


def soft_margin(p, t):
    return softplus(-t * p), [-t * sigmoid(-t * p)]


def binary_cross_entropy(p, t, weight=mpf(1)):
    term = -weight * (xlogy(t, p) + xlogy(1 - t, 1 - p))
    if t in (0, 1):  # the limit where p is t
        return term, [weight * (-1 / p if t else 1 / (1 - p))]
    return term, [weight * (p - t) / (p * (1 - p))]


def binary_cross_entropy_with_logits(p, t, weight=mpf(1), pos_weight=mpf(1)):
    no, yes = weight * (1 - t), weight * pos_weight * t
    return (no * softplus(p) + yes * softplus(-p), [no * sigmoid(p) - yes * sigmoid(-p)], 0,
            [max(no * sigmoid(p), yes * sigmoid(-p))])


def kl_div(p, t, log_target=False):
    if log_target:
        q = mpmath.exp(t)
        return q * (t - p), [-q], q * max(abs(t), abs(p))
    return xlogy(t, t) - t * p, [-t], max(abs(xlogy(t, t)), abs(t * p))


# ---- cases ----

def broadcast(t, shape):
    """The elements of a tensor as they stand against `shape`."""
    full = [1] * (len(shape) - len(t["shape"])) + t["shape"]
    elements = []
    for flat in range(size(shape)):
        at, step = 0, 1
        for n, own in zip(reversed(shape), reversed(full)):
            at += flat % n % own * step
            flat, step = flat // n, step * own
        elements.append(mpf(t["data"][at]))
    return elements


def loss_case(op, name, inputs, params=None, reduction="none"):
    """One case with gradients; what is expected follows from the definition."""
    params = params or {}
    pred = inputs["pred"]
    shape, dtype = pred["shape"], pred["dtype"] if "float" in pred["dtype"] else "float64"
    columns = [broadcast(t, shape) for t in inputs.values()]
    rows = [globals()[op](*row, **params) for row in zip(*columns)]
    total = mpmath.fsum(row[0] for row in rows)
    divisor = shape[0] if reduction == "batchmean" else len(rows)
    mean = reduction in ("mean", "batchmean")
    value = None if reduction == "none" else number(total / divisor if mean else total)
    expect = {"status": "ok", "value": value, "sum": number(total), "weight_sum": divisor,
              "count": len(rows), "ignored": 0, "reduction": reduction}
    if reduction == "none":
        expect["loss"] = {"dtype": dtype, **out(shape, [row[0] for row in rows])}
    by = ["pred", "var"] if op == "gaussian_nll" else ["pred"]
    slopes = [[row[1][i] / (divisor if mean else 1) for row in rows] for i in range(len(by))]
    expect["grad"] = {key: {"dtype": dtype, **out(shape, s)} for key, s in zip(by, slopes)}
    # float64: 2 ulps of the terms, 4 of the derivatives; narrow ones are rounded once from it
    rel = (0.505 if dtype in ROUNDED or dtype == "float32" else 4) * EPSILON[dtype]
    parts = max([0] + [row[2] if len(row) > 2 else 0 for row in rows] +
                [g for row in rows if len(row) > 3 for g in row[3]])
    spread = mpmath.fsum(abs(row[0]) for row in rows) if op in SIGNED else 0
    case(f"losses/{op}", name, inputs, {"reduction": reduction, "grad": True, **params}, expect, rel,
         max(TINY[dtype], float(4 * EPSILON["float64"] * max(parts, spread))))


SIGNED = ("mean_bias_error", "poisson_nll", "gaussian_nll", "kl_div")  # terms of both signs: sums cancel


def limits(op, name, inputs, params, loss, grad, **more):
    """A case at the edges, with what is expected written out; grad: of pred, and perhaps of others."""
    shape = inputs["pred"]["shape"]
    grads = grad if isinstance(grad, dict) else {"pred": grad}
    expect = {**more, "count": size(shape), "loss": {"shape": shape, "data": numbers(loss)},
              "grad": {key: {"shape": shape, "data": numbers(g)} for key, g in grads.items()}}
    case(f"losses/{op}", name, inputs, {"reduction": "none", "grad": True, **params}, expect, 1e-15, 0)


def at(*values, dtype="float64"):
    return tensor(dtype, [len(values)], values)


def draw_pair(rng, dtype, shape):
    pred, target = floats(rng, dtype, shape), floats(rng, dtype, shape)
    target["data"][1] = pred["data"][1]  # no difference: a kink of some
    return {"pred": pred, "target": target}


def draw_counts(rng, dtype, shape):
    return {"pred": floats(rng, dtype, shape, 1), "target": labels(rng, "uint8", shape, range(9))}


def draw_rates(rng, dtype, shape):
    return {"pred": tensor(dtype, shape, [rng.uniform(0.1, 6) for _ in range(size(shape))]),
            "target": labels(rng, "uint8", shape, range(9))}


def draw_normal(rng, dtype, shape):
    var = [rng.expovariate(1) for _ in range(size(shape))]
    if dtype != "float16":  # whose range the term would leave
        var[0] = 0  # below eps
    return {**draw_pair(rng, dtype, shape), "var": tensor(dtype, shape, var)}


def draw_signs(rng, dtype, shape):
    pred = floats(rng, dtype, shape)
    pred["data"][0] = 1  # the kink of hinge for 1
    return {"pred": pred, "target": labels(rng, "int8", shape, [-1, 1])}


def draw_bits(rng, dtype, shape):
    return {"pred": floats(rng, dtype, shape), "target": labels(rng, "bool", shape, [False, True])}


def draw_probabilities(rng, dtype, shape):
    return {key: tensor(dtype, shape, [rng.uniform(0.02, 0.98) for _ in range(size(shape))])
            for key in ("pred", "target")}


def draw_logits(rng, dtype, shape):
    return {"pred": floats(rng, dtype, shape), "target": draw_probabilities(rng, dtype, shape)["target"]}


def draw_logs(rng, dtype, shape):
    target = [rng.random() for _ in range(size(shape))]
    target[2] = 0
    return {"pred": tensor(dtype, shape, [-rng.expovariate(0.5) for _ in range(size(shape))]),
            "target": tensor(dtype, shape, target)}


def draw_two_logs(rng, dtype, shape):
    return {key: draw_logs(rng, dtype, shape)["pred"] for key in ("pred", "target")}


# op, how to draw inputs, other parameters: (name, how to draw, params)
LOSSES = [
    ("mean_bias_error", draw_pair, []),
    ("log_cosh", draw_pair, []),
    ("huber", draw_pair, [("delta", draw_pair, {"delta": 2.25})]),
    ("smooth_l1", draw_pair, [("beta", draw_pair, {"beta": 0.3}), ("beta-0", draw_pair, {"beta": 0})]),
    ("quantile", draw_pair, [("low", draw_pair, {"q": 0.1}), ("high", draw_pair, {"q": 0.95})]),
    ("poisson_nll", draw_counts, [("full", draw_counts, {"full": True}),
                                  ("rates", draw_rates, {"log_input": False}),
                                  ("rates-full", draw_rates,
                                   {"log_input": False, "full": True, "eps": 0.01})]),
    ("gaussian_nll", draw_normal, [("full", draw_normal, {"full": True, "eps": 0.25})]),
    ("hinge", draw_signs, [("squared", draw_signs, {"squared": True, "margin": 0.7}),
                           ("bits", draw_bits, {"label_encoding": "01"})]),
    ("hinge_embedding", draw_signs, [("margin", draw_signs, {"margin": 2.5})]),
    ("soft_margin", draw_signs, []),
    ("binary_cross_entropy", draw_probabilities, []),
    ("binary_cross_entropy_with_logits", draw_logits, [("bits", draw_bits, {})]),
    ("kl_div", draw_logs, [("log-target", draw_two_logs, {"log_target": True})]),
]


def common(op, draw, variants):
    rng = random.Random(op)
    for reduction in ("mean", "sum", "none"):
        loss_case(op, reduction, draw(rng, "float64", [4, 7]), reduction=reduction)
    for name, other, params in variants:
        loss_case(op, name, other(rng, "float64", [3, 5]), params)
    for dtype in NARROW:
        loss_case(op, dtype, draw(rng, dtype, [19]))
    nothing = {key: tensor(t["dtype"], [0, 3], []) for key, t in draw(rng, "float32", [3, 1]).items()}
    case(f"losses/{op}", "empty", nothing, {"grad": True},
         {"status": "empty", "value": None, "count": 0,
          "grad": {"pred": {"dtype": "float32", "shape": [0, 3], "data": []}}})
    one = {key: tensor(t["dtype"], [], t["data"][1:2]) for key, t in draw(rng, "float32", [3]).items()}
    one["pred"]["data"][0] = NAN
    case(f"losses/{op}", "nan", one, {"grad": True},
         {"status": "nonfinite", "value": None, "count": 1,
          "grad": {"pred": {"dtype": "float32", "shape": []}}})


def edges_of_differences():
    zero = at(0, 0, 0, 0, 0, 0)
    loss_case("log_cosh", "near", {"pred": at(1e-160, -1e-9, 1e-3, 0.9999, 1, -1.0001), "target": zero})
    loss_case("log_cosh", "far", {"pred": at(100, -100, 700, -710, 1e5, 1e300), "target": zero})
    limits("log_cosh", "infinite", {"pred": at(INF, -INF, 1e308), "target": at(0, 0, -1e308)}, {},
           [INF, INF, INF], [1, -1, 1], status="nonfinite")
    limits("huber", "infinite", {"pred": at(INF, -INF, 2), "target": at(0, 0, 1)}, {}, [INF, INF, 0.5],
           [1, -1, 1], status="nonfinite")
    limits("smooth_l1", "infinite", {"pred": at(INF, -INF, 2), "target": at(0, 0, 1)}, {}, [INF, INF, 0.5],
           [1, -1, 1], status="nonfinite")
    loss_case("huber", "published", {"pred": at(6), "target": at(1)}, {"delta": 2})  # 8
    loss_case("huber", "integers",
              {"pred": at(3, 250, 0, dtype="uint8"), "target": at(5, 0, 0, dtype="uint8")})
    loss_case("quantile", "integers",
              {"pred": at(3, -9, 0, dtype="int64"), "target": at(5, 7, 0, dtype="int8")})


def edges_of_likelihoods():
    limits("poisson_nll", "limits", {"pred": at(INF, -INF, -INF, 800), "target": at(3, 0, 2, 1)}, {},
           [INF, 0, INF, INF], [INF, 0, -2, INF], status="nonfinite")
    limits("poisson_nll", "no-rate", {"pred": at(0, 0, 3), "target": at(0, 2, 0)},
           {"log_input": False, "eps": 0},
           [0, INF, 3], [1, -INF, 1], status="nonfinite")
    limits("gaussian_nll", "infinite", {"pred": at(1, INF), "target": at(0, 0), "var": at(INF, 1)}, {},
           [INF, INF], {"pred": [0, INF], "var": [0, -INF]}, status="nonfinite")
    loss_case("gaussian_nll", "magnitudes",
              {"pred": at(1e160, 1e-5, 3), "target": at(0, 0, 3), "var": at(1e300, 1e-30, 1)})


def edges_of_margins():
    scores = at(1e5, -1e5, 1e-20, -1e-20, 40, -40)
    loss_case("soft_margin", "far", {"pred": scores, "target": at(1, 1, 1, -1, 1, -1, dtype="int64")})
    limits("hinge", "infinite", {"pred": at(INF, INF), "target": at(1, -1, dtype="int8")},
           {}, [0, INF], [0, 1],
           status="nonfinite")
    limits("hinge_embedding", "kink", {"pred": at(1, 1, 0), "target": at(-1, 1, -1, dtype="int8")},
           {}, [0, 1, 1],
           [0, 1, -1], status="ok")


def edges_of_probabilities():
    p, t = at(0, 1, 0, 1, 0, 1), at(0, 1, 1, 0, 0.5, 0.5)
    limits("binary_cross_entropy", "certain", {"pred": p, "target": t}, {}, [0, 0, INF, INF, INF, INF],
           [1, -1, -INF, INF, -INF, INF], status="nonfinite")
    most = 1 / as_dtype(1e-12, "float32")  # PyTorch has this constant in float32
    limits("binary_cross_entropy", "pytorch", {"pred": p, "target": t}, {"compat": "pytorch"},
           [0, 0, 100, 100, 50, 50], [0, 0, -most, most, -most / 2, most / 2], status="ok", value=None, sum=300)
    loss_case("binary_cross_entropy", "near",
              {"pred": at(1e-300, 1 - 2.0**-53, 1e-17, 0.5, 1e-300), "target": at(1, 1, 0, 1e-12, 0.25)})
    limits("binary_cross_entropy", "weight-0",
           {"pred": at(0, 0.5), "target": at(1, 1), "weight": at(0, 0)}, {},
           [0, 0], [0, 0], status="ok")
    rng = random.Random("weights")
    for op, draw in (("binary_cross_entropy", draw_probabilities),
                     ("binary_cross_entropy_with_logits", draw_logits)):
        for name, shape in (("row", [5]), ("column", [4, 1]), ("scalar", []), ("middle", [3, 1, 5])):
            inputs = draw(rng, "float64", [3, 4, 5] if name == "middle" else [4, 5])
            inputs["weight"] = tensor("float64", shape, [rng.uniform(0.2, 4) for _ in range(size(shape))])
            loss_case(op, f"weight-{name}", inputs, reduction="mean" if name != "row" else "none")
    inputs = draw_logits(rng, "float32", [4, 5])
    inputs["weight"] = tensor("float32", [4, 1], [0.5, 2, 0, 1])
    inputs["pos_weight"] = tensor("float32", [5], [1, 3, 0.25, 0, 10])
    loss_case("binary_cross_entropy_with_logits", "pos-weight", inputs)
    only = {**draw_bits(rng, "float64", [6]), "weight": tensor("float64", [], [1]),
            "pos_weight": tensor("uint8", [], [7])}
    loss_case("binary_cross_entropy_with_logits", "pos-weight-scalar", only, reduction="mean")


def edges_of_logits():
    op = "binary_cross_entropy_with_logits"
    loss_case(op, "far",
              {"pred": at(1000, 1000, -1000, -1000, 1e-20, 300), "target": at(0, 1, 0, 1, 0.5, 0.25)})
    x, t = at(INF, INF, -INF, -INF, INF, -INF), at(0, 1, 0, 1, 0.5, 0.5)
    grad = [1, 0, 0, -1, 0.5, -0.5]
    limits(op, "infinite", {"pred": x, "target": t}, {}, [INF, 0, 0, INF, INF, INF], grad, status="nonfinite")
    x, t = at(INF, -INF), at(1, 0)
    limits(op, "limits", {"pred": x, "target": t}, {}, [0, 0], [0, 0], status="ok", sum=0)
    limits(op, "pytorch", {"pred": x, "target": t}, {"compat": "pytorch"},
           [NAN, NAN], [0, 0], status="nonfinite", sum=None)


def edges_of_divergence():
    rng = random.Random("divergence")
    loss_case("kl_div", "batchmean", draw_logs(rng, "float64", [4, 7]), reduction="batchmean")
    loss_case("kl_div", "batchmean-line", draw_logs(rng, "float64", [9]), reduction="batchmean")
    loss_case("kl_div", "batchmean-float32", draw_two_logs(rng, "float32", [2, 3, 4]),
              {"log_target": True}, "batchmean")
    limits("kl_div", "limits", {"pred": at(-INF, -INF, 0), "target": at(0, 0.5, 0)},
           {}, [0, INF, 0], [0, -0.5, 0],
           status="nonfinite")
    limits("kl_div", "log-limits", {"pred": at(-INF, -INF, -1), "target": at(-INF, 0, -INF)},
           {"log_target": True},
           [0, INF, 0], [0, -1, 0], status="nonfinite")


def cases():
    for op, draw, variants in LOSSES:
        common(op, draw, variants)
    edges_of_differences()
    edges_of_likelihoods()
    edges_of_margins()
    edges_of_probabilities()
    edges_of_logits()
    edges_of_divergence()
