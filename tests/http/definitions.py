"""Label metrics of random masks, ignored labels and parameters against their definitions, in exact fractions."""
from fractions import Fraction

import numpy as np

from catalogue import Line, tensor
from server import Case

CASES = 150
DTYPES = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
ABSENT = {"skip": None, "nan": None, "zero": 0, "one": 1, "minus_one": -1}  # NaN is null


def share(part, whole):
    return Fraction(int(part), int(whole)) if whole else None


def mean(values, weights=None):
    pairs = [(v, w) for v, w in zip(values, weights or [1] * len(values)) if v is not None]
    whole = sum(w for _, w in pairs)
    return sum(v * w for v, w in pairs) / Fraction(whole) if whole else None


class Pairs:
    """What is counted, and what follows from it, class by class."""

    def __init__(self, pred, target, classes, ignore, drop):
        self.n, self.missed, self.ignored = np.zeros((classes, classes), int), np.zeros(classes, int), 0
        for p, t in zip(pred.ravel().tolist(), target.ravel().tolist()):
            if t in ignore or (drop and p in ignore):
                self.ignored += 1
            elif p in ignore:
                self.missed[t] += 1
            else:
                self.n[t, p] += 1
        self.tp, self.predicted = np.diag(self.n), self.n.sum(0)
        self.support = self.n.sum(1) + self.missed
        self.total = int(self.support.sum())

    def ratios(self, word, beta=1):
        b, rows = Fraction(beta) ** 2, []
        for tp, p, t in zip(self.tp.tolist(), self.predicted.tolist(), self.support.tolist()):
            fp, fn, absent = p - tp, t - tp, ABSENT[word] if p + t == 0 else None
            negative = self.total - t
            rows.append({"iou": share(tp, p + fn) if p + t else absent, "dice": share(2 * tp, p + t) if p + t else absent,
                         "precision": share(tp, p) if p else absent, "recall": share(tp, t) if t else absent,
                         "f_beta": (1 + b) * tp / ((1 + b) * tp + b * fn + fp) if p + t else absent,
                         "specificity": share(negative - fp, negative),
                         "tp": tp, "fp": fp, "fn": fn, "tn": negative - fp, "support": t, "predicted": p,
                         "status": ("both_empty", "pred_only", "target_only", "both")[(t > 0) * 2 + (p > 0)]})
        return rows

    def averaged(self, word, ratio):
        """Classes in a mean: those that have the ratio; absent ones where they are 0 or 1."""
        either = self.support + self.predicted
        has = self.support if ratio == "recall" else either
        return [c for c in range(len(has)) if has[c] or (word in ("zero", "one") and either[c] == 0)]

    def means(self, word):
        rows = self.ratios(word)

        def over(name):
            return mean([rows[c][name] for c in self.averaged(word, name)])

        weighted = [share(r["support"], self.total) * r["iou"] for r in rows if r["support"]]
        return {"pixel_accuracy": share(self.tp.sum(), self.total), "mean_accuracy": over("recall"),
                "mean_iou": over("iou"), "mean_dice": over("dice"),
                "frequency_weighted_iou": sum(weighted) if self.total else None}


