"""Hooks of schemathesis: names that exist and tensors that fit, so that what is generated around them is reached; and
what came of these, for each path and media type."""
import atexit
import collections
import io
import json
import os
import sys
import zlib

import numpy as np
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))
import samples  # noqa: E402
from bodies import npy, png, tensor  # noqa: E402
from tensorfiles import safetensors  # noqa: E402

with open(os.environ["CATALOGUE"], encoding="utf-8") as file:
    CATALOGUE = json.load(file)
OPERATIONS = {f"/v1/{o['family']}/{o['name']}": o for o in CATALOGUE["operations"]}
STATES = CATALOGUE["states"]  # of each mergeable operation
ALIKE = [f"losses/{name}" for name in ("mse", "mae", "log_cosh", "huber", "smooth_l1", "quantile")]
V2 = {"bool": "BOOL", "float16": "FP16", "float32": "FP32", "float64": "FP64"}
replies = collections.Counter()  # of (method, path, media type, status)


def is_positive(case):
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


def random_of(*seeds):
    return np.random.RandomState(zlib.crc32(json.dumps(seeds, sort_keys=True, default=str).encode()))


def inputs(operation, random):
    if operation["family"] == "activations":
        shape = random.randint(1, 5, random.randint(1, 4))
        return {"x": random.normal(0, 3, shape).astype(samples.FLOATS[random.randint(3)])}
    first, shared = samples.inputs(operation, random, random.randint(1, 4))
    return first | (shared if random.rand() < 0.5 else {})


def params_of(body):
    params = body.get("params") if isinstance(body, dict) else None
    return dict(params) if isinstance(params, dict) else {}


# ---- bodies that fit ----

def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


# Of formats other than JSON what is generated is a file that is whole, for whichever operation takes it.
seeds = st.integers(0, 1 << 20).map(np.random.RandomState)
schemathesis.openapi.media_type("application/x-npy", seeds.map(lambda r: npy(r.normal(size=r.randint(1, 4, 2)))))
schemathesis.openapi.media_type("image/png", seeds.map(lambda r: png(r.randint(0, 9, r.randint(1, 4, 2)).astype("u1"))))
for media_type, write in (("application/x-npz", npz), ("application/x-safetensors", safetensors)):
    schemathesis.openapi.media_type(media_type, seeds.map(lambda r, write=write: write(
        **{name: r.uniform(0.1, 0.9, (3, 2)) for name in (["x"] if r.rand() < 0.4 else ["pred", "target"])})))


def as_json(arrays):
    return {name: tensor(array) for name, array in arrays.items()}


def reply_options(given):
    return {key: value for key, value in (given or {}).items() if key in ("nonfinite", "state")}


def takes(operation, name):
    return any(param["name"] == name for param in operation["params"])


def fit_operation(case, operation):
    """Inputs for which the parameters that were generated make sense; every second time without these, as not all of
    them go together."""
    random = random_of(case.body, case.query)
    params = params_of(case.body)
    if random.rand() < 0.5:
        params, case.query = reply_options(params), reply_options(case.query)
    arrays = inputs(operation, random)
    if arrays.get("pred", np.zeros(0, int)).dtype.kind == "f" and takes(operation, "input_kind"):
        params["input_kind"] = "logits"
    case.body = as_json(arrays) | {"params": params | samples.params(operation)}


def fit_several(case):
    random = random_of(case.body, case.query)
    options = reply_options(params_of(case.body))
    case.query = reply_options(case.query) | {"ops": ",".join(random.permutation(ALIKE)[:random.randint(1, 6)])}
    case.body = as_json(inputs(OPERATIONS["/v1/losses/mse"], random)) | {"params": options}
    if "quantile" in case.query["ops"]:
        case.query["losses/quantile.q"] = "0.25"


def fit_merge(case):
    name = sorted(STATES)[random_of(case.body, case.query).randint(len(STATES))]
    case.path_parameters = dict(zip(("family", "name"), name.split("/")))
    case.body = {**(case.body if isinstance(case.body, dict) else {}), "states": STATES[name]}


def v2_tensor(name, array):
    kind = V2.get(str(array.dtype), str(array.dtype).upper())
    return {"name": name, "shape": list(array.shape), "datatype": kind, "data": array.ravel().tolist()}


def fit_model(case):
    random = random_of(case.body, case.query, case.path_parameters)
    operation = CATALOGUE["operations"][random.randint(len(OPERATIONS))]
    case.path_parameters = {**(case.path_parameters or {}), "model": f"{operation['family']}.{operation['name']}"}
    if case.media_type != "application/json":
        return
    arrays = inputs(operation, random)
    kept = {k: v for k, v in (case.body if isinstance(case.body, dict) else {}).items() if k == "id"}
    case.body = kept | {"inputs": [v2_tensor(name, array) for name, array in arrays.items()],
                        "parameters": samples.params(operation)}
    case.headers = {k: v for k, v in (case.headers or {}).items() if k != "Inference-Header-Content-Length"}


# ---- hooks ----

def have_time(case):
    """A deadline that has a right to pass is as long as no test takes."""
    headers = case.headers or {}
    try:
        if 0.001 <= float(headers["X-Request-Timeout"]) < 60:
            headers["X-Request-Timeout"] = "60"
    except (KeyError, ValueError):
        pass


def is_raw(case):
    """With this header what stands there as JSON is the bytes of a tensor, whatever they are."""
    return str((case.headers or {}).get("Inference-Header-Content-Length")) == "0"


def fit_name(case):
    name = sorted(OPERATIONS)[random_of(case.path_parameters).randint(len(OPERATIONS))]
    case.path_parameters = dict(zip(("family", "name"), name.split("/")[2:]))


def fit(case):
    path, is_json = case.operation.path, case.media_type == "application/json"
    if "{model}" in path:
        fit_model(case)
    elif path.startswith("/v1/merge/"):
        fit_merge(case)
    elif "{family}/{name}" in path:
        fit_name(case)
    elif path == "/v1/score" and is_json:
        fit_several(case)
    elif path in OPERATIONS and is_json:
        fit_operation(case, OPERATIONS[path])


@schemathesis.hook
def map_case(context, case):
    """What fits, and no parameter both in the query and in `params`."""
    have_time(case)
    if is_positive(case):
        fit(case)
        case.query = {k: v for k, v in (case.query or {}).items() if k not in params_of(case.body)}
    return case


@schemathesis.hook
def filter_case(context, case):
    """A header of HTTP that the contract does not name is no error, and a token of nonfinite=token no JSON."""
    asked = {**(case.query or {}), **params_of(case.body)}
    if "x-schemathesis-unknown-property" in (case.headers or {}) or asked.get("nonfinite") == "token":
        return False
    return not (case.media_type == "application/json" and is_raw(case))


@schemathesis.hook
def after_call(context, case, response):
    if is_positive(case):
        replies[case.method, case.operation.path, case.media_type or "", response.status_code] += 1


@atexit.register
def tell():
    """For run.py, which judges."""
    with open(os.environ["REPLIES"], "w", encoding="utf-8") as out:
        json.dump([[*what, count] for what, count in sorted(replies.items())], out)
