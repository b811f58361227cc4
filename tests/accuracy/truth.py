"""What the element-by-element operations are, for mpmath: from their definitions alone.

A function gives an mpf, or (value, term) where the value is a difference of terms of which `term`
is the largest: its last place is then the unit of the error. The int 0 is an exact zero; an mpf 0
means that the digits did not suffice, and the function is asked again with more of them.
"""
import mpmath
from mpmath import exp, expm1, log, mpf, sqrt, tanh


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return mpmath.log1p(exp(x)) if x < 40 else x + mpmath.log1p(exp(-x))


def cdf(x):
    if abs(x) > 10**10:  # past what mpmath's erfc takes; the rest of the series is below 1e-40
        return mpf(1) if x > 0 else density(x) / -x * (1 - 1 / x**2)
    return mpmath.erfc(-x / sqrt(2)) / 2


def density(x):
    return exp(-x * x / 2) / sqrt(2 * mpmath.pi)


def terms(*parts):
    return sum(parts), max(abs(p) for p in parts)


def clamp(x, low, high):
    return low if x < low else high if x > high else x


def inner(x):
    """The argument of the sigmoid in the tanh form of GELU."""
    return 2 * sqrt(2 / mpmath.pi) * (x + mpf("0.044715") * x**3)


def inner_slope(x):
    return 2 * sqrt(2 / mpmath.pi) * (1 + 3 * mpf("0.044715") * x * x)


def selu_constants():
    return mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")


def selu(x):
    scale, alpha = selu_constants()
    return scale * (x if x > 0 else alpha * expm1(x))


def selu_slope(x):
    scale, alpha = selu_constants()
    return scale if x > 0 else scale * alpha * exp(x)


def mish_slope(x):
    w = tanh(softplus(x))
    return terms(w, x * sigmoid(x) / mpmath.cosh(softplus(x))**2)


def hardswish(x):
    return 0 if x <= -3 else x if x >= 3 else x * (x + 3) / 6


def hardswish_slope(x):
    return 0 if x <= -3 else mpf(1) if x >= 3 else terms(x / 3, mpf(1) / 2)


def softplus_beta(x, beta=1, threshold=20):
    return x if x * beta > threshold else softplus(x * beta) / beta


def softplus_slope(x, beta=1, threshold=20):
    return mpf(1) if x * beta > threshold else sigmoid(x * beta)


def inside(x, low, high):
    return mpf(1) if low < x < high else 0


# name: (places that are hard, f, f', settings to try)
ACTIVATIONS = {
    "relu": ([0], lambda x: x if x > 0 else 0, lambda x: mpf(1) if x > 0 else 0, [{}]),
    "leaky_relu": ([0], lambda x, negative_slope=0.01: x if x > 0 else negative_slope * x,
                   lambda x, negative_slope=0.01: mpf(1) if x > 0 else mpf(negative_slope),
                   [{}, {"negative_slope": 0.3}]),
    "relu6": ([0, 6], lambda x: clamp(x, 0, mpf(6)), lambda x: inside(x, 0, 6), [{}]),
    "hardtanh": ([-1, 1], lambda x, min_val=-1, max_val=1: clamp(x, mpf(min_val), mpf(max_val)),
                 lambda x, min_val=-1, max_val=1: inside(x, min_val, max_val),
                 [{}, {"min_val": -0.3, "max_val": 2.7}]),
    "sigmoid": ([-745, -709, -104, -88.7, -37, 0, 37], sigmoid,
                lambda x: sigmoid(x) * sigmoid(-x), [{}]),
    "tanh": ([0, 0.35, 0.55, 19, 22], tanh, lambda x: 1 / mpmath.cosh(x)**2, [{}]),
    "silu": ([-745, -104, -88.7, -1.278, 0], lambda x: x * sigmoid(x),
             lambda x: terms(sigmoid(x), x * sigmoid(x) * sigmoid(-x)), [{}]),
    "gelu": ([-40, -38.5, -37.5, -14.4, -13.3, -12, -5.5, -0.7517916243, 0, 5], None, None,
             [{}, {"approximate": "tanh"}]),
    "elu": ([0], lambda x, alpha=1: x if x > 0 else alpha * expm1(x),
            lambda x, alpha=1: mpf(1) if x > 0 else alpha * exp(x), [{}, {"alpha": 0.3}]),
    "celu": ([0], lambda x, alpha=1: x if x > 0 else alpha * expm1(x / alpha),
             lambda x, alpha=1: mpf(1) if x > 0 else exp(x / alpha),
             [{}, {"alpha": 0.3}, {"alpha": 7}]),
    "selu": ([0], selu, selu_slope, [{}]),
    "softplus": ([-745, -104, -37, 0, 20], softplus_beta, softplus_slope,
                 [{}, {"beta": 2.7, "threshold": 50}, {"beta": 0.1}]),
    "logsigmoid": ([-37, 0, 37, 104, 745], lambda x: -softplus(-x), lambda x: sigmoid(-x), [{}]),
    "hardsigmoid": ([-3, 3], lambda x: clamp((x + 3) / 6, 0, mpf(1)),
                    lambda x: inside(x, -3, 3) / mpf(6) if inside(x, -3, 3) else 0, [{}]),
    "hardswish": ([-3, -1.5, 0, 3], hardswish, hardswish_slope, [{}]),
    "mish": ([-750, -745, -104, -88.7, -37, -1.1924, 0, 20], lambda x: x * tanh(softplus(x)),
             mish_slope, [{}]),
    "softsign": ([0], lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x))**2, [{}]),
    "tanhshrink": ([0, 0.01, 0.35, 0.55, 1], lambda x: x - tanh(x), lambda x: tanh(x)**2, [{}]),
    "softshrink": ([-0.5, 0.5], lambda x, lambd=0.5: x - lambd if x > lambd
                   else x + lambd if x < -lambd else 0,
                   lambda x, lambd=0.5: mpf(1) if abs(x) > lambd else 0, [{}, {"lambd": 0.1}]),
    "hardshrink": ([-0.5, 0.5], lambda x, lambd=0.5: x if abs(x) > lambd else 0,
                   lambda x, lambd=0.5: mpf(1) if abs(x) > lambd else 0, [{}]),
    "threshold": ([0.5], lambda x, threshold, value: x if x > threshold else mpf(value),
                  lambda x, threshold, value: mpf(1) if x > threshold else 0,
                  [{"threshold": 0.5, "value": -3.3}]),
    "prelu": ([0], lambda x: x if x > 0 else x / 4, lambda x: mpf(1) if x > 0 else mpf(1) / 4, [{}]),
}


