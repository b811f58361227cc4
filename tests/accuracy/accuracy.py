#!/usr/bin/python3
"""accuracy.py [quick] [--write FILE] [OPERATION ...] - worst errors against mpmath, in units of the
last place (ulp), of every element-by-element activation and loss and of their derivatives.

Asks the program itself (SCORED, default build/scored). Where a value is a difference of nearly equal
terms, the unit is the last place of the largest term (truth.py says where). Below the normal numbers
the unit is the smallest number. Fails past the limits of docs/accuracy.md, and where the catalogue has
an operation that truth.py has not.
"""
import base64
import multiprocessing
import os
import sys
import zlib

import mpmath
import numpy as np
from mpmath import mpf

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http"))
import points  # noqa: E402
import truth  # noqa: E402
from server import Server  # noqa: E402

DTYPES = ["float32", "float64"]
LIMIT = {"value": {"float32": 1.5, "float64": 2}, "slope": {"float32": 4, "float64": 4}}
BITS = {"float32": (24, -149), "float64": (53, -1074)}
DIGITS = [50, 100, 400, 1600]
HEAD = """# Accuracy

Worst errors found, in units of the last place (ulp) of the dtype, against mpmath with at least 50
digits, over all magnitudes of finite inputs, dense near tails, kinks and zeros. Limits: values 1.5 ulp in
float32 and 2 in float64; derivatives 4. Where a result is a difference of nearly equal terms, marked *,
the unit is the last place of the largest term. `make accuracy` writes this page; the bits are the same on
every machine, and so are the figures.

"""


# ---- one number ----

def exactly(function, values, settings):
    """(value, term), with as many digits as it takes."""
    before = None
    for digits in DIGITS:
        mpmath.mp.dps = digits
        got = function(*[mpf(float(v)) for v in values], **settings)
        if got is None:
            return None
        value, term = got if isinstance(got, tuple) else (got, got)
        if isinstance(value, int) or mpmath.isinf(value):
            return mpf(value), mpf(value)
        if before is not None and value != 0 and abs(value - before) <= abs(value) * mpf(10)**-25:
            return value, term
        before = value
    return value, term


def unit(x, dtype):
    """The last place of x."""
    bits, least = BITS[dtype]
    if x == 0:
        return mpf(2)**least
    return mpf(2)**max(mpmath.frexp(abs(x))[1] - bits, least)


def error(got, want, dtype):
    value, term = want
    most = mpf(float(np.finfo(dtype).max))
    edge = most + unit(most, dtype) / 2
    if np.isnan(got):
        return np.inf
    if np.isinf(got) or mpmath.isinf(value):
        past = abs(value) >= edge - unit(most, dtype) * 2 and (got > 0) == (value > 0)
        return 0 if np.isinf(got) and past else np.inf
    return float(abs(mpf(float(got)) - value) / unit(max(abs(value), abs(term)), dtype))


# ---- one line of the table ----

class Line:
    def __init__(self, name, dtype, what, settings, function, inputs, got):
        self.name, self.dtype, self.what, self.settings = name, dtype, what, settings
        self.function, self.inputs, self.got = function, inputs, got

    def measure(self):
        """(worst error, where, is it in units of a larger term somewhere?)"""
        worst, place, starred = -1.0, None, False
        for values in zip(*self.inputs.values(), self.got):
            want = exactly(self.function, values[:-1], self.settings)
            if want is None:
                continue
            starred |= bool(abs(want[1]) > abs(want[0]))
            off = error(values[-1], want, self.dtype)
            if off > worst:
                worst, place = off, values[:-1]
        return worst, place, starred

    def limit(self):
        return LIMIT["value" if self.what in ("y", "loss") else "slope"][self.dtype]


LINES = []


def measure(number):
    return LINES[number].measure()


def tensor(values):
    return {"dtype": str(values.dtype), "shape": list(values.shape),
            "base64": base64.b64encode(values.tobytes()).decode()}


def ask(server, path, inputs, params, extra):
    body = {name: tensor(v) for name, v in inputs.items()}
    body.update({name: tensor(np.array([v])) for name, v in extra.items()})
    body["params"] = {**params, "nonfinite": "token", "grad": True}
    reply = server.post(path, body)
    if reply.status != 200:
        raise SystemExit(f"accuracy: {path}: {reply!r}")
    return reply.json()


def data(reply, name, dtype):
    for part in name.split("."):
        reply = reply[part]
    with np.errstate(over="ignore"):
        return np.array(reply["data"], dtype=dtype)


