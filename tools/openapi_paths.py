#!/usr/bin/env python3
"""openapi_paths.py [YAML EXAMPLES] - writes the parts of the contract that the program knows.

Between its markers, api/openapi.yaml gets the path of each operation of GET /v1/operations, and
the parameters and forms they need. Example requests come from api/examples.yaml, their answers
from the program (SCORED, default build/scored)."""
import os
import re
import sys

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
from server import Server  # noqa: E402

WIDTH = 120
SLACK = 20  # yaml breaks a line only after the word that passes its width
PART = r"(?ms)^( *)# ---- written by make contract: {} ----\n(.*?)^ *# ---- end ----\n"
REPLY_OPTIONS = ["nonfinite", "state", "encoding"]
ERRORS = {"400": "broken", "401": "no_key", "403": "no_right", "406": "not_acceptable", "413": "too_large",
          "415": "unsupported", "422": "meaningless", "429": "over_quota", "4XX": "problem",
          "503": "busy", "504": "late"}


def ref(kind, name, **more):
    return {"$ref": f"#/components/{kind}/{name}", **more}


INPUTS = {"x", "pred", "target"}


def sentence(text, names=INPUTS):
    """With a capital letter, unless it begins with one of the names or a formula."""
    first, second = (text + " .").split(" ")[:2]
    if first.isalpha() and second != "=" and first not in names:
        text = text[0].upper() + text[1:]
    return text if text.endswith(".") else text + "."


# ---- parameters ----

def bounds(row):
    low, high = row["min"], row["max"]
    out = {}
    if low is not None:
        out["exclusiveMinimum" if row["exclusive_min"] else "minimum"] = low
    if high is not None:
        out["exclusiveMaximum" if row["exclusive_max"] else "maximum"] = high
    if row["nonzero"]:
        out["not"] = {"const": 0}
    return out


def most(row, word):
    return {} if row["max_items"] is None else {word: row["max_items"]}


def schema_of(row):
    kind = row["type"]
    if kind in ("integer[]", "number[]"):
        one = {"type": kind[:-2], **bounds(row)}
        out = {"anyOf": [one, {"type": "array", "items": one} | most(row, "maxItems")]}
    elif kind == "string[]":
        out = {"type": "array", "items": {"type": "string"}}
    elif kind == "object":
        one = {"type": "integer", **bounds(row)}
        keys = {"pattern": "^-?[0-9]+$"}
        pairs = {"type": "object", "propertyNames": keys, "additionalProperties": one}
        out = {"anyOf": [pairs | most(row, "maxProperties"), {"type": "array", "items": one} | most(row, "maxItems")]}
    else:
        out = {"type": kind, **bounds(row)}
    if row["values"]:
        out["enum"] = row["values"]
    if row["default"] is not None:
        out["default"] = row["default"]
    return out


def parameter_of(row, key):
    text = sentence(row["summary"], INPUTS | set(row["values"] or [])) + (" Required, here or in params." if row["required"] else "")
    out = {"name": row["name"], "in": "query", "description": text}
    if row["type"] == "object":
        return out | {"schema": {"type": "string", "examples": ["7:0,8:1"]}}
    if row["type"].endswith("[]"):
        out |= {"style": "form", "explode": False}
    return out | {"schema": ref("schemas", key)}


class Parameters:
    """Each distinct parameter once: `alpha`, and `alpha_tversky` where tversky's differs."""

    def __init__(self, taken):
        self.taken = taken  # names that are written by hand
        self.row = {}

    def key(self, operation, row):
        for key in (row["name"], f"{row['name']}_{operation['name']}"):
            if key not in self.taken and self.row.setdefault(key, row) == row:
                return key
        raise SystemExit(f"two operations are named {operation['name']}: {row['name']} differs")

    def schemas(self):
        return {key: schema_of(row) for key, row in self.row.items()}

    def parameters(self):
        return {key: parameter_of(row, key) for key, row in self.row.items()}


# ---- forms ----

class Forms:
    """The bodies of multipart/form-data: one for each set of inputs."""

    def __init__(self):
        self.schema = {}

    def key(self, operation):
        inputs = operation["inputs"]
        images = any(i["repeated"] for i in inputs)
        key = "_".join(["images" if images else "parts"] + [i["name"] for i in inputs])
        part = ref("schemas", "part")
        text = ("Repeated parts pair up in order, as images or batches of one report; their sizes may differ."
                if images else "A part for each input.")
        self.schema[key] = {
            "type": "object", "required": [i["name"] for i in inputs if i["required"]],
            "description": text,
            "properties": {i["name"]: {"type": "array", "items": part} if i["repeated"] else part
                           for i in inputs} | {"params": ref("schemas", "params_part")}}
        return key


# ---- paths ----

def reply_schema(operation, answers, schemas):
    """By the name of the operation, its family, or what stands in `classes` of the answers."""
    own = f"{operation['name']}_report"
    if own in schemas:
        return own
    if operation["family"] == "activations":
        return "activation_report"
    if operation["family"] == "metrics":
        raise SystemExit(f"metrics/{operation['name']}: write its schema {own} in openapi.yaml")
    rows = [row for answer in answers for row in answer.get("classes", [])]
    if not rows:
        return "loss_report"
    return "region_loss_report" if "intersection" in rows[0] else "class_loss_report"


def body_schema(operation, keys, options):
    inputs = operation["inputs"]
    params = {row["name"]: ref("schemas", keys[row["name"]]) for row in operation["params"]}
    params |= {name: ref("schemas", name) for name in options}
    return {"type": "object", "required": [i["name"] for i in inputs if i["required"]],
            "additionalProperties": False,
            "properties": {i["name"]: ref("schemas", "tensor_in", description=i["summary"])
                           for i in inputs}
            | {"params": {"type": "object", "additionalProperties": False, "properties": params}}}


