"""Every dtype of every input of every row: the result is that of the same values in float64."""
import zlib

import numpy as np

from catalogue import FLOATS, Line, operations, taken, tensor, title
from server import Case

SAMPLES = 4


def rounded(values, dtype):
    """float64 values rounded once to the dtype, as float64."""
    values = np.asarray(values, np.float64)
    if dtype != "bfloat16":
        with np.errstate(over="ignore"):
            return values.astype(dtype).astype(np.float64)
    exponent = np.maximum(np.frexp(values)[1] - 8, -133)
    return np.ldexp(np.round(np.ldexp(values, -exponent)), exponent)


def is_tensor(value):
    return isinstance(value, dict) and set(value) == {"dtype", "shape", "data"}


def differences(got, want, dtype, path=""):
    """Members must be equal, and tensors be those of float64, rounded once to `dtype`."""
    if is_tensor(want):
        if got["dtype"] != dtype or got["shape"] != want["shape"]:
            return [f"{path}: {got['dtype']} {got['shape']} where {dtype} {want['shape']} is due"]
        same = np.array_equal(rounded(got["data"], dtype), rounded(want["data"], dtype), equal_nan=True)
        return [] if same else [f"{path}: {got['data'][:6]}..., due {want['data'][:6]}..."]
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            return [f"{path}: {got!r} where {want!r} is due"]
        return [line for key in want for line in differences(got[key], want[key], dtype, f"{path}/{key}")]
    same = got == want or (got != got and want != want)
    return [] if same else [f"{path}: {got!r}, due {want!r}"]


def as_dtype(array, dtype):
    """The values in another dtype; None: it has not all of them."""
    if dtype == "bfloat16":
        return tensor(array, dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        other = array.astype(dtype)
    return tensor(other) if np.array_equal(other.astype(np.float64), array) else None


def coarse(sample):
    """Values that every floating dtype has."""
    for name, array in sample.inputs.items():
        if array.dtype.kind == "f":
            sample.inputs[name] = np.round(array * 32) / 32
    return sample


class Dtypes(Case):
    def compare(self, line, sample, reply, info, first):
        """One input in each of its dtypes that has its values and is of the same kind."""
        name, array = info["name"], sample.inputs[info["name"]]
        whole = array.dtype.kind != "f"
        seen = set()
        for dtype in info["dtypes"]:
            other = as_dtype(array, dtype) if (dtype in FLOATS) != whole else None
            if other is None:
                continue
            status, got = sample.ask(line, {name: other})
            out = dtype if first and dtype in FLOATS else self.output
            with self.subTest(op=title(sample.op), input=name, dtype=dtype, params=sample.params):
                self.assertEqual(status, 200, got)
                self.assertEqual(differences(got, reply, out), [])
            seen.add((name, dtype))
        return seen

    def check_op(self, line, op):
        rng = np.random.default_rng(zlib.crc32(title(op).encode()))
        seen = set()
        for number in range(2 * SAMPLES):
            kind = "int64" if number % 4 == 3 else "float64"
            found = taken(rng, line, op, first=kind, optional=0.7, tries=150)
            if found is None:
                continue
            sample = coarse(found[0])
            status, reply = sample.ask(line)
            if status != 200:
                continue
            self.output = "float64"
            for i, info in enumerate(op["inputs"]):
                if info["name"] in sample.inputs:
                    seen |= self.compare(line, sample, reply, info, i == 0)
        first = op["inputs"][0]
        missed = {d for d in first["dtypes"] if (first["name"], d) not in seen}
        self.assertFalse(missed - {"bool"}, f"{title(op)}: dtypes of {first['name']} never taken")

    def test_every_row(self):
        line = Line(self.server)
        for op in operations(self.server):
            with self.subTest(op=title(op)):
                self.check_op(line, op)
        line.close()

    def test_integers_are_values_where_floats_are_taken_too(self):
        """The same numbers as int64 and as float64, where the row takes both, are one batch."""
        line = Line(self.server)
        for op in operations(self.server):
            rng = np.random.default_rng(zlib.crc32(title(op).encode()) + 1)
            found = taken(rng, line, op, first="int64", tries=150)
            if found is None:
                continue
            sample, reply = found
            name = op["inputs"][0]["name"]
            status, got = sample.ask(line, {name: sample.inputs[name].astype(np.float64)})
            with self.subTest(op=title(op), params=sample.params):
                self.assertIn(status, (200, 400, 422))
                if status == 200:
                    self.assertEqual(differences(got, reply, "float64"), [])
        line.close()
