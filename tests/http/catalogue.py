"""Requests made from GET /v1/operations alone: no operation is known by name.

Shapes come from the texts of the inputs' shapes, values from what they may be, parameters from their
types and bounds. A sample may be refused, as what fits together only the operation knows; `taken`
draws until one is taken.
"""
import base64
import http.client
import json

import numpy as np

SHAPES = [(3, 4, 5), (5, 4), (4,), (6,), (2, 3, 2, 3), (3, 1, 4), (2, 2, 6), (4, 2), (7, 3)]
CLASSES = 4
REALS = [0.5, 2, 0.25, 1, 0, -1.5, 0.7, 3]
FLOATS = ["float16", "bfloat16", "float32", "float64"]


class Line:
    """One connection that is kept, for many small requests."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def ask(self, op, inputs, params):
        """(status, reply) of tensors (arrays, or a dict as it is written) and parameters."""
        body = {name: value if isinstance(value, dict) else tensor(value)
                for name, value in inputs.items()}
        body["params"] = {"nonfinite": "token", **params}
        self.connection.request("POST", f"/v1/{op['family']}/{op['name']}", json.dumps(body),
                                {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def close(self):
        self.connection.close()


def operations(server):
    return server.get("/v1/operations").json()["operations"]


def title(op):
    return f"{op['family']}/{op['name']}"


def tensor(array, dtype=None):
    """The JSON form of an array; bfloat16, which NumPy has not, by name."""
    array = np.asarray(array)
    data = to_bfloat16(array) if dtype == "bfloat16" else array
    return {"dtype": dtype or str(array.dtype), "shape": list(array.shape),
            "base64": base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()}


def to_bfloat16(array):
    """The upper halves of float32 values that bfloat16 has."""
    return (np.asarray(array, "<f4").view("<u4") >> 16).astype("<u2")


def values_of(part):
    """A tensor of a reply as float64."""
    return np.array(part["data"], np.float64).reshape(part["shape"])


# ---- parameters ----

def in_bounds(param, value):
    low, high = param["min"], param["max"]
    above = low is None or value > low or (value == low and not param["exclusive_min"])
    below = high is None or value < high or (value == high and not param["exclusive_max"])
    return above and below and not (param["nonzero"] and value == 0)


def choose(rng, values):
    return values[rng.integers(len(values))]


def draw_value(rng, param, classes):
    kind = param["type"]
    if param["values"]:
        return choose(rng, param["values"])
    if kind == "boolean":
        return bool(rng.integers(2))
    if kind in ("integer", "integer[]"):
        value = int(choose(rng, [v for v in (classes, 1, 0, 2, 3, -1) if in_bounds(param, v)]))
        return value if kind == "integer" else [value]
    if kind in ("number", "number[]"):
        fits = [v for v in REALS if in_bounds(param, v)] or [param["max"]]
        if kind == "number":
            return choose(rng, fits)
        return [float(choose(rng, fits)) for _ in range(choose(rng, [1, 2, classes]))]
    if kind == "string[]":
        return [f"class {i}" for i in range(classes)]
    return {"0": 1, "1": 0}


def draw_params(rng, op, classes, without, often):
    return {p["name"]: draw_value(rng, p, classes) for p in op["params"]
            if p["name"] not in without and (p["required"] or rng.random() < often)}


# ---- inputs ----

def forms_of(text):
    """Which shapes the text speaks of: as the first input, without dim 1, [C], [1], broadcasting."""
    found = []
    if "that of" in text or "[N, C" in text:
        found.append("same")
    if any(word in text for word in ("[N, ...", "[N]", "[]", "without")):
        found.append("index")
    if "[C]" in text:
        found.append("class")
    if "[1]" in text or "one" in text or "broadcast" in text:
        found.append("one")
    if "broadcast" in text:
        found += ["last", "channel"]
    return found or ["same", "index", "class", "one"]


def shape_of(form, shape):
    axis = 1 if len(shape) > 1 else 0
    return {"same": shape,
            "index": shape[:axis] + shape[axis + 1:],
            "class": shape[axis:axis + 1] or (1,),
            "one": (1,),
            "last": shape[-1:],
            "channel": tuple(d if i == axis else 1 for i, d in enumerate(shape))}[form]


def draw_array(rng, info, shape, whole, unit, labels):
    """Values that the input may have; `whole`: integers, `unit`: inside 0 to 1."""
    rule = info["values"]
    if rule == "-1 or 1":
        return rng.choice([-1, 1], shape)
    if rule == "0 or 1":
        return rng.integers(0, 2, shape)
    if whole:
        return rng.integers(0, 2 if rule or unit else labels, shape)
    if rule == "0 to 1" or unit or (rule is None and not info["required"]):
        return rng.uniform(0.04, 0.96, shape)
    values = rng.normal(0, 1.7, shape)
    return np.abs(values) if rule == "0 or more" else values


class Sample:
    """One request: arrays and the form of each, and parameters."""

    def __init__(self, op, inputs, form, params):
        self.op, self.inputs, self.form, self.params = op, inputs, form, params

    def ask(self, line, inputs=None, **params):
        return line.ask(self.op, {**self.inputs, **(inputs or {})}, {**self.params, **params})

    def indices(self):
        """The input that is class indices for sure, where there is one."""
        for info in self.op["inputs"][1:]:
            name = info["name"]
            if (self.form.get(name) == "index" and info["values"] is None and
                    self.inputs[name].dtype.kind == "i"):
                return name
        return None


def draw(rng, op, first="float64", shapes=SHAPES, without=(), often=0.3, optional=0.5):
    """`first`: dtype of the first input, and of all others that are not whole numbers."""
    shape = choose(rng, shapes)
    classes = shape[1] if len(shape) > 1 else shape[0] if shape else 1
    if first == "int64" or rng.random() < 0.2:
        classes = CLASSES
    unit = rng.random() < 0.5
    inputs, form = {}, {}
    for i, info in enumerate(op["inputs"]):
        if not info["required"] and rng.random() >= optional:
            continue
        name = info["name"]
        form[name] = choose(rng, forms_of(info["shape"])) if i else "same"
        whole = first == "int64" if i == 0 else form[name] == "index" or (i == 1 and rng.random() < 0.3)
        whole = whole or "float64" not in info["dtypes"]
        array = draw_array(rng, info, shape_of(form[name], shape), whole, unit, max(classes, 2))
        inputs[name] = array.astype("int64" if whole else first)
    return Sample(op, inputs, form, draw_params(rng, op, classes, without, often))


def taken(rng, line, op, wish=lambda sample, reply: True, tries=400, **how):
    """(sample, reply) of the first sample that is taken and is as wished; None: there was none."""
    for _ in range(tries):
        sample = draw(rng, op, **how)
        status, reply = sample.ask(line)
        if status == 200 and wish(sample, reply):
            return sample, reply
        if status >= 500:
            raise AssertionError(f"{title(op)}: {status} {reply}: {sample.params}")
    return None
