"""The contract (api/openapi.yaml) against the program: same operations, inputs, parameters and defaults,
true examples, and replies that are as the schemas say and say no more."""
import glob
import json
import os
import sys

import jsonschema
import yaml

from golden import differences
from server import ROOT, Case

sys.path.insert(0, os.path.join(ROOT, "tools"))
import openapi_paths  # noqa: E402

EXACT = {"abs": 0, "rel": 0}
REPLY_OPTIONS = set(openapi_paths.REPLY_OPTIONS)  # parameters of the reply, not of the operation
WRITE = "run: make contract"
EXAMPLE = "add a line to api/examples.yaml, then " + WRITE
GOLDEN = "add a case to tests/golden/make_golden.py, then run: make golden"


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


TEXT = load("api/openapi.yaml")
CONTRACT = yaml.load(TEXT, yaml.CSafeLoader)
EXAMPLES = yaml.safe_load(load("api/examples.yaml"))


def resolve(node):
    """What a $ref stands for."""
    while isinstance(node, dict) and "$ref" in node:
        found = CONTRACT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def references(node):
    """Every $ref below."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def bases():
    """The components that others extend."""
    return {part["$ref"].split("/")[-1] for schema in CONTRACT["components"]["schemas"].values()
            for part in schema.get("allOf", []) if "$ref" in part}


def closed(node, base=False):
    """A copy whose objects have no members but those they name: replies may not say more."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: [closed(part, True) for part in value] if key == "allOf" else closed(value)
           for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node and not base:
        out.setdefault("additionalProperties", False)
    return out


CLOSED = {"schemas": {name: closed(schema, name in bases())
                      for name, schema in CONTRACT["components"]["schemas"].items()}}


def operations():
    """path, method, operation."""
    for path, item in CONTRACT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def served():
    """The same, of scoring operations: name, operation."""
    for path, method, operation in operations():
        if method == "post" and operation["tags"] not in (["several"], ["inference"]):
            yield path.removeprefix("/v1/"), operation


def json_content(side):
    return side["content"]["application/json"]