def gelu(x, approximate="none"):
    return x * (sigmoid(inner(x)) if approximate == "tanh" else cdf(x))


def gelu_slope(x, approximate="none"):
    if approximate != "tanh":
        return terms(cdf(x), x * density(x))
    s = sigmoid(inner(x))
    return terms(s, x * s * sigmoid(-inner(x)) * inner_slope(x))


ACTIVATIONS["gelu"] = (ACTIVATIONS["gelu"][0], gelu, gelu_slope, ACTIVATIONS["gelu"][3])


def log_sum(row):
    most = max(row)
    return most + log(sum(exp(x - most) for x in row))


# Of rows: the first element of the result, from all of the row. name: f
ROWS = {
    "softmax": lambda *row: exp(row[0] - log_sum(row)),
    "log_softmax": lambda *row: terms(row[0], -log_sum(row)),
}


# ---- losses: of (pred, target, further inputs...) ----

def sign(d):
    return mpf(1) if d > 0 else mpf(-1) if d < 0 else 0


def huber(p, t, delta=1):
    d = abs(p - t)
    return d * d / 2 if d < delta else delta * (d - mpf(delta) / 2)


def huber_slope(p, t, delta=1):
    return p - t if abs(p - t) < delta else delta * sign(p - t)


def smooth_l1(p, t, beta=1):
    d = abs(p - t)
    return d * d / 2 / beta if d < beta else d - mpf(beta) / 2


def smooth_l1_slope(p, t, beta=1):
    return (p - t) / beta if abs(p - t) < beta else sign(p - t)


def quantile(p, t, q=0.5):
    return q * (t - p) if t > p else (1 - mpf(q)) * (p - t)


def quantile_slope(p, t, q=0.5):
    return -mpf(q) if t > p else 1 - mpf(q) if t < p else 0


def poisson(p, t, log_input=True, full=False, eps=1e-8):
    parts = [exp(p), -t * p] if log_input else [p, -t * log(p + mpf(eps))] if p + eps > 0 else None
    if parts is None:
        return None
    if full and t > 1:
        parts += [t * log(t), -t, log(2 * mpmath.pi * t) / 2]
    return terms(*parts)


def poisson_slope(p, t, log_input=True, full=False, eps=1e-8):
    if not log_input:
        return terms(mpf(1), -t / (p + mpf(eps))) if p + mpf(eps) > 0 else None
    return terms(exp(p), -t)


def gaussian(p, t, var, full=False, eps=1e-6):
    v = max(var, mpf(eps))
    parts = [log(v) / 2, (p - t)**2 / v / 2]
    return terms(*parts, *([log(2 * mpmath.pi) / 2] if full else []))


