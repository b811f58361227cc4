"""Random inputs for any row of GET /v1/operations that is a loss or a metric."""
import numpy as np

CLASSES = 3
DIMS = (5, 3)  # of each sample, behind its classes
FLOATS = ("f2", "f4", "f8")


def values(random, kind, shape, dtype):
    if kind == "0 to 1":
        return random.uniform(0.01, 0.99, shape).astype(dtype)
    if kind == "0 or more":
        return random.uniform(0.1, 3, shape).astype(dtype)
    if kind in ("-1 or 1", "0 or 1"):
        low, high = map(int, kind.split(" or "))
        return np.where(random.rand(*shape) < 0.5, low, high).astype("i1")
    return random.normal(0, 2, shape).astype(dtype)


def params(op):
    """Those that must be given."""
    known = {"input_kind": "logits", "num_classes": CLASSES, "threshold": 0.5, "value": -1}
    return {p["name"]: known[p["name"]] for p in op["params"] if p["required"]}


def by_class(entry):
    """Does this input have scores for each class in dimension 1?"""
    return entry["required"] and "[N, C, ...]" in entry["shape"].split(";")[0]


def labels(random, op, n):
    out = random.randint(0, CLASSES, (n, *DIMS)).astype("i2")
    ignored = [p["default"] for p in op["params"] if p["name"] == "ignore_index"]
    if ignored and isinstance(ignored[0], int):
        out[random.rand(*out.shape) < 0.1] = ignored[0]
    return out


def inputs(op, random, n):
    """{name: array}, of n samples; what has no samples, as weights, is in the second dictionary."""
    entry = {i["name"]: i for i in op["inputs"]}
    dtype = FLOATS[random.randint(len(FLOATS))]
    shape = (n, 4) if "D" in entry["pred"]["shape"] else (n, *DIMS)
    samples, shared = {}, {}
    for name, i in entry.items():
        kind = i.get("values")
        if i["shape"].startswith("[N] or []"):
            samples[name] = values(random, kind, (n,), dtype)
        elif name == "pred" and by_class(i):
            samples[name] = values(random, kind, (n, CLASSES, *DIMS), dtype)
        elif "num_classes" in params(op) or (name == "target" and by_class(entry["pred"])):
            samples[name] = labels(random, op, n)
        elif i["required"]:
            samples[name] = values(random, kind, shape, dtype)
        elif "[C]" in i["shape"]:
            shared[name] = random.uniform(0.5, 2, CLASSES).astype(dtype)
        else:
            shared[name] = random.uniform(0.5, 2, (1,)).astype(dtype)
    return samples, shared
