"""Hooks of schemathesis: tensors that fit, so that what is generated around them is reached; and how
many of these were scored."""
import atexit
import json
import os
import sys
import zlib

import numpy as np
import schemathesis
from schemathesis.generation import GenerationMode

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))
import samples  # noqa: E402
from bodies import tensor  # noqa: E402

with open(os.environ["CATALOGUE"], encoding="utf-8") as file:
    OPERATIONS = {f"/v1/{o['family']}/{o['name']}": o for o in json.load(file)["operations"]}
scored = {True: 0, False: 0}


def is_positive(case):
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


def inputs(operation, random):
    if operation["family"] == "activations":
        shape = random.randint(1, 5, random.randint(1, 4))
        return {"x": random.normal(0, 3, shape).astype(samples.FLOATS[random.randint(3)])}
    first, shared = samples.inputs(operation, random, random.randint(1, 4))
    return first | (shared if random.rand() < 0.5 else {})


def fitting(operation, body):
    """The parameters that were generated, with inputs for which they make sense."""
    params = body.get("params")
    params = dict(params) if isinstance(params, dict) else {}
    random = np.random.RandomState(zlib.crc32(json.dumps(body, sort_keys=True, default=str).encode()))
    tensors = {name: tensor(array) for name, array in inputs(operation, random).items()}
    return tensors | {"params": params | samples.params(operation)}


def have_time(case):
    """A deadline that has a right to pass is as long as no test takes."""
    headers = case.headers or {}
    try:
        if 0.001 <= float(headers["X-Request-Timeout"]) < 60:
            headers["X-Request-Timeout"] = "60"
    except (KeyError, ValueError):
        pass


@schemathesis.hook
def map_case(context, case):
    """Inputs that fit, and no parameter both in the query and in `params`."""
    have_time(case)
    operation = OPERATIONS.get(case.operation.path)
    if operation is None or not is_positive(case) or not isinstance(case.body, dict) \
            or case.media_type != "application/json":
        return case
    case.body = fitting(operation, case.body)
    case.query = {k: v for k, v in (case.query or {}).items() if k not in case.body["params"]}
    return case


@schemathesis.hook
def filter_case(context, case):
    """A header of HTTP that the contract does not name is no error, and a token of nonfinite=token no JSON."""
    params = case.body.get("params") if isinstance(case.body, dict) else None
    asked = {**(case.query or {}), **(params if isinstance(params, dict) else {})}
    return "x-schemathesis-unknown-property" not in (case.headers or {}) and asked.get("nonfinite") != "token"


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.path in OPERATIONS and is_positive(case) and case.media_type == "application/json":
        scored[response.status_code == 200] += 1


@atexit.register
def tell():
    print(f"tensors: {scored[True]} scored, {scored[False]} refused")
