"""Golden cases of the region losses but for dice, whose cases are in make_golden.py: from the sums
of their definitions, and gradients by the definition's own partial derivatives."""
import random

import mpmath
from mpmath import mpf

from make_golden import (EPSILON, Planes, case, floats, labels, number, out, probabilities, real, size,
                         tensor)


def tolerance(dtype):
    rel = max(1e-12, EPSILON.get(dtype, 0))
    return rel, 1e-14 if rel < 1e-9 else rel / 10


def presence(P, T):
    return {(1, 1): "both", (0, 0): "both_empty", (1, 0): "pred_only",
            (0, 1): "target_only"}[int(P > 0), int(T > 0)]


# ---- functions of I, P and T: value, and derivatives by I and P ----

def dice(I, P, T, s, **_):
    B = P + T + s
    return 1 - (2 * I + s) / B, -2 / B, (2 * I + s) / B**2


def iou(I, P, T, s, **_):
    U = P + T - I + s
    return 1 - (I + s) / U, -1 / U - (I + s) / U**2, (I + s) / U**2


def tversky(I, P, T, s, alpha=mpf(1) / 2, beta=mpf(1) / 2, **_):
    D = I + alpha * (P - I) + beta * (T - I) + s
    return 1 - (I + s) / D, -1 / D + (I + s) * (1 - alpha - beta) / D**2, (I + s) * alpha / D**2


def focal_tversky(I, P, T, s, gamma=mpf(1.3333333333333333), **more):
    L, by_i, by_p = tversky(I, P, T, s, **more)
    e = 1 / mpf(gamma)
    outer = e * L**(e - 1) if L > 0 else mpf(gamma == 1)
    return L**e, outer * by_i, outer * by_p


def generalized(sums, weights, first, s, weighting):
    """The loss of all classes, and its derivatives by each I and P."""
    power = {"square": 2, "simple": 1, "uniform": 0}[weighting]
    own = [1 / T**power if T > 0 or power == 0 else None for _, _, T in sums]
    finite = [w for w in own[first:] if w is not None]
    w = [mpf(0) if k < first else v * (o if o is not None else max(finite, default=mpf(1)))
         for k, (o, v) in enumerate(zip(own, weights))]
    A = mpmath.fsum(v * I for v, (I, _, _) in zip(w, sums))
    B = mpmath.fsum(v * (P + T) for v, (_, P, T) in zip(w, sums))
    return 1 - (2 * A + s) / (B + s), [-2 * v / (B + s) for v in w], [v * (2 * A + s) / (B + s)**2 for v in w]


