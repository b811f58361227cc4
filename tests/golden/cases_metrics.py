"""Golden cases of the label metrics, from counts in exact fractions."""
import random
from fractions import Fraction

import mpmath
from mpmath import mpf

from make_golden import NAN, case, floats, labels, number, tensor

OVERALL = ["pixel_accuracy", "mean_accuracy", "mean_iou", "mean_dice", "frequency_weighted_iou"]


def share(a, b):
    return Fraction(a) / b if b else None


def mean(values):
    values = [v for v in values if v is not None]
    return sum(values, Fraction(0)) / len(values) if values else None


def plain(value):
    """Fractions as floats, wherever they are."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


# ---- pairs of labels ----

class Pairs:
    """n[t][p] and its sums, of lists of labels."""

    def __init__(self, pred, target, C, ignore=(), drop=False, label_map=None):
        renamed = [[(label_map or {}).get(v, v) for v in side] for side in (pred, target)]
        skip = {*ignore, -1} if label_map else set(ignore)
        self.C, self.ignored, self.missed = C, 0, [0] * C
        self.n = [[0] * C for _ in range(C)]
        for p, t in zip(*renamed):
            if t in skip or (p in skip and drop):
                self.ignored += 1
            elif p in skip:
                self.missed[t] += 1
            else:
                self.n[t][p] += 1
        self.row = [sum(line) for line in self.n]
        self.support = [r + m for r, m in zip(self.row, self.missed)]
        self.predicted = [sum(self.n[t][c] for t in range(C)) for c in range(C)]
        self.total = sum(self.support)
        self.hits = sum(self.n[c][c] for c in range(C))

    def cells(self, c):
        tp = self.n[c][c]
        fp, fn = self.predicted[c] - tp, self.support[c] - tp
        return tp, fp, fn, self.total - tp - fp - fn

    def status(self, c):
        return ["both_empty", "pred_only", "target_only", "both"][(self.support[c] > 0) * 2 +
                                                                  (self.predicted[c] > 0)]

    def ratio(self, name, c, beta=1):
        tp, fp, fn, tn = self.cells(c)
        b2 = Fraction(beta) ** 2
        part, whole = {"iou": (tp, tp + fp + fn), "dice": (2 * tp, 2 * tp + fp + fn),
                       "precision": (tp, tp + fp), "recall": (tp, tp + fn),
                       "specificity": (tn, tn + fp),
                       "f_beta": ((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp)}[name]
        return share(part, whole)

    def overall(self):
        each = {k: [self.ratio(k, c) for c in range(self.C)] for k in ("iou", "dice", "recall")}
        weighted = [each["iou"][c] * self.support[c] for c in range(self.C) if self.support[c]]
        return dict(zip(OVERALL, [share(self.hits, self.total), mean(each["recall"]), mean(each["iou"]),
                                  mean(each["dice"]), share(sum(weighted, Fraction(0)), self.total)]))


def kappa(q, weights):
    cost = {"none": lambda d: d != 0, "linear": abs, "quadratic": lambda d: d * d}[weights]
    cells = [(i, j) for i in range(q.C) for j in range(q.C)]
    total = sum(q.row)
    seen = sum(cost(i - j) * q.n[i][j] for i, j in cells)
    expected = sum(cost(i - j) * q.row[i] * q.predicted[j] for i, j in cells)  # times the total
    return 1 - Fraction(seen * total, expected) if expected else None


def matthews(q):
    total = sum(q.row)
    above = q.hits * total - sum(r * c for r, c in zip(q.row, q.predicted))
    below = (total**2 - sum(c * c for c in q.predicted)) * (total**2 - sum(r * r for r in q.row))
    return float(above / mpmath.sqrt(mpf(below))) if below else None


# ---- segmentation ----

def per_image(name, pred, target, C, params=None, **rules):
    size = len(pred["data"]) // pred["shape"][0]
    rows, wholes = [], []
    for i in range(pred["shape"][0]):
        cut = slice(i * size, (i + 1) * size)
        q = Pairs(pred["data"][cut], target["data"][cut], C, **rules)
        wholes.append(q.overall())
        rows.append({"image": i, "pixels": q.total, "ignored": q.ignored, **wholes[-1]})
    means = {k: {"value": mean([w[k] for w in wholes]), "count": sum(w[k] is not None for w in wholes)}
             for k in OVERALL}
    q = Pairs(pred["data"], target["data"], C, **rules)
    expect = {**q.overall(), "confusion_matrix": q.n, "per_image": rows, "image_mean": means}
    case("metrics/segmentation", name, {"pred": pred, "target": target},
         {"num_classes": C, "per_image": True, **(params or {})}, plain(expect), 1e-15, 0)


def segmentations():
    rng = random.Random("segmentation of images")

    def pair(shape, values):
        t = labels(rng, "uint8", shape, values)
        return tensor("uint8", shape, [rng.choice(values) if rng.random() < 0.3 else v
                                       for v in t["data"]]), t

    per_image("per-image", *pair([4, 5, 6], [0, 1, 2, 3]), 5)
    pred, target = pair([3, 3, 3], [0, 1, 255])
    target["data"][9:18] = [255] * 9  # an image without scored pixels
    per_image("per-image-ignored", pred, target, 3, {"ignore_index": 255}, ignore=[255])
    pred, target = pair([2, 4, 7], [7, 8, 11, 40, 2])
    renamed = {7: 0, 8: 1, 11: 1, 40: -1}
    per_image("label-map", pred, target, 3, {"label_map": {str(k): v for k, v in renamed.items()}},
              label_map=renamed)
    per_image("label-map-drop", pred, target, 3,
              {"label_map": {str(k): v for k, v in renamed.items()}, "pred_ignored": "drop"},
              label_map=renamed, drop=True)
    masks = {"pred": tensor("uint8", [2, 3], [0, 0, 1, 1, 0, 1]),
             "target": tensor("uint8", [2, 3], [0, 0, 1, 1, 1, 3])}
    for word, value, averaged in (("nan", None, [0, 1, 3]), ("zero", 0, [0, 1, 2, 3]),
                                  ("one", 1, [0, 1, 2, 3]), ("minus_one", -1, [0, 1, 3])):
        part = [Fraction(2, 3), Fraction(1, 2), value or 0, 0]
        case("metrics/segmentation", f"absent-{word}", masks, {"num_classes": 4, "absent": word},
             plain({"classes": [{"iou": part[0]}, {"iou": part[1]}, {"iou": value}, {"iou": 0}],
                    "classes_averaged": averaged, "rules": {"absent": word},
                    "mean_iou": sum(part[c] for c in averaged) / len(averaged)}), 1e-15, 0)


# ---- classification ----

def classification(name, pred, target, C, params=None, guesses=None, beta=1, weights="none", top_k=None,
                   **rules):
    q = Pairs(guesses or pred["data"], target["data"], C, **rules)
    ratios = {}
    for ratio in ("precision", "recall", "f_beta", "specificity"):
        each = [q.ratio(ratio, c, beta) for c in range(C)]
        known = [c for c in range(C) if each[c] is not None]
        support = sum(q.support[c] for c in known)
        tp, fp, fn, tn = (sum(q.cells(c)[i] for c in range(C)) for i in range(4))
        b2 = Fraction(beta) ** 2
        ratios[ratio] = {
            "micro": {"precision": share(tp, tp + fp), "recall": share(tp, tp + fn),
                      "f_beta": share((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp),
                      "specificity": share(tn, tn + fp)}[ratio],
            "macro": mean(each),
            "weighted": share(sum((each[c] * q.support[c] for c in known), Fraction(0)), support)}
    rows = [{"class": c, **{k: q.ratio(k, c, beta) for k in ratios},
             **dict(zip(("tp", "fp", "fn", "tn"), q.cells(c))), "support": q.support[c],
             "predicted": q.predicted[c], "status": q.status(c)} for c in range(C)]
    expect = {"num_classes": C, "count": q.total, "ignored": q.ignored, "missed": sum(q.missed),
              "accuracy": share(q.hits, q.total),
              "balanced_accuracy": mean([q.ratio("recall", c) for c in range(C)]),
              "top_k": {str(k): v for k, v in (top_k or {1: share(q.hits, q.total)}).items()},
              "kappa": kappa(q, weights), "matthews": matthews(q), **ratios, "classes": rows,
              "confusion_matrix": q.n}
    given = {"num_classes": C, **(params or {})}
    for key, value, usual in (("beta", beta, 1), ("kappa_weights", weights, "none"),
                              ("top_k", list(top_k or ()), [])):
        if value != usual:
            given[key] = value
    case("metrics/classification", name, {"pred": pred, "target": target}, given, plain(expect), 1e-15,
         1e-16)


def best(row):
    """Classes by falling score, the lowest of equal ones first."""
    return sorted(range(len(row)), key=lambda c: (-row[c], c))


def scored(name, pred, target, C, ks, kind="logits"):
    inner = len(target["data"]) // pred["shape"][0]
    rows = [[pred["data"][(n * C + c) * inner + i] for c in range(C)]
            for n in range(pred["shape"][0]) for i in range(inner)]
    order = [best(row) for row in rows]
    hits = {k: share(sum(y in o[:k] for y, o in zip(target["data"], order)), len(rows)) for k in ks}
    classification(name, pred, target, C, {"input_kind": kind}, [o[0] for o in order], top_k=hits)


def classifications():
    rng = random.Random("classification")
    noisy = [rng.choice([0, 0, 0, 1, 2, 4]) for _ in range(60)]
    pred = tensor("int64", [60], [v if rng.random() < 0.6 else rng.randrange(5) for v in noisy])
    target = tensor("uint8", [60], noisy)  # class 3 is predicted alone
    for weights in ("none", "linear", "quadratic"):
        classification(f"labels-{weights}", pred, target, 5, weights=weights)
    classification("labels-beta", pred, target, 5, beta=2)
    classification("labels-absent", pred, target, 7, beta=0.5)
    classification("labels-ignore", pred, target, 5, {"ignore_index": [0, 4]}, ignore=[0, 4])
    classification("labels-ignore-drop", pred, target, 5, {"ignore_index": 0, "pred_ignored": "drop"},
                   ignore=[0], drop=True)
    one = tensor("int64", [2, 3], [1] * 6)
    classification("one-class", one, one, 3)
    classification("perfect", target, target, 5)
    for dtype, shape in (("float64", [30, 6]), ("float32", [2, 6, 3, 4]), ("float16", [3, 6, 5]),
                         ("bfloat16", [20, 6])):
        x = floats(rng, dtype, shape)
        x["data"] = [round(v * 2) / 2 for v in x["data"]]  # with ties
        y = labels(rng, "int32", [shape[0]] + shape[2:], range(6))
        scored(f"scores-{dtype}", x, y, 6, [1, 2, 5, 6])
    classification("all-ignored", tensor("int8", [3], [0, 1, 0]), tensor("int8", [3], [-1] * 3), 2,
                   {"ignore_index": -1}, ignore=[-1], top_k=None)
    case("metrics/classification", "nonfinite",
         {"pred": tensor("float64", [3, 3], [NAN, 1, 2, 1, NAN, 0, NAN, NAN, NAN]),
          "target": tensor("int64", [3], [2, 1, 0])},
         {"num_classes": 3, "input_kind": "logits", "top_k": [1, 2, 3]},
         {"status": "nonfinite", "accuracy": number(mpf(2) / 3),
          "top_k": {"1": number(mpf(2) / 3), "2": number(mpf(2) / 3), "3": 1}}, 1e-15, 0)


# ---- confusion_matrix and binary ----

def matrices():
    rng = random.Random("confusion_matrix")
    pred, target = labels(rng, "int16", [40], [0, 1, 2, 9]), labels(rng, "int32", [40], [0, 1, 9])
    q = Pairs(pred["data"], target["data"], 4, [9])
    shares = {"none": q.n,
              "target": [[share(v, q.row[t]) for v in q.n[t]] for t in range(4)],
              "pred": [[share(v, q.predicted[p]) for p, v in enumerate(line)] for line in q.n],
              "all": [[share(v, sum(q.row)) for v in line] for line in q.n]}
    for word, matrix in shares.items():
        case("metrics/confusion_matrix", word, {"pred": pred, "target": target},
             {"num_classes": 4, "ignore_index": 9, "normalize": word},
             plain({"num_classes": 4, "normalize": word, "count": q.total, "ignored": q.ignored,
                    "missed": sum(q.missed), "confusion_matrix": matrix}), 1e-15, 0)


def binary(name, pred, target, threshold=0.5, beta=1, ignore=None):
    pairs = [(p > threshold, t) for p, t in zip(pred["data"], target["data"]) if t != ignore]
    tp, fp, fn, tn = (sum((p, t) == cell for p, t in pairs)
                      for cell in ((True, 1), (True, 0), (False, 1), (False, 0)))
    q = Pairs([int(p) for p, _ in pairs], [int(t) for _, t in pairs], 2)
    b2 = Fraction(beta) ** 2
    expect = {"threshold": threshold, "count": len(pairs), "ignored": len(target["data"]) - len(pairs),
              "accuracy": share(tp + tn, len(pairs)), "precision": share(tp, tp + fp),
              "recall": share(tp, tp + fn),
              "f_beta": share((1 + b2) * tp, (1 + b2) * tp + b2 * fn + fp),
              "specificity": share(tn, tn + fp), "iou": share(tp, tp + fp + fn),
              "dice": share(2 * tp, 2 * tp + fp + fn), "kappa": kappa(q, "none"),
              "matthews": matthews(q), "tp": tp, "fp": fp, "fn": fn, "tn": tn}
    params = {"threshold": threshold, "beta": beta}
    if ignore is not None:
        params["ignore_index"] = ignore
    case("metrics/binary", name, {"pred": pred, "target": target}, params, plain(expect), 1e-15, 1e-16)


def binaries():
    rng = random.Random("binary")
    for dtype in ("float64", "float32", "float16", "bfloat16"):
        pred = tensor(dtype, [4, 9], [rng.random() for _ in range(36)])
        binary(dtype, pred, labels(rng, "uint8", [4, 9], [0, 1, 1]), 0.25, 2)
    integers = labels(rng, "int8", [25], range(-5, 6))
    binary("integers", integers, labels(rng, "int64", [25], [0, 1, 255]), 0, 1, 255)
    binary("floating-target", floats(rng, "float64", [20]),
           tensor("float32", [20], [i % 2 for i in range(20)]))
    binary("none-positive", tensor("float64", [3], [0.5, 0.1, 0]), tensor("bool", [3], [False] * 3))
    binary("all-ignored", tensor("float64", [2], [1, 0]), tensor("int64", [2], [2, 2]), ignore=2)
    case("metrics/binary", "nonfinite",
         {"pred": tensor("float64", [4], [NAN, 0.9, NAN, float("inf")]),
          "target": tensor("uint8", [4], [1, 1, 0, 0])}, {},
         {"status": "nonfinite", "count": 4, "tp": 1, "fp": 1, "fn": 1, "tn": 1}, 1e-15, 0)


def cases():
    segmentations()
    classifications()
    matrices()
    binaries()