def forms_of(server, operation, requests):
    """Those media types of replies that not every operation has, but this one."""
    unreduced = [p for p in operation["params"] if p["name"] == "reduction" and "none" in p["values"]]
    more = [{**r, "params": {**r.get("params", {}), "reduction": "none"}} for r in requests if unreduced]
    path = f"/v1/{operation['family']}/{operation['name']}"

    def gives(kind):
        return any(server.post(path, r, {"Accept": kind}).status == 200 for r in [*requests, *more])
    return {kind: schema for kind, schema in (("text/csv", {"schema": {"type": "string"}}),
                                              ("application/x-npy", {})) if gives(kind)}


def path_of(operation, requests, answers, keys, form, reply, forms):
    name = f"{operation['family']}/{operation['name']}"
    options = [o for o in REPLY_OPTIONS if o != "state" or operation["mergeable"]]
    query = [*keys.values(), *options, "request_timeout", "request_id"]
    bodies = {"application/json": {"schema": body_schema(operation, keys, options),
                                   "examples": {k: {"value": v} for k, v in requests.items()}},
              "multipart/form-data": {"schema": ref("schemas", form)}, "application/x-npz": {},
              "application/x-safetensors": {}}
    if sum(i["required"] for i in operation["inputs"]) == 1:
        bodies |= {"application/x-npy": {}, "image/png": {}, "application/octet-stream": {}}
    replies = {"application/json": {"schema": ref("schemas", reply),
                                    "examples": {k: {"value": v} for k, v in answers.items()}},
               "text/plain": {"schema": {"type": "string"}}, **forms,
               "application/x-npz": {}, "application/x-safetensors": {}}
    headers = {"X-Request-Id": ref("headers", "request_id"),
               "Server-Timing": ref("headers", "server_timing")}
    return {"post": {
        "operationId": name.replace("/", "_"), "tags": [operation["family"]],
        "summary": sentence(operation["summary"])[:-1],
        "description": f"{operation['formula']}. Source: {operation['source']}.",
        "parameters": [ref("parameters", key) for key in query],
        "requestBody": {"required": True, "content": bodies},
        "responses": {"200": {"description": "The report.", "headers": headers, "content": replies}}
        | {status: ref("responses", response) for status, response in ERRORS.items()}}}


# ---- text ----

class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def flow(value, width):
    text = yaml.dump(value, Dumper=Dumper, default_flow_style=True, width=width, sort_keys=False)
    return text.removesuffix("...\n").rstrip("\n").split("\n")


def entry(lead, value, indent):
    """`value` behind `lead`, "key:" or "-": in one line if it fits, else in a block."""
    pad = " " * indent
    line = flow(value, 10**9)
    short = len(line) == 1 and len(pad + lead) + len(line[0]) < WIDTH
    if short or not isinstance(value, (dict, list)) or lead == "value:":
        first, *rest = line if short else flow(value, WIDTH - SLACK - indent)
        return [f"{pad}{lead} {first}"] + [f"{pad}  {more.strip()}" for more in rest]
    return [f"{pad}{lead}"] + block(value, indent + 2)


def block(value, indent):
    if isinstance(value, list):
        return [line for item in value for line in entry("-", item, indent)]
    return [line for key, item in value.items()
            for line in entry(flow(key, WIDTH)[0] + ":", item, indent)]


def replace(text, part, value):
    """`text` with `value` between the markers of `part`; paths stand apart."""
    found = re.search(PART.format(part), text)
    if not found:
        raise SystemExit(f"openapi.yaml has lost its markers of {part}")
    gap = "\n" if part == "paths" else ""
    items = (block({key: item}, len(found.group(1))) for key, item in value.items())
    lines = gap.join("".join(f"{line}\n" for line in item) for item in items)
    return text[:found.start(2)] + lines + text[found.end(2):]


def by_hand(text):
    """The names of schemas and parameters that are not written here."""
    for part in ("paths", "parameters", "schemas"):
        text = replace(text, part, {})
    components = yaml.safe_load(text)["components"]
    return {*components["schemas"], *components["parameters"]}


# ---- all of it ----

def ask(server, name, key, request):
    reply = server.post(f"/v1/{name}", request)
    if reply.status != 200:
        raise SystemExit(f"api/examples.yaml: {name}, {key}: {reply.json()['error']}")
    return reply.json()


def written(text, examples, server):
    """The contract `text` with its parts as the program has them now."""
    catalogue = server.get("/v1/operations").json()["operations"]
    names = [f"{o['family']}/{o['name']}" for o in catalogue]
    missing = [name for name in names if not examples.get(name)]
    if missing:
        raise SystemExit("api/examples.yaml needs a line for " + ", ".join(missing))
    taken = by_hand(text)
    parameters, forms, paths = Parameters(taken), Forms(), {}
    for name, operation in zip(names, catalogue):
        answers = {k: ask(server, name, k, request) for k, request in examples[name].items()}
        keys = {row["name"]: parameters.key(operation, row) for row in operation["params"]}
        reply = reply_schema(operation, answers.values(), taken)
        paths[f"/v1/{name}"] = path_of(operation, examples[name], answers, keys,
                                       forms.key(operation), reply,
                                       forms_of(server, operation, list(examples[name].values())))
    text = replace(text, "paths", paths)
    text = replace(text, "parameters", parameters.parameters())
    return replace(text, "schemas", parameters.schemas() | forms.schema)


def load(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(target=f"{ROOT}/api/openapi.yaml", examples=f"{ROOT}/api/examples.yaml"):
    with Server() as server:
        text = written(load(target), yaml.safe_load(load(examples)), server)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