class Contract(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = {f"{o['family']}/{o['name']}": o
                         for o in cls.server.get("/v1/operations").json()["operations"]}

    def both(self):
        """name, operation of those that the program serves too (the others fail a test of their own)."""
        return [(name, operation) for name, operation in served() if name in self.catalogue]

    def valid(self, value, schema, what, components=CONTRACT["components"]):
        checker = jsonschema.Draft202012Validator({**schema, "components": components})
        errors = [f"{what}: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                  for e in checker.iter_errors(value)]
        self.assertEqual(errors[:5], [])

    def exact(self, reply, schema, what):
        """Valid, and without a member that the schema does not name."""
        if "allOf" in resolve(schema):
            schema = {**schema, "unevaluatedProperties": False}
        self.valid(reply, schema, what, CLOSED)

    # ---- the files ----

    def test_json_is_the_yaml(self):
        self.assertEqual(json.loads(load("api/openapi.json")), CONTRACT, WRITE)
        self.assertEqual(self.server.get("/openapi.json").json(), CONTRACT, "build it again")
        self.assertEqual(self.server.get("/openapi.yaml").body.decode(), TEXT, "build it again")

    def test_every_reference_leads_somewhere(self):
        used = set(references(CONTRACT))
        used |= {f"#/components/securitySchemes/{name}" for way in CONTRACT["security"] for name in way}
        for pointer in used:
            self.assertIsNotNone(resolve({"$ref": pointer}), pointer)
        for kind, components in CONTRACT["components"].items():
            for name in components:
                self.assertIn(f"#/components/{kind}/{name}", used, "nothing uses it")

    def test_what_is_written_is_what_the_program_says(self):
        try:
            written = openapi_paths.written(TEXT, EXAMPLES, self.server)
        except SystemExit as problem:
            self.fail(f"{problem}; then {WRITE}")
        for got, want in zip(TEXT.split("\n"), written.split("\n")):
            self.assertEqual(got, want, WRITE)
        self.assertEqual(len(TEXT), len(written), WRITE)

    def test_limits_are_those_of_the_program(self):
        schema, said = CONTRACT["components"]["schemas"]["limits"], self.server.get("/v1/limits").json()
        self.assertEqual(list(schema["properties"]), list(said))
        self.assertEqual(schema["required"], list(said))

    # ---- the catalogue ----

    def test_every_operation_is_there(self):
        names = {name for name, _ in served()}
        self.assertEqual(set(self.catalogue) - names, set(), EXAMPLE)
        self.assertEqual(names - set(self.catalogue), set(), "not served; " + WRITE)
        self.assertEqual(set(EXAMPLES) - set(self.catalogue), set(), "not served; see api/examples.yaml")

    def test_every_endpoint_is_there(self):
        endpoints = {(e["method"].lower(), e["path"]) for e in self.server.get("/").json()["endpoints"]}
        written = {(method, f"/v1/{operation['tags'][0]}/{{name}}" if path[4:] in self.catalogue else path)
                   for path, method, operation in operations()}
        self.assertEqual(endpoints, written, "routes.def and api/openapi.yaml differ")

    def test_parameters_and_defaults(self):
        for name, operation in self.both():
            rows = {p["name"]: p for p in self.catalogue[name]["params"]}
            listed = {p["name"]: resolve(p["schema"]) for p in map(resolve, operation["parameters"])
                      if p["in"] == "query" and p["name"] not in REPLY_OPTIONS}
            body = json_content(operation["requestBody"])["schema"]["properties"]["params"]["properties"]
            inside = {key: resolve(value) for key, value in body.items() if key not in REPLY_OPTIONS}
            with self.subTest(operation=name):
                self.assertEqual(set(listed), set(rows), WRITE)
                for key, row in rows.items():
                    self.same_parameter(inside[key], row)
                    as_text = {"type": "string", "examples": ["7:0,8:1"]}  # a map, in a query
                    self.assertEqual(listed[key], as_text if row["type"] == "object" else inside[key], WRITE)

    def same_parameter(self, schema, row):
        key, kind = row["name"], row["type"]
        self.assertEqual(schema.get("default"), row["default"], f"{key}; {WRITE}")
        self.assertEqual(schema.get("enum"), row["values"], f"{key}; {WRITE}")
        one = schema["anyOf"][0] if "anyOf" in schema else schema
        number = one.get("additionalProperties", one)
        for word, said in (("minimum", row["min"] if not row["exclusive_min"] else None),
                           ("exclusiveMinimum", row["min"] if row["exclusive_min"] else None),
                           ("maximum", row["max"] if not row["exclusive_max"] else None),
                           ("exclusiveMaximum", row["max"] if row["exclusive_max"] else None),
                           ("not", {"const": 0} if row["nonzero"] else None)):
            self.assertEqual(number.get(word), said, f"{key}; {WRITE}")
        self.assertEqual(schema.get("anyOf", [{}])[-1].get("maxItems"), row["max_items"], f"{key}; {WRITE}")
        if kind in ("integer[]", "number[]", "string[]"):
            self.assertEqual((one.get("items") or one)["type"], kind[:-2], f"{key}; {WRITE}")
        else:
            self.assertEqual(one["type"], kind, f"{key}; {WRITE}")

    def test_inputs(self):
        for name, operation in self.both():
            schema = json_content(operation["requestBody"])["schema"]
            form = resolve(operation["requestBody"]["content"]["multipart/form-data"]["schema"])
            rows = {i["name"]: i for i in self.catalogue[name]["inputs"]}
            required = {key for key, row in rows.items() if row["required"]}
            with self.subTest(operation=name):
                for body in (schema, form):
                    self.assertEqual(set(body["properties"]) - {"params"}, set(rows), WRITE)
                    self.assertEqual(set(body["required"]), required, WRITE)

    # ---- replies ----

    def test_every_path_answers(self):
        for path, method, operation in operations():
            if method == "get" and "{" not in path:
                with self.subTest(path=path):
                    reply = self.server.get(path)
                    self.assertEqual(reply.status, 200, repr(reply))
                    content = operation["responses"]["200"]["content"]
                    self.assertIn(reply.headers.get_content_type(), content)
                    if "application/json" in content and path != "/openapi.json":
                        self.exact(reply.json(), content["application/json"]["schema"], path)
        for name, row in self.catalogue.items():
            self.assertEqual(self.server.get(f"/v1/operations/{name}").json(), {"operations": [row]})

    def test_examples(self):
        """Examples of request and reply that have the same name belong together."""
        for path, method, operation in operations():
            if method != "post" or "{" in path or operation["tags"] == ["inference"]:
                continue
            asked = json_content(operation["requestBody"])
            answered = json_content(operation["responses"]["200"])
            self.assertTrue(asked.get("examples"), f"{path}: {EXAMPLE}")
            self.assertEqual(set(asked["examples"]), set(answered["examples"]), path)
            for key, example in asked["examples"].items():
                with self.subTest(path=path, example=key):
                    self.valid(example["value"], asked["schema"], key)
                    reply = self.ok(self.server.post(path, example["value"]))
                    self.exact(reply, answered["schema"], key)
                    want = answered["examples"][key]["value"]
                    self.assertEqual(differences(reply, want, EXACT), [], WRITE)
                    self.assertEqual(set(reply), set(want), WRITE)

    def test_replies_are_as_the_schemas_say(self):
        for name, operation in self.both():
            schema = json_content(operation["responses"]["200"])["schema"]
            files = sorted(glob.glob(os.path.join(ROOT, "tests/golden", name.split("/")[1] + "--*.json")))
            with self.subTest(operation=name):
                self.assertTrue(files, f"{name}: {GOLDEN}")
            for file in files:
                case = json.loads(load(file))
                with self.subTest(file=os.path.basename(file)):
                    reply = self.server.post(f"/v1/{name}", {**case["inputs"], "params": case["params"]})
                    self.exact(self.ok(reply), schema, name)

    def test_pieces(self):
        """A state of each mergeable operation gives its report again, as its schema says."""
        for name, operation in self.both():
            if not self.catalogue[name]["mergeable"]:
                continue
            schema = json_content(operation["responses"]["200"])["schema"]
            with self.subTest(operation=name):
                request = next(iter(EXAMPLES[name].values()))
                reply = self.ok(self.server.post(f"/v1/{name}", request, state=True))
                self.exact(reply, schema, name)
                body = {"states": [reply["state"]], "params": {"state": True}}
                merge = CONTRACT["paths"]["/v1/merge/{family}/{name}"]["post"]
                self.valid(body, json_content(merge["requestBody"])["schema"], name)
                again = self.ok(self.server.post(f"/v1/merge/{name}", body))
                self.exact(again, schema, name)
                self.valid(again, json_content(merge["responses"]["200"])["schema"], name)
                self.assertEqual(again["state"], reply["state"])

    def test_problems_are_as_the_schema_says(self):
        schema = {"$ref": "#/components/schemas/problem"}
        for path, body in (("/v1/losses/mse", {"pred": [1]}), ("/v1/losses/mze", {}),
                           ("/v1/losses/mse", {"pred": [1, 2], "target": [1]}), ("/nowhere", {}),
                           ("/v1/losses/cross_entropy", {"pred": [[1.0, 2.0]], "target": [5]})):
            reply = self.server.post(path, body)
            self.assertGreaterEqual(reply.status, 400)
            self.exact(reply.json(), schema, path)