class Regions:
    """p, t, and the sums of each group (the batch, or each sample) and class."""

    def __init__(self, kind, pred, target, C, squared=False, per_sample=False, ignore=None, multilabel=False):
        self.kind, self.multilabel, self.C = kind, multilabel, C
        self.shape = pred["shape"] if kind != "labels" else [pred["shape"][0], C] + pred["shape"][1:]
        self.x = x = Planes(pred if kind != "labels" else tensor("float64", self.shape, [0] * size(self.shape)))
        if kind == "labels":
            self.p = [mpf(0)] * size(self.shape)
            for i in range(x.count):
                if pred["data"][i] < C:
                    self.p[x.index(i, pred["data"][i])] = mpf(1)
        else:
            self.p = probabilities(kind, x, multilabel)
        planes = target["shape"] == self.shape
        self.live = [i for i in range(x.count) if planes or target["data"][i] != ignore]
        self.t = [mpf(0)] * size(self.shape)
        for i in self.live:
            for c in range(C):
                k = x.index(i, c)
                truth = c + 1 if C == 1 else c
                self.t[k] = mpf(target["data"][k]) if planes else mpf(target["data"][i] == truth)
        self.squared = squared
        groups = range(self.shape[0] if per_sample else 1)
        self.groups = [[i for i in self.live if not per_sample or i // x.inner == n] for n in groups]

    def sums(self, mine, c):
        ks = [self.x.index(i, c) for i in mine]
        power = 2 if self.squared else 1
        return (mpmath.fsum(self.p[k] * self.t[k] for k in ks), mpmath.fsum(self.p[k]**power for k in ks),
                mpmath.fsum(self.t[k]**power for k in ks))

    def slopes(self, mine, c, by_i, by_p, out_slopes):
        for i in mine:
            k = self.x.index(i, c)
            out_slopes[k] = by_i * self.t[k] + by_p * (2 * self.p[k] if self.squared else 1)

    def by_logits(self, slope):
        """Slopes by p become those by the logits."""
        if self.kind != "logits":
            return slope
        for i in self.live:
            ks = [self.x.index(i, c) for c in range(self.C)]
            dot = mpmath.fsum(slope[k] * self.p[k] for k in ks)
            for k in ks:
                alone = self.C == 1 or self.multilabel
                slope[k] = self.p[k] * (slope[k] * (1 - self.p[k]) if alone else slope[k] - dot)
        return slope


def score(op, r, weight, smooth, background, more):
    """Losses by group (each a list by class, or one), their weights, and slopes by p."""
    f = {"dice": dice, "iou": iou, "tversky": tversky, "focal_tversky": focal_tversky}.get(op, dice)
    w = [mpf(v) for v in weight["data"]] if weight else [mpf(1)] * r.C
    first = 0 if background else 1
    slope, losses, weights = [mpf(0)] * size(r.shape), [], []
    for mine in r.groups:
        sums = [r.sums(mine, c) for c in range(r.C)]
        if op == "generalized_dice":
            L, by_i, by_p = generalized(sums, w, first, smooth, more.get("weighting", "square"))
            losses.append([L])
            weights.append([mpf(1)])
        else:
            parts = [f(*s, smooth, **more) for s in sums]
            own = [mpf(0) if c < first else w[c] for c in range(r.C)]
            losses.append([v[0] for v in parts])
            weights.append(own)
            by_i = [v * p[1] for v, p in zip(own, parts)]
            by_p = [v * p[2] for v, p in zip(own, parts)]
        for c in range(r.C):
            r.slopes(mine, c, by_i[c], by_p[c], slope)
    return losses, weights, r.by_logits(slope)


def classes_of(op, r, smooth, more):
    f = {"iou": iou, "tversky": tversky, "focal_tversky": focal_tversky}.get(op, dice)
    table = []
    for c in range(r.C):
        I, P, T = r.sums(r.live, c)
        each = [f(*r.sums(mine, c), smooth, **more)[0] for mine in r.groups]
        table.append({"class": c, "value": number(mpmath.fsum(each) / len(each)), "intersection": number(I),
                      "pred_sum": number(P), "target_sum": number(T), "status": presence(P, T)})
    return table


def region_case(op, name, kind, pred, target, C, weight=None, smooth=None, background=True, squared=False,
                per_sample=False, ignore=None, multilabel=False, reduction="mean", **more):
    r = Regions(kind, pred, target, C, squared, per_sample, ignore, multilabel)
    s = mpf(1e-5 if smooth is None else smooth)
    losses, weights, slope = score(op, r, weight, s, background, more)
    terms = [v * w for row, own in zip(losses, weights) for v, w in zip(row, own)]
    total, weight_sum = mpmath.fsum(terms), mpmath.fsum(v for own in weights for v in own)
    expect = {"status": "ok", "value": number({"mean": total / weight_sum, "sum": total, "none": None}[reduction]),
              "sum": number(total), "weight_sum": number(weight_sum), "reduction": reduction,
              "count": len(r.live), "ignored": r.x.count - len(r.live), "classes": classes_of(op, r, s, more)}
    if reduction == "none":
        rows = [len(r.groups)] if per_sample else []
        expect["loss"] = out(rows + ([C] if op != "generalized_dice" else []), terms)
    params = {"input_kind": kind, "reduction": reduction, **more}
    if kind != "labels":
        factor = 1 / weight_sum if reduction == "mean" else mpf(1)
        params["grad"] = True
        expect["grad"] = {"pred": {"dtype": pred["dtype"], **out(r.shape, [g * factor for g in slope])}}
    for key, given, value in (("num_classes", kind == "labels", C), ("smooth", smooth is not None, smooth),
                              ("include_background", not background, False), ("squared", squared, True),
                              ("per_sample", per_sample, True), ("multilabel", multilabel, True),
                              ("ignore_index", ignore is not None, ignore)):
        if given:
            params[key] = value
    inputs = {"pred": pred, "target": target, **({"weight": weight} if weight else {})}
    case(f"losses/{op}", name, inputs, params, expect, *tolerance(pred["dtype"]))


def regions(op, **more):
    rng = random.Random(op)
    shape, places = [2, 3, 3, 4], [2, 3, 4]
    weight = tensor("float64", [3], [1, 0.5, 4])

    def probs(dtype="float64"):
        return tensor(dtype, shape, [rng.random() for _ in range(size(shape))])

    def logits(dtype="float64"):
        return floats(rng, dtype, shape, 1.5)

    def y(*extra):
        return labels(rng, "uint8", places, [0, 1, 2, *extra])

    region_case(op, "probs", "probs", probs(), y(), 3)
    region_case(op, "logits-weight-sum", "logits", logits(), y(), 3, weight=weight, reduction="sum", **more)
    region_case(op, "none", "probs", probs(), y(), 3, weight=weight, reduction="none")
    region_case(op, "per-sample-none", "logits", logits(), y(9), 3, per_sample=True, reduction="none", ignore=9)
    region_case(op, "per-sample-no-background", "probs", probs(), y(), 3, per_sample=True, background=False,
                weight=weight)
    region_case(op, "squared-ignore", "logits", logits(), y(9, 9), 3, squared=True, ignore=9, smooth=1)
    region_case(op, "smooth-0-float32", "probs", probs("float32"), y(), 3, smooth=0, **more)
    region_case(op, "bfloat16", "logits", logits("bfloat16"), y(), 3)
    region_case(op, "absent", "probs", probs(), labels(rng, "int64", places, [0, 2]), 3, **more)
    region_case(op, "labels", "labels", labels(rng, "uint8", places, [0, 1]), labels(rng, "uint8", places, [0, 2, 9]),
                4, ignore=9)
    soft = tensor("float16", shape, [rng.random() for _ in range(size(shape))])
    region_case(op, "soft-multilabel", "logits", logits("float16"), soft, 3, multilabel=True)
    region_case(op, "one-class", "logits", floats(rng, "float64", [2, 1, 9]), labels(rng, "bool", [2, 9], [0, 1]), 1)


# ---- functions of sums over the batch ----

def xlogy(t, p):
    return t * mpmath.log(p) if t else mpf(0)


def weighted_cross_entropy(p, t):
    n, total = len(p), mpmath.fsum(p)
    w = (n - total) / total
    terms = [-(w * xlogy(b, a) + xlogy(1 - b, 1 - a)) for a, b in zip(p, t)]
    return terms, [-(w * b / a - (1 - b) / (1 - a)) / n for a, b in zip(p, t)]


def sensitivity_specificity(p, t, lam=0.05, eps=1e-8):
    T, U = mpmath.fsum(t) + mpf(eps), mpmath.fsum(1 - b for b in t) + mpf(eps)
    lam = mpf(lam)
    share = [lam * b / T + (1 - lam) * (1 - b) / U for b in t]
    return (mpmath.fsum((b - a)**2 * s for a, b, s in zip(p, t, share)),
            [2 * (a - b) * s for a, b, s in zip(p, t, share)])


def two_class_dice(p, t, eps=1e-8):
    e = mpf(eps)
    A, B = mpmath.fsum(a * b for a, b in zip(p, t)) + e, mpmath.fsum(p) + mpmath.fsum(t) + e
    D = mpmath.fsum((1 - a) * (1 - b) for a, b in zip(p, t)) + e
    E = mpmath.fsum(2 - a - b for a, b in zip(p, t)) + e
    return 1 - A / B - D / E, [-(b * B - A) / B**2 + ((1 - b) * E - D) / E**2 for b in t]


def sums_case(op, name, pred, target, reduction="mean", **params):
    p, t, n = real(pred), real(target), len(pred["data"])
    if op == "weighted_cross_entropy":
        terms, slope = weighted_cross_entropy(p, t)
        total, weight = mpmath.fsum(terms), mpf(n)
        loss = out(pred["shape"], terms)
    else:
        named = {"lam" if key == "lambda" else key: v for key, v in params.items()}
        total, slope = {"two_class_dice": two_class_dice,
                        "sensitivity_specificity": sensitivity_specificity}[op](p, t, **named)
        weight, loss = mpf(1), out([], [total])
    factor = mpf(1) if reduction == "mean" else weight
    expect = {"status": "ok", "value": number({"mean": total / weight, "sum": total, "none": None}[reduction]),
              "sum": number(total), "weight_sum": number(weight), "count": n,
              "grad": {"pred": {"dtype": pred["dtype"], **out(pred["shape"], [g * factor for g in slope])}}}
    if reduction == "none":
        expect["loss"] = loss
    case(f"losses/{op}", name, {"pred": pred, "target": target}, {"reduction": reduction, "grad": True, **params},
         expect, *tolerance(pred["dtype"]))


def sums(op, **more):
    rng = random.Random(op)

    def probs(dtype, shape):
        return tensor(dtype, shape, [rng.uniform(0.02, 0.98) for _ in range(size(shape))])

    for dtype, reduction in (("float64", "mean"), ("float32", "sum"), ("bfloat16", "none")):
        sums_case(op, f"{dtype}-{reduction}", probs(dtype, [2, 3, 5]), labels(rng, "uint8", [2, 3, 5], [0, 1]),
                  reduction)
    sums_case(op, "soft", probs("float64", [17]), probs("float32", [17]), **more)
    sums_case(op, "none-scalar", probs("float64", []), labels(rng, "bool", [], [1]), "none")
    sums_case(op, "no-foreground", probs("float16", [9]), tensor("int64", [9], [0] * 9))


# ---- Lovasz ----

def lovasz(errors, truth):
    """The loss, and the growth of the Jaccard loss at each place."""
    order = sorted(range(len(errors)), key=lambda i: (-errors[i], i))
    total, before, hit, other = sum(truth), mpf(0), 0, 0
    growth = [mpf(0)] * len(errors)
    for i in order:
        hit += truth[i]
        other += 1 - truth[i]
        now = 1 - mpf(total - hit) / (total + other)
        growth[i], before = now - before, now
    return mpmath.fsum(max(e, 0) * g for e, g in zip(errors, growth)), growth


def lovasz_softmax_case(name, pred, target, kind="probs", classes="present", per_sample=False, ignore=None,
                        reduction="mean"):
    C = pred["shape"][1]
    r = Regions(kind, pred, target, C, per_sample=per_sample, ignore=ignore)
    slope, losses, by_class = [mpf(0)] * size(r.shape), [], [[] for _ in range(C)]
    mines = [mine for mine in r.groups if mine]
    for mine in mines:
        scored = []
        for c in range(C):
            ks = [r.x.index(i, c) for i in mine]
            truth = [int(r.t[k]) for k in ks]
            if classes == "present" and not any(truth):
                continue
            L, growth = lovasz([abs(t - r.p[k]) for t, k in zip(truth, ks)], truth)
            scored.append((L, ks, growth))
            by_class[c].append(L)
        losses.append(mpmath.fsum(s[0] for s in scored) / max(1, len(scored)))
        for _, ks, growth in scored:
            for k, g in zip(ks, growth):
                slope[k] = mpmath.sign(r.p[k] - r.t[k]) * g / len(scored)
    slope = r.by_logits(slope)
    n = len(mines)
    total = mpmath.fsum(losses)
    factor = mpf(1) / n if reduction == "mean" else mpf(1)
    table = []
    for c in range(C):
        I, P, T = r.sums(r.live, c)
        value = mpmath.fsum(by_class[c]) / len(by_class[c]) if by_class[c] else None
        table.append({"class": c, "value": number(value), "intersection": number(I), "pred_sum": number(P),
                      "target_sum": number(T), "status": presence(P, T)})
    expect = {"status": "ok", "value": number({"mean": total / n, "sum": total, "none": None}[reduction]),
              "sum": number(total), "weight_sum": n, "count": len(r.live), "classes": table,
              "grad": {"pred": {"dtype": pred["dtype"], **out(r.shape, [g * factor for g in slope])}}}
    params = {"input_kind": kind, "classes": classes, "per_sample": per_sample, "reduction": reduction, "grad": True}
    if ignore is not None:
        params["ignore_index"] = ignore
    if reduction == "none":
        expect["loss"] = out([n] if per_sample else [], losses)
    case("losses/lovasz_softmax", name, {"pred": pred, "target": target}, params, expect, *tolerance(pred["dtype"]))


def lovasz_hinge_case(name, pred, target, per_sample=True, ignore=None, reduction="mean"):
    x, y, n = real(pred), target["data"], pred["shape"][0]
    inner = len(x) // n
    live = [i for i in range(len(x)) if y[i] != ignore]
    groups = [[i for i in live if i // inner == k] for k in range(n)] if per_sample else [live]
    slope, losses = [mpf(0)] * len(x), []
    for mine in [g for g in groups if g]:
        errors = [1 - x[i] * (2 * int(y[i]) - 1) for i in mine]
        L, growth = lovasz(errors, [int(y[i]) for i in mine])
        losses.append(L)
        for i, e, g in zip(mine, errors, growth):
            slope[i] = -(2 * int(y[i]) - 1) * g if e > 0 else mpf(0)
    total, count = mpmath.fsum(losses), len(losses)
    factor = mpf(1) / count if reduction == "mean" else mpf(1)
    expect = {"status": "ok", "value": number({"mean": total / count, "sum": total, "none": None}[reduction]),
              "sum": number(total), "weight_sum": count, "count": len(live), "ignored": len(x) - len(live),
              "grad": {"pred": {"dtype": pred["dtype"], **out(pred["shape"], [g * factor for g in slope])}}}
    if reduction == "none":
        expect["loss"] = out([n] if per_sample else [], losses)
    params = {"per_sample": per_sample, "reduction": reduction, "grad": True}
    if ignore is not None:
        params["ignore_index"] = ignore
    case("losses/lovasz_hinge", name, {"pred": pred, "target": target}, params, expect, *tolerance(pred["dtype"]))


def lovaszes():
    rng = random.Random("lovasz")
    shape, places = [2, 3, 3, 4], [2, 3, 4]

    def probs(dtype="float64", s=shape):
        return tensor(dtype, s, [rng.random() for _ in range(size(s))])

    def y(*choices):
        return labels(rng, "uint8", places, choices)

    lovasz_softmax_case("probs", probs(), y(0, 1, 2))
    lovasz_softmax_case("logits-sum", floats(rng, "float64", shape, 1.5), y(0, 1, 2), "logits", reduction="sum")
    lovasz_softmax_case("absent", probs("float32"), y(0, 2))
    lovasz_softmax_case("absent-all", probs("float32"), y(0, 2), classes="all")
    lovasz_softmax_case("per-sample-ignore", floats(rng, "float32", shape, 1.5), y(0, 1, 2, 255), "logits",
                        per_sample=True, ignore=255)
    lovasz_softmax_case("none", probs("bfloat16"), y(0, 1, 2), per_sample=True, reduction="none")
    lovasz_softmax_case("ties", tensor("float64", [1, 2, 6], [0.5, 0.5, 0.25, 1, 0, 0.5] * 2),
                        tensor("int64", [1, 6], [0, 1, 1, 0, 1, 1]))
    lovasz_softmax_case("one-class", floats(rng, "float64", [2, 1, 7], 1.5), labels(rng, "bool", [2, 7], [0, 1]),
                        "logits")
    lovasz_softmax_case("rows", probs("float16", [9, 4]), labels(rng, "int32", [9], range(4)), reduction="none")

    for dtype, per_sample, reduction in (("float64", True, "mean"), ("float32", False, "sum"),
                                         ("float16", True, "none"), ("float64", False, "none")):
        word = "per-sample" if per_sample else "pooled"
        lovasz_hinge_case(f"{dtype}-{word}-{reduction}", floats(rng, dtype, [3, 8], 1.5),
                          labels(rng, "uint8", [3, 8], [0, 1]), per_sample, reduction=reduction)
    lovasz_hinge_case("ignore", floats(rng, "bfloat16", [2, 9], 1.5), labels(rng, "int16", [2, 9], [0, 1, -1]),
                      ignore=-1)
    lovasz_hinge_case("no-foreground", floats(rng, "float64", [1, 6]), tensor("bool", [1, 6], [False] * 6))
    lovasz_hinge_case("ties", tensor("float64", [1, 5], [0, 0, 1, 1, -2]), tensor("int64", [1, 5], [1, 0, 1, 0, 1]))


# ---- Dice with another loss ----

def log_softmax(row):
    top = max(row)
    lse = top + mpmath.log(mpmath.fsum(mpmath.exp(v - top) for v in row))
    return [v - lse for v in row]


def position_losses(r, target, w, gamma, focal):
    """(-w log p) or focal's, of each counted position with its weight, and slopes by the logits."""
    terms, weights, slope = [], [], [mpf(0)] * size(r.shape)
    for i in r.live:
        y = target["data"][i]
        logp = log_softmax(r.x.at(i))
        p = mpmath.exp(logp[y])
        factor = (1 - p)**gamma if focal else mpf(1)
        outer = gamma * p * (1 - p)**(gamma - 1) * logp[y] - factor if focal else mpf(-1)
        terms.append(-w[y] * factor * logp[y])
        weights.append(mpf(1) if focal else w[y])
        for c in range(r.C):
            slope[r.x.index(i, c)] = w[y] * outer * ((c == y) - mpmath.exp(logp[c]))
    return terms, weights, slope


def composite_case(op, name, pred, target, weight=None, reduction="mean", ignore=None, smooth=None,
                   per_sample=False, background=True, squared=False, **more):
    C, focal = pred["shape"][1], op == "dice_focal"
    r = Regions("logits", pred, target, C, squared, per_sample, ignore)
    s = mpf(1e-5 if smooth is None else smooth)
    losses, weights, slope = score("dice", r, weight, s, background, {})
    total = mpmath.fsum(v * w for row, own in zip(losses, weights) for v, w in zip(row, own))
    divisor = mpmath.fsum(v for own in weights for v in own)
    w = real(weight) if weight else [mpf(1)] * C
    terms, shares, other = position_losses(r, target, w, mpf(more.get("gamma", 2)), focal)
    d = divisor if reduction == "mean" else mpf(1)
    q = mpmath.fsum(shares) if reduction == "mean" else mpf(1)
    first, second = total / d, mpmath.fsum(terms) / q
    ld, lo = mpf(more.get("lambda_dice", 1)), mpf(more.get("lambda_focal" if focal else "lambda_ce", 1))
    value = ld * first + lo * second
    expect = {"status": "ok", "value": number(value), "sum": number(value), "weight_sum": 1, "count": len(r.live),
              "reduction": reduction, "dice": {"value": number(first), "sum": number(total)},
              "focal" if focal else "cross_entropy": {"value": number(second), "sum": number(mpmath.fsum(terms)),
                                                      "weight_sum": number(mpmath.fsum(shares))},
              "classes": classes_of("dice", r, s, {}),
              "grad": {"pred": {"dtype": pred["dtype"],
                                **out(r.shape, [ld * a / d + lo * b / q for a, b in zip(slope, other)])}}}
    params = {"reduction": reduction, "grad": True, **more}
    for key, given, value in (("ignore_index", ignore is not None, ignore), ("smooth", smooth is not None, smooth),
                              ("per_sample", per_sample, True), ("include_background", not background, False),
                              ("squared", squared, True)):
        if given:
            params[key] = value
    inputs = {"pred": pred, "target": target, **({"weight": weight} if weight else {})}
    case(f"losses/{op}", name, inputs, params, expect, *tolerance(pred["dtype"]))


def composites(op, second):
    rng = random.Random(op)
    shape, places = [2, 3, 3, 4], [2, 3, 4]
    weight = tensor("float64", [3], [1, 0.5, 4])

    def y(*extra):
        return labels(rng, "uint8", places, [0, 1, 2, *extra])

    composite_case(op, "plain", floats(rng, "float64", shape), y())
    composite_case(op, "weight-ignore-sum", floats(rng, "float64", shape), y(9), weight, "sum", 9)
    composite_case(op, "lambdas", floats(rng, "float32", shape), y(), weight, lambda_dice=0.25, **{second: 2})
    composite_case(op, "only-dice", floats(rng, "float64", shape), y(), smooth=0, **{second: 0})
    composite_case(op, "per-sample-bfloat16", floats(rng, "bfloat16", shape), y(9), None, "mean", 9,
                   per_sample=True, background=False)
    composite_case(op, "squared-rows", floats(rng, "float64", [7, 4]), labels(rng, "int64", [7], range(4)),
                   squared=True)


def cases():
    regions("iou")
    regions("tversky", alpha=0.25, beta=0.75)
    regions("focal_tversky", alpha=0.25, beta=0.75, gamma=2)
    regions("generalized_dice", weighting="simple")
    sums("weighted_cross_entropy")
    sums("sensitivity_specificity", **{"lambda": 0.25, "eps": 0.5})
    sums("two_class_dice", eps=1)
    lovaszes()
    composites("dice_cross_entropy", "lambda_ce")
    composites("dice_focal", "lambda_focal")
