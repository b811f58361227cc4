"""Bad input to every row: a reason that points to it, or a result that says so; never a failure."""
import zlib

import numpy as np

from catalogue import SHAPES, Line, Sample, draw, operations, taken, title
from server import Case

WRONG = {"0 to 1": (1.5, -0.25), "-1 or 1": (0.5, 3), "0 or 1": (2, 0.5), "0 or more": (-1, -0.5)}
ODD = [np.nan, np.inf, -np.inf]
CLIENT = range(400, 500)


def plain(op):
    """The row with its required parameters alone, and `grad` where there is one."""
    params = [dict(p, required=True, values=[True]) if p["name"] == "grad" else p for p in op["params"]]
    return dict(op, params=[p for p in params if p["required"]])


class Hostile(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = Line(cls.server)
        cls.all = operations(cls.server)
        cls.known = {}

    @classmethod
    def tearDownClass(cls):
        cls.line.close()
        super().tearDownClass()

    def sample(self, op, wish=None, shapes=SHAPES):
        """One that is taken, of floating or else of whole numbers; the same for the same wish."""
        key = (title(op), wish, shapes[0])
        if key not in self.known:
            self.known[key] = self.find(op, wish or (lambda sample, reply: True), shapes)
        return self.known[key]

    def find(self, op, wish, shapes):
        rng = np.random.default_rng(zlib.crc32(title(op).encode()))
        for first in ("float64", "int64"):
            found = taken(rng, self.line, plain(op), wish, 60, optional=1, first=first, shapes=shapes)
            if found is not None:
                return Sample(op, found[0].inputs, found[0].form, found[0].params)
        return None

    def each(self, check, **how):
        """check(op, sample) of every row that has such a sample."""
        count = 0
        for op in self.all:
            sample = self.sample(op, **how)
            if sample is None:
                continue
            count += 1
            with self.subTest(op=title(op), params=sample.params):
                check(op, sample)
        self.assertGreater(count, 0)

    def refused(self, sample, statuses, inputs=None, **params):
        status, reply = sample.ask(self.line, inputs, **params)
        self.assertIn(status, statuses, reply)
        self.assertTrue(reply["detail"])
        return reply

    def told(self, sample, name, bad, value, index, count):
        """422 that names the input, the value, the first index and the count."""
        reply = self.refused(sample, (422,), {name: bad})
        error = reply["errors"][0]
        self.assertEqual({k: error.get(k) for k in ("pointer", "value", "index", "count")},
                         {"pointer": f"#/{name}", "value": value, "index": index, "count": count})

    # ---- values ----

    def test_values_that_an_input_may_not_have(self):
        def check(op, sample):
            for info in op["inputs"]:
                name = info["name"]
                if info["values"] is None or name not in sample.inputs:
                    continue
                bad = sample.inputs[name].astype(np.float64)
                first, second = WRONG[info["values"]]
                if "float64" not in info["dtypes"]:
                    bad, first, second = sample.inputs[name].copy(), 2, 7
                bad.reshape(-1)[[1, 2]] = first, second
                self.told(sample, name, bad, first, 1, 2)

        self.each(check, wish=lambda s, r: all(a.size > 3 for a in s.inputs.values() if a.ndim > 0))

    def test_class_indices_out_of_range(self):
        def has_indices(sample, reply):
            name = sample.indices()
            return name is not None and sample.inputs[name].size > 3
        def check(op, sample):
            name = sample.indices()
            bad = sample.inputs[name].copy()
            bad.reshape(-1)[[1, 3]] = 1000, -7
            reply = self.refused(sample, (422,), {name: bad})
            error = reply["errors"][0]
            self.assertEqual((error["pointer"], error["value"], error["index"], error["count"]),
                             (f"#/{name}", 1000, 1, 2))

        self.each(check, wish=has_indices)

    def is_read(self, sample, name, at):
        """Does the value change with this element? A loss may look at the target's class alone."""
        for probes in ((-50, 50), (0.1, 0.9)):
            replies = []
            for probe in probes:
                array = sample.inputs[name].copy()
                array.reshape(-1)[at] = probe
                replies.append(sample.ask(self.line, {name: array}))
            if all(status == 200 for status, _ in replies):
                return len({str(reply.get("value", probe)) for _, reply in replies}) > 1
        return True

    def test_nan_and_infinity(self):
        """They show in the status, or are refused where they are no value of the input."""
        def check(op, sample):
            for name, array in sample.inputs.items():
                for odd in ODD if array.dtype.kind == "f" and array.size > 0 else []:
                    bad = array.copy()
                    bad.reshape(-1)[-1] = odd
                    status, reply = sample.ask(self.line, {name: bad})
                    self.assertIn(status, (200, 422), reply)
                    if status == 422 or not np.isnan(odd) or not self.is_read(sample, name, -1):
                        continue
                    shown = [w["code"] for w in reply["warnings"]] + [reply["status"]]
                    self.assertIn("nonfinite", shown, f"{name}: {str(reply)[:300]}")

        self.each(check)

    # ---- nothing to count ----

    def test_empty(self):
        for op in self.all:
            sample = self.sample(op, shapes=[(0, 4), (0, 4, 2), (0,), (0, 3, 2, 2)])
            with self.subTest(op=title(op)):
                self.assertIsNotNone(sample, "no empty batch is taken")
                status, reply = sample.ask(self.line, nonfinite="null")
                self.assertEqual(status, 200)
                if op["family"] != "metrics":
                    self.assertEqual(reply["status"], "empty")
                    self.assertIsNone(reply.get("value"))
                for part in reply.get("grad", {}).values():
                    self.assertEqual(len(part["data"]), int(np.prod(part["shape"])))

    def test_all_ignored(self):
        def check(op, sample):
            ignore = [p for p in op["params"] if p["name"] == "ignore_index"]
            if not ignore or op["family"] == "metrics":
                return
            name = sample.indices()
            status, reply = sample.ask(self.line, {name: np.full_like(sample.inputs[name], 77)},
                                       ignore_index=77, nonfinite="null")
            self.assertEqual(status, 200, reply)
            self.assertEqual((reply["status"], reply["value"]), ("all_ignored", None))
            for part in reply["grad"].values():
                self.assertFalse(np.any(part["data"]))

        self.each(check, wish=lambda s, r: s.indices() is not None)

    # ---- shapes and dtypes ----

    def test_shapes_that_do_not_fit(self):
        def check(op, sample):
            for info in op["inputs"][1:]:
                name = info["name"]
                if name not in sample.inputs:
                    continue
                array = sample.inputs[name]
                bad = np.resize(array, (11,) + array.shape) if array.ndim > 1 else np.resize(array, 11)
                reply = self.refused(sample, (422,), {name: bad})
                self.assertTrue(reply["errors"], reply)

        self.each(check)

    def test_shapes_of_every_rank(self):
        """C = 1, rank 0, no classes, rank 8: a result or a reason."""
        for op in self.all:
            rng = np.random.default_rng(3)
            for shape in [(), (1,), (1, 1), (2, 1, 3), (3, 0), (2, 0, 2), (1,) * 8, (2, 0)]:
                for kind in ("float64", "int64"):
                    sample = draw(rng, op, first=kind, shapes=[shape])
                    status, reply = sample.ask(self.line)
                    with self.subTest(op=title(op), shape=shape, params=sample.params):
                        self.assertIn(status, (200, *CLIENT), reply)

    def test_dtypes_that_are_not_listed(self):
        every = {d for op in self.all for i in op["inputs"] for d in i["dtypes"]}
        def check(op, sample):
            for info in op["inputs"]:
                if info["name"] not in sample.inputs:
                    continue
                for dtype in sorted(every - set(info["dtypes"]) - {"bfloat16"}):
                    bad = np.zeros(sample.inputs[info["name"]].shape, dtype)
                    reply = self.refused(sample, (422,), {info["name"]: bad})
                    self.assertEqual(reply["errors"][0]["pointer"], f"#/{info['name']}")

        self.each(check)

    # ---- names ----

    def test_inputs_that_are_missing_or_unknown(self):
        def check(op, sample):
            self.refused(sample, (400,), {"no_such_input": np.zeros(2)})
            for info in op["inputs"]:
                left = {n: a for n, a in sample.inputs.items() if n != info["name"]}
                status, reply = self.line.ask(op, left, sample.params)
                self.assertIn(status, (400,) if info["required"] else (200, 400, 422), reply)

        self.each(check)

    # ---- parameters ----

    def test_parameters_just_outside_their_bounds(self):
        def check(op, sample):
            for param in op["params"]:
                whole = param["type"].startswith("integer")
                if not whole and not param["type"].startswith("number"):
                    continue
                for bound, side, edge in ((param["min"], -1, "exclusive_min"), (param["max"], 1, "exclusive_max")):
                    if bound is None:
                        continue
                    value = bound + side if whole else float(np.nextafter(bound, side * np.inf))
                    self.out_of_bounds(sample, param, bound if param[edge] else value)
                if param["nonzero"]:
                    self.out_of_bounds(sample, param, 0)

        self.each(check)

    def out_of_bounds(self, sample, param, value):
        reply = self.refused(sample, (422,), **{param["name"]: value})
        self.assertEqual(reply["type"], "urn:scored:problem:parameter-out-of-bounds", reply)
        self.assertEqual(reply["errors"][0]["pointer"], f"#/params/{param['name']}")

    def test_lists_that_are_too_long(self):
        def check(op, sample):
            for param in op["params"]:
                if param["max_items"] is not None:
                    one = max(param["min"], 1)
                    self.out_of_bounds(sample, param, [one] * (param["max_items"] + 1))

        self.each(check)

    def test_bounds_are_told_to_the_last_value(self):
        """The first and the last value that the catalogue allows are not out of bounds; what else may be wrong with
        them (a dimension that x has not, memory) has another reason."""
        def check(op, sample):
            for param in op["params"]:
                whole = param["type"].startswith("integer")
                if not whole and not param["type"].startswith("number"):
                    continue
                for bound, side, edge in ((param["min"], 1, "exclusive_min"), (param["max"], -1, "exclusive_max")):
                    if bound is None:
                        continue
                    value = float(np.nextafter(bound, side * np.inf)) if param[edge] else bound
                    status, reply = sample.ask(self.line, **{param["name"]: value})
                    told = f"parameter '{param['name']}' is"
                    self.assertFalse(status == 422 and reply["detail"].startswith(told), f"{value}: {reply}")

        self.each(check)

    def test_parameters_of_another_type(self):
        def check(op, sample):
            for param in op["params"]:
                for value in ("no such word", {"a": 1}, [[1]], None):
                    if param["type"] == "string[]" and isinstance(value, str):
                        continue
                    self.refused(sample, (400,), **{param["name"]: value})
            self.refused(sample, (400,), no_such_parameter=1)

        self.each(check)

    def test_parameters_that_are_huge(self):
        """Numbers at their bounds: a result or a reason."""
        def check(op, sample):
            for param in op["params"]:
                for bound in (param["min"], param["max"]):
                    if bound is not None and not param["exclusive_min"]:
                        status, reply = sample.ask(self.line, **{param["name"]: bound})
                        self.assertIn(status, (200, *CLIENT), f"{param['name']}={bound}: {reply}")

        self.each(check)