class Definitions(Case):
    def setUp(self):
        self.line = Line(self.server)
        self.rng = np.random.default_rng(11)

    def tearDown(self):
        self.line.close()

    def pick(self, values):
        return values[self.rng.integers(len(values))]

    def labels(self, values):
        low, high = values.min(initial=0), values.max(initial=0)
        return values.astype(self.pick([d for d in DTYPES if np.iinfo(d).min <= low and high <= np.iinfo(d).max]))

    def draw(self):
        """Two masks, parameters, and what makes Pairs of masks with these."""
        rng, classes = self.rng, self.pick([1, 2, 3, 5, 12, 70])
        shape = tuple(rng.integers(1, 6, rng.integers(0, 4)).tolist())
        target = rng.choice(rng.choice(classes, rng.integers(1, classes + 1)), shape)
        pred = np.where(rng.random(shape) < self.pick([0, 0.5, 1]), target, rng.integers(0, classes, shape))
        params, ignore = {"num_classes": classes}, []
        if rng.random() < 0.6:
            ignore = sorted({int(self.pick([-1, 0, 7, classes, 200])) for _ in range(2)})
            params["ignore_index"] = ignore
            target = np.where(rng.random(shape) < self.pick([0.2, 1]), self.pick(ignore), target)
            pred = np.where(rng.random(shape) < 0.1, self.pick(ignore), pred)
        if rng.random() < 0.4:
            params["pred_ignored"] = "drop"
        drop = "pred_ignored" in params
        return pred, target, params, lambda p, t: Pairs(p, t, classes, ignore, drop)

    def ask(self, name, pred, target, params):
        op = {"family": "metrics", "name": name}
        inputs = {"pred": tensor(self.labels(pred)), "target": tensor(self.labels(target))}
        status, reply = self.line.ask(op, inputs, params)
        self.assertEqual(status, 200, reply)
        return reply

    def same(self, got, want, what):
        if isinstance(want, (int, str)) or want is None or not isinstance(got, float):
            self.assertEqual(None if got != got else got, want, what)
        else:
            self.assertAlmostEqual(got, float(want), delta=1e-14 * max(1, abs(float(want))), msg=what)

    def same_all(self, got, want, what):
        for name, value in want.items():
            self.same(got[name], value, f"{name}: {what}")

    def test_segmentation(self):
        for _ in range(CASES):
            pred, target, params, pairs = self.draw()
            word = self.pick(list(ABSENT))
            what = f"{params} {word} {pred.tolist()} {target.tolist()}"
            reply = self.ask("segmentation", pred, target, {**params, "absent": word, "per_image": True})
            q = pairs(pred, target)
            self.same_all(reply, {**q.means(word), "pixels": q.total, "ignored": q.ignored,
                                  "missed": int(q.missed.sum()), "confusion_matrix": q.n.tolist(),
                                  "classes_averaged": q.averaged(word, "iou")}, what)
            for got, row in zip(reply["classes"], q.ratios(word)):
                row.pop("f_beta")
                self.same_all(got, row, what)
            images = [pairs(p, t) for p, t in zip(pred, target)] if pred.ndim > 2 else [q]
            self.assertEqual(len(reply["per_image"]), len(images), what)
            for got, one in zip(reply["per_image"], images):
                self.same_all(got, {**one.means(word), "pixels": one.total, "ignored": one.ignored}, what)
            for name, got in reply["image_mean"].items():
                values = [v for v in (one.means(word)[name] for one in images) if v is not None]
                self.same_all(got, {"count": len(values), "value": mean(values)}, f"{name} {what}")

    def test_classification(self):
        for _ in range(CASES):
            pred, target, params, pairs = self.draw()
            beta = self.pick([1, 0.5, 2, 10])
            what = f"{params} {beta} {pred.tolist()} {target.tolist()}"
            reply = self.ask("classification", pred, target, {**params, "beta": beta})
            q = pairs(pred, target)
            rows = q.ratios("skip", beta)
            b, tp = Fraction(beta) ** 2, int(q.tp.sum())
            fp, fn = int(q.predicted.sum()) - tp, q.total - tp
            negative = (len(rows) - 1) * q.total
            micro = {"precision": share(tp, tp + fp), "recall": share(tp, q.total),
                     "f_beta": (1 + b) * tp / ((1 + b) * tp + b * fn + fp) if tp + fp + fn else None,
                     "specificity": share(negative - fp, negative)}
            for name, value in micro.items():
                each = [row[name] for row in rows]
                self.same_all(reply[name], {"micro": value, "macro": mean(each),
                                            "weighted": mean(each, q.support.tolist())}, f"{name} {what}")
            self.same_all(reply, {"accuracy": share(tp, q.total), "count": q.total, "ignored": q.ignored,
                                  "balanced_accuracy": mean([row["recall"] for row in rows])}, what)
            for got, row in zip(reply["classes"], rows):
                self.same_all(got, {k: v for k, v in row.items() if k not in ("iou", "dice")}, what)

    def test_shares_of_a_confusion_matrix(self):
        for _ in range(CASES):
            pred, target, params, pairs = self.draw()
            n = pairs(pred, target).n
            wholes = {"target": n.sum(1)[:, None] + 0 * n, "pred": n.sum(0) + 0 * n, "all": n.sum() + 0 * n}
            for word, whole in wholes.items():
                reply = self.ask("confusion_matrix", pred, target, {**params, "normalize": word})
                for got, counts, of in zip(reply["confusion_matrix"], n.tolist(), whole.tolist()):
                    for cell, count, all_of in zip(got, counts, of):
                        self.same(cell, share(count, all_of), f"{word} {params} {pred.tolist()} {target.tolist()}")
