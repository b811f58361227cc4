"""Every golden case over HTTP: as JSON, and again as NPY parts, which must give the same bytes."""
import glob
import json
import os
import struct

import numpy as np

from bodies import multipart, npy
from server import ROOT, Case

FOLDERS = ["tests/golden", "../shared/golden"]


def as_stored(value, dtype):
    """A printed number of a narrow dtype stands for the nearest value of that dtype."""
    if value is None or dtype not in ("float16", "float32", "bfloat16"):
        return value
    if dtype == "bfloat16":
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        return struct.unpack("<f", struct.pack("<I", (bits + 0x8000) & 0xFFFF0000))[0]
    return float(np.dtype(dtype).type(value))


def differences(got, want, tolerance, path=""):
    """Objects match on the keys given, lists element by element, null equals null."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return [f"{path}: {got!r} where an object was expected"]
        if isinstance(got.get("data"), list):
            got = {**got, "data": [as_stored(v, got.get("dtype")) for v in got["data"]]}
        return [line for key, value in want.items()
                for line in differences(got.get(key, "(absent)"), value, tolerance, f"{path}/{key}")]
    if isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            return [f"{path}: {str(got)[:80]} where {len(want)} elements were expected"]
        return [line for i, value in enumerate(want)
                for line in differences(got[i], value, tolerance, f"{path}/{i}")]
    if isinstance(want, bool) or isinstance(got, bool) or not isinstance(want, (int, float)):
        return [] if got == want else [f"{path}: {got!r}, expected {want!r}"]
    if not isinstance(got, (int, float)):
        return [f"{path}: {got!r}, expected {want!r}"]
    allowed = tolerance["abs"] + tolerance["rel"] * abs(want)
    return [] if abs(got - want) <= allowed else [f"{path}: {got!r}, expected {want!r} within {allowed:g}"]


def as_array(value):
    """A JSON tensor as a NumPy array; None where NumPy has no such dtype."""
    if not isinstance(value, dict):
        return np.array(value)
    if value["dtype"] == "bfloat16":
        return None
    return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])


class Golden(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.params = {f"{o['family']}/{o['name']}": {p["name"] for p in o["params"]}
                      for o in cls.server.get("/v1/operations").json()["operations"]}

    def run_case(self, file):
        with open(file, encoding="utf-8") as f:
            case = json.load(f)
        if case["op"] not in self.params:
            self.skipTest(f"{case['op']} is not served yet")
        missing = set(case.get("params", {})) - self.params[case["op"]]
        if missing:
            self.skipTest(f"{case['op']} has no parameter {', '.join(sorted(missing))} yet")
        params = case.get("params", {})
        reply = self.server.post(f"/v1/{case['op']}", {**case["inputs"], "params": params})
        wrong = differences(self.ok(reply), case["expect"], case["tolerance"])
        self.assertFalse(wrong, "\n" + "\n".join(wrong[:12]))
        arrays = {name: as_array(value) for name, value in case["inputs"].items()}
        if all(a is not None for a in arrays.values()):
            body, headers = multipart(*((name, npy(a)) for name, a in arrays.items()))
            again = self.server.post(f"/v1/{case['op']}", body, headers, **params)
            self.assertEqual(again.body, reply.body, "NPY parts give another reply than JSON")


def add_cases():
    for folder in FOLDERS:
        for file in sorted(glob.glob(os.path.join(ROOT, folder, "*.json"))):
            name = os.path.basename(file)[:-5]
            where = "" if folder.startswith("tests") else "shared_"
            setattr(Golden, f"test_{where}{name}", lambda self, file=file: self.run_case(file))


add_cases()
