"""The contract (api/openapi.yaml) against the program: same operations, parameters and defaults, true
examples, and replies that are as the schemas say."""
import glob
import json
import os

import jsonschema
import yaml

from golden import differences
from server import ROOT, Case

NEAR = {"abs": 0, "rel": 1e-14}
REPLY_OPTIONS = {"nonfinite"}  # parameters of the reply, not of the operation
TYPES = {"int": "integer", "real": "number", "bool": "boolean", "enum": "string"}


def contract():
    with open(os.path.join(ROOT, "api/openapi.yaml"), encoding="utf-8") as f:
        return yaml.safe_load(f)


CONTRACT = contract()


def resolve(node):
    """What a $ref stands for."""
    while isinstance(node, dict) and "$ref" in node:
        found = CONTRACT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def operations():
    """path, method, operation."""
    for path, item in CONTRACT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def served():
    """The same, of scoring operations: name, operation."""
    for path, method, operation in operations():
        if method == "post":
            yield path.removeprefix("/v1/"), operation


class Contract(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = {f"{o['family']}/{o['name']}": o
                         for o in cls.server.get("/v1/operations").json()["operations"]}

    def both(self):
        """name, operation of those that the program serves too (the others fail a test of their own)."""
        return [(name, operation) for name, operation in served() if name in self.catalogue]

    def valid(self, value, schema, what):
        checker = jsonschema.Draft202012Validator({**schema, "components": CONTRACT["components"]})
        errors = [f"{what}: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                  for e in checker.iter_errors(value)]
        self.assertEqual(errors[:5], [])

    def test_json_is_the_yaml(self):
        with open(os.path.join(ROOT, "api/openapi.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f), CONTRACT)
        self.assertEqual(self.server.get("/openapi.json").json(), CONTRACT)
        self.assertEqual(yaml.safe_load(self.server.get("/openapi.yaml").body), CONTRACT)

    def test_every_operation_is_there(self):
        self.assertEqual({name for name, _ in served()}, set(self.catalogue))

    def test_parameters_and_defaults(self):
        for name, operation in self.both():
            listed = {p["name"]: resolve(p["schema"]) for p in map(resolve, operation["parameters"])
                      if p["in"] == "query" and p["name"] not in REPLY_OPTIONS}
            rows = {p["name"]: p for p in self.catalogue[name]["params"]}
            with self.subTest(operation=name):
                self.assertEqual(set(listed), set(rows))
                for key, row in rows.items():
                    self.assertEqual(listed[key].get("default"), row.get("default"), key)
                    self.assertEqual(listed[key].get("enum"), row.get("values"), key)
                    if row["type"] in TYPES:
                        self.assertEqual(listed[key].get("type"), TYPES[row["type"]], key)

    def test_inputs(self):
        for name, operation in self.both():
            schema = resolve(operation["requestBody"]["content"]["application/json"]["schema"])
            rows = {i["name"]: i for i in self.catalogue[name]["inputs"]}
            with self.subTest(operation=name):
                self.assertEqual(set(schema["properties"]) - {"params"}, set(rows))
                self.assertEqual(set(schema["required"]) - {"params"},
                                 {key for key, row in rows.items() if row["required"]})

    def test_every_path_answers(self):
        for path, method, operation in operations():
            if method == "get" and "{" not in path:
                with self.subTest(path=path):
                    reply = self.server.get(path)
                    self.assertEqual(reply.status, 200, repr(reply))
                    content = operation["responses"]["200"]["content"]
                    self.assertIn(reply.headers.get_content_type(), content)
                    if "application/json" in content and path != "/openapi.json":
                        self.valid(reply.json(), content["application/json"]["schema"], path)
        for name, row in self.catalogue.items():
            self.assertEqual(self.server.get(f"/v1/operations/{name}").json(), {"operations": [row]})

    def test_examples(self):
        """Examples of request and reply that have the same name belong together."""
        tried = 0
        for name, operation in self.both():
            asked = operation["requestBody"]["content"]["application/json"]
            answered = operation["responses"]["200"]["content"]["application/json"]
            self.assertTrue(asked.get("examples"), f"{name} has no example")
            for key, example in asked["examples"].items():
                with self.subTest(operation=name, example=key):
                    self.valid(example["value"], asked["schema"], key)
                    reply = self.ok(self.server.post(f"/v1/{name}", example["value"]))
                    self.valid(reply, answered["schema"], key)
                    want = answered["examples"][key]["value"]
                    self.assertEqual(differences(reply, want, NEAR), [])
                    self.assertEqual(set(reply), set(want))
                    tried += 1
        self.assertGreater(tried, 0)

    def test_replies_are_as_the_schemas_say(self):
        for name, operation in self.both():
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            files = sorted(glob.glob(os.path.join(ROOT, "tests/golden", name.split("/")[1] + "--*.json")))
            self.assertTrue(files, f"{name} has no golden case")
            for file in files:
                with open(file, encoding="utf-8") as f:
                    case = json.load(f)
                with self.subTest(file=os.path.basename(file)):
                    reply = self.server.post(f"/v1/{name}", {**case["inputs"], "params": case["params"]})
                    self.valid(self.ok(reply), schema, name)

    def test_problems_are_as_the_schema_says(self):
        schema = {"$ref": "#/components/schemas/problem"}
        for path, body in (("/v1/losses/mse", {"pred": [1]}), ("/v1/losses/mze", {}),
                           ("/v1/losses/mse", {"pred": [1, 2], "target": [1]}), ("/nowhere", {}),
                           ("/v1/losses/cross_entropy", {"pred": [[1.0, 2.0]], "target": [5]})):
            reply = self.server.post(path, body)
            self.assertGreaterEqual(reply.status, 400)
            self.valid(reply.json(), schema, path)