def gaussian_slope(p, t, var, full=False, eps=1e-6):
    return (p - t) / max(var, mpf(eps))


def gaussian_slope_var(p, t, var, full=False, eps=1e-6):
    v = max(var, mpf(eps))
    return terms(1 / v / 2, -((p - t) / v)**2 / 2)


def hinge(p, t, margin=1, squared=False, label_encoding="pm1"):
    d = margin - (2 * t - 1 if label_encoding == "01" else t) * p
    return 0 if d <= 0 else d * d if squared else d


def hinge_slope(p, t, margin=1, squared=False, label_encoding="pm1"):
    y = 2 * t - 1 if label_encoding == "01" else t
    d = margin - y * p
    return 0 if d <= 0 else -2 * y * d if squared else -y


def embedding(p, t, margin=1):
    return p if t > 0 else max(0, margin - p)


def embedding_slope(p, t, margin=1):
    return mpf(1) if t > 0 else -mpf(1) if p < margin else 0


def xlogy(x, y):
    return 0 if x == 0 else -mpmath.inf if y == 0 else x * log(y)


def entropy(p, t):
    return -(xlogy(t, p) + xlogy(1 - t, 1 - p))


def entropy_slope(p, t):
    if t in (0, 1):  # of one logarithm alone
        from_end = 1 - t - p
        return 1 / from_end if from_end != 0 else -mpmath.inf if t else mpmath.inf
    return sign(p - t) * mpmath.inf if p in (0, 1) else (p - t) / (p * (1 - p))


def logits(p, t, pos_weight=1):
    return (1 - t) * softplus(p) + pos_weight * t * softplus(-p)


def logits_slope(p, t, pos_weight=1):
    return terms((1 - t) * sigmoid(p), -pos_weight * t * sigmoid(-p))


def divergence(p, t, log_target=False):
    if log_target:
        return terms(exp(t) * t, -exp(t) * p)
    return 0 if t == 0 else terms(t * log(t), -t * p)


def divergence_slope(p, t, log_target=False):
    return -exp(t) if log_target else -t


# name: (kind of inputs: points.py, hard places, loss, derivatives by inputs, settings to try)
LOSSES = {
    "mse": ("pairs", [0], lambda p, t: (p - t)**2, {"pred": lambda p, t: 2 * (p - t)}, [{}]),
    "mae": ("pairs", [0], lambda p, t: abs(p - t), {"pred": lambda p, t: sign(p - t)}, [{}]),
    "mean_bias_error": ("pairs", [0], lambda p, t: p - t, {"pred": lambda p, t: mpf(1)}, [{}]),
    "log_cosh": ("pairs", [0, 1e-6, 0.5, 1, 19, 100], lambda p, t: log(mpmath.cosh(p - t)),
                 {"pred": lambda p, t: tanh(p - t)}, [{}]),
    "huber": ("pairs", [0, 1, -1], huber, {"pred": huber_slope}, [{}, {"delta": 0.3}]),
    "smooth_l1": ("pairs", [0, 1, -1], smooth_l1, {"pred": smooth_l1_slope}, [{}, {"beta": 0.3}]),
    "quantile": ("pairs", [0], quantile, {"pred": quantile_slope}, [{}, {"q": 0.9}]),
    "poisson_nll": ("rates", [-104, 0, 1, 88.7], poisson, {"pred": poisson_slope},
                    [{}, {"full": True}, {"log_input": False}]),
    "gaussian_nll": ("variances", [0], gaussian,
                     {"pred": gaussian_slope, "var": gaussian_slope_var}, [{}, {"full": True}]),
    "hinge": ("signs", [-1, 0, 1], hinge, {"pred": hinge_slope}, [{}, {"squared": True}]),
    "hinge_embedding": ("signs", [0, 1], embedding, {"pred": embedding_slope}, [{}]),
    "soft_margin": ("signs", [-745, -104, 0, 37, 104], lambda p, t: softplus(-t * p),
                    {"pred": lambda p, t: -t * sigmoid(-t * p)}, [{}]),
    "binary_cross_entropy": ("probabilities", [0, 0.5, 1], entropy, {"pred": entropy_slope}, [{}]),
    "binary_cross_entropy_with_logits": ("logits", [-1000, -745, -104, -37, 0, 37, 104, 745, 1000],
                                         logits, {"pred": logits_slope}, [{}, {"pos_weight": 2.7}]),
    "kl_div": ("log_probabilities", [0], divergence, {"pred": divergence_slope},
               [{}, {"log_target": True}]),
}