def lines_of(server, operation, count):
    """Of one row of the catalogue and of each of its settings."""
    name, names = operation["name"], {i["name"] for i in operation["inputs"]}
    loss = operation["family"] == "losses"
    if loss:
        kind, places, function, slopes, settings = truth.LOSSES[name]
    else:
        places, function, slope, settings = truth.ACTIVATIONS[name]
        slopes = {"x": slope}
    for setting in settings:
        extra = {k: v for k, v in setting.items() if k in names}
        params = {k: v for k, v in setting.items() if k not in names}
        for dtype in DTYPES:
            rng = np.random.default_rng(zlib.crc32(f"{name}{setting}{dtype}".encode()))
            inputs = (points.KINDS[kind](rng, dtype, places, count) if loss else
                      {"x": points.numbers(rng, dtype, places, count)})
            reply = ask(server, f"/v1/{operation['family']}/{name}", inputs,
                        {**params, **({"reduction": "none"} if loss else {})}, extra)
            value = "loss" if loss else "y"
            yield Line(name, dtype, value, setting, function, inputs, data(reply, value, dtype))
            for by, slope in slopes.items():
                got = data(reply, f"grad.{by}", dtype)
                yield Line(name, dtype, f"d/d{by}", setting, slope, inputs, got)


def row_lines(server, operation, count):
    name = operation["name"]
    for dtype in DTYPES:
        columns = points.rows(np.random.default_rng(zlib.crc32(name.encode())), dtype, count // 2)
        x = np.ascontiguousarray(np.stack(list(columns.values()), axis=1))
        reply = server.post(f"/v1/activations/{name}", {"x": tensor(x)}).json()
        got = data(reply, "y", dtype).reshape(x.shape)[:, 0]
        yield Line(name, dtype, "y", {}, truth.ROWS[name], columns, got)


def is_elementwise(server, operation):
    """Does each element of the result depend on that element of each input alone?"""
    shapes = [i["shape"] for i in operation["inputs"] if i["required"]]
    if operation["family"] == "metrics" or any(s not in ("any", "that of pred") for s in shapes):
        return False
    replies = []
    for values in ([0.5, 0.25], [0.5, 0.75]):
        body = {i["name"]: [1, 1] for i in operation["inputs"] if i["required"]}
        body[operation["inputs"][0]["name"]] = values
        if operation["family"] == "losses":
            body["params"] = {"reduction": "none"}
        replies.append(server.post(f"/v1/{operation['family']}/{operation['name']}", body).json())
    data = [(r.get("y") or r.get("loss") or {}).get("data", []) for r in replies]
    return len(data[0]) == 2 and data[0][0] == data[1][0]


# ---- the table ----

def text_of(line, found):
    worst, place, starred = found
    settings = ", ".join(f"{k}={v}" for k, v in line.settings.items())
    at = ", ".join(f"{name}={value!r}" for name, value in zip(line.inputs, map(float, place)))
    return (f"| {line.name} | {settings} | {line.dtype} | {line.what}{'*' if starred else ''} | "
            f"{worst:.3f} | {at} |")


def main():
    words = [w for w in sys.argv[1:] if w != "quick"]
    quick = "quick" in sys.argv[1:]
    file = words[words.index("--write") + 1] if "--write" in words else None
    asked = [w for w in words if w not in ("--write", file)]
    wrong, out = [], []
    with Server() as server:
        for operation in server.get("/v1/operations").json()["operations"]:
            name = operation["name"]
            if asked and name not in asked:
                continue
            if name in truth.ACTIVATIONS or name in truth.LOSSES:
                LINES.extend(lines_of(server, operation, 120 if quick else 3000))
            elif name in truth.ROWS:
                LINES.extend(row_lines(server, operation, 120 if quick else 3000))
            elif is_elementwise(server, operation):
                wrong.append(f"{name}: no truth")
    with multiprocessing.Pool() as pool:
        for line, found in zip(LINES, pool.imap(measure, range(len(LINES)))):
            out.append(text_of(line, found))
            if not found[0] <= line.limit():
                wrong.append(f"past {line.limit()} ulp: {out[-1]}")
    table = "\n".join(["| operation | parameters | dtype | what | worst, ulp | at |",
                       "|---|---|---|---|---:|---|", *out]) + "\n"
    if file:
        with open(file, "w", encoding="ascii") as f:
            f.write(HEAD + table)
    if not quick:
        print(table)
    print("\n".join(wrong))
    print(f"accuracy: {len(LINES) - len(wrong)} passed, {len(wrong)} failed")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
