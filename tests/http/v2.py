"""The Open Inference Protocol: what clients ask before they infer, JSON and binary tensors both ways, and bodies
whose sizes do not add up."""
import base64
import functools
import json
import math
import os
import struct
import time

import numpy as np
import yaml

from bodies import npy
from server import ROOT, SANITIZED, SLOW, Case, together
from server import Server as Scored
from sorting import sorting

JSON_SIZE = "Inference-Header-Content-Length"
FORMATS = {"BOOL": "?", "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q", "INT8": "b", "INT16": "h",
           "INT32": "i", "INT64": "q", "FP16": "e", "FP32": "f", "FP64": "d"}

with open(os.path.join(ROOT, "api/examples.yaml"), encoding="utf-8") as f:
    EXAMPLES = yaml.safe_load(f)


def pack(datatype, values):
    return struct.pack(f"<{len(values)}{FORMATS[datatype]}", *values)


def unpack(datatype, data):
    code = FORMATS[datatype]
    return list(struct.unpack(f"<{len(data) // struct.calcsize('<' + code)}{code}", data))


def flat(values):
    if not isinstance(values, list):
        return [values]
    return [leaf for value in values for leaf in flat(value)]


def shape_of(values):
    shape = []
    while isinstance(values, list):
        shape.append(len(values))
        values = values[0] if values else None
    return shape


def tensor(name, datatype, shape, data):
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def values(name, values):
    return tensor(name, "FP32", [len(values)], values)


PAIR = [values("pred", [1.0, 2.0]), values("target", [1.5, 0.0])]


def request(inputs, outputs=None, **parameters):
    out = {"inputs": inputs}
    if outputs is not None:
        out["outputs"] = outputs
    if parameters:
        out["parameters"] = parameters
    return out


def binary(inputs):
    """The same inputs as descriptions, and as bytes."""
    described, data = [], b""
    for one in inputs:
        raw = pack(one["datatype"], flat(one["data"]))
        described.append({key: one[key] for key in ("name", "datatype", "shape")}
                         | {"parameters": {"binary_data_size": len(raw)}})
        data += raw
    return described, data


class V2(Case):
    def infer(self, model, body, headers=None, **query):
        return self.server.post(f"/v2/models/{model}/infer", body, headers, **query)

    def infer_binary(self, model, header, data, size=None):
        text = json.dumps(header).encode()
        return self.infer(model, text + data, {JSON_SIZE: str(len(text) if size is None else size)})

    def outputs(self, reply):
        """name: (datatype, shape, values) of a reply in either form, which must add up."""
        self.assertEqual(reply.status, 200, repr(reply))
        size = int(reply.headers.get(JSON_SIZE, len(reply.body)))
        head, tail = json.loads(reply.body[:size]), reply.body[size:]
        binaries = [o for o in head["outputs"] if "parameters" in o]
        self.assertEqual(JSON_SIZE in reply.headers, bool(binaries))
        self.assertEqual(reply.headers["Content-Type"],
                         "application/octet-stream" if binaries else "application/json")
        out = {}
        for one in head["outputs"]:
            if "parameters" in one:
                self.assertNotIn("data", one)
                take = one["parameters"]["binary_data_size"]
                data, tail = unpack(one["datatype"], tail[:take]), tail[take:]
            else:
                data = one["data"]
                self.assertEqual(data, flat(data))
            self.assertEqual(len(data), math.prod(one["shape"]))
            out[one["name"]] = (one["datatype"], one["shape"], data)
        self.assertEqual(tail, b"")
        return out

    def refused(self, reply, status, *words):
        self.assertEqual(reply.status, status, repr(reply))
        problem = reply.json()
        self.assertIsInstance(problem["error"], str)
        for word in words:
            self.assertIn(word, json.dumps(problem))
        self.assertNotIn(JSON_SIZE, reply.headers)
        return problem


class Server(V2):
    def test_the_server(self):
        for path in ("/v2", "/v2/"):
            reply = self.ok(self.server.get(path))
            self.assertEqual(reply["name"], "scored")
            self.assertEqual(set(reply["extensions"]), {"binary_tensor_data", "model_configuration",
                                                        "model_repository", "statistics"})

    def test_health(self):
        self.assertEqual(self.ok(self.server.get("/v2/health/live")), {"live": True})
        self.assertEqual(self.ok(self.server.get("/v2/health/ready")), {"ready": True})
        self.assertEqual(self.server.ask("HEAD", "/v2/health/ready").status, 200)

    def test_the_index_with_and_without_a_body(self):
        names = {f"{o['family']}.{o['name']}" for o in self.server.get("/v1/operations").json()["operations"]}
        for body in (b"", b"{}", b'{"ready":true}', bytes(1 << 20)):
            index = self.ok(self.server.post("/v2/repository/index", body))
            self.assertEqual({m["name"] for m in index}, names)
            self.assertEqual({(m["version"], m["state"]) for m in index}, {("1", "READY")})

    def test_draining_is_not_ready(self):
        with Scored("--drain-delay", "2") as server:
            server.terminate()
            end = time.monotonic() + 1
            while server.get("/v2/health/ready").status == 200 and time.monotonic() < end:
                time.sleep(0.01)
            reply = server.get("/v2/health/ready")
            self.assertEqual((reply.status, reply.json()), (503, {"ready": False}))
            self.assertEqual(server.get("/v2/health/live").status, 200)

    def test_there_is_one_version(self):
        for tail in ("", "/ready", "/config", "/stats"):
            self.ok(self.server.get("/v2/models/losses.mse" + tail))
            self.ok(self.server.get("/v2/models/losses.mse/versions/1" + tail))
            for version in ("2", "01", "", "x"):
                self.refused(self.server.get(f"/v2/models/losses.mse/versions/{version}{tail}"), 404)
        self.outputs(self.infer("losses.mse/versions/1", request(PAIR)))

    def test_no_such_model(self):
        problem = self.refused(self.server.get("/v2/models/losses.mze"), 404)
        self.assertIn("losses.mse", problem["suggestions"])
        self.assertIn("no model 'losses.mze'", problem["detail"])
        self.assertIn("losses.mse", self.refused(self.server.get("/v2/models/mse"), 404)["suggestions"])
        for name in ("losses/mse", ".", "losses.", ".mse", "losses.mse.mse", "a" * 4000):
            self.refused(self.server.get(f"/v2/models/{name}"), 404)
        self.refused(self.infer("losses.mze", request(PAIR)), 404)
        self.refused(self.server.get("/v2/models/losses.mse/infer"), 405)

    def test_what_is_not_offered(self):
        for method, path in (("POST", "/v2/repository/models/losses.mse/load"),
                             ("POST", "/v2/repository/models/losses.mse/unload"), ("GET", "/v2/logging"),
                             ("POST", "/v2/trace/setting"), ("GET", "/v2/models/losses.mse/trace/setting"),
                             ("GET", "/v2/systemsharedmemory/status"),
                             ("POST", "/v2/systemsharedmemory/unregister"),
                             ("POST", "/v2/cudasharedmemory/region/x/register")):
            self.refused(self.server.ask(method, path, b"{}"), 404)


class Models(V2):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = {f"{o['family']}/{o['name']}": o
                         for o in cls.server.get("/v1/operations").json()["operations"]}

    def inputs(self, example, model):
        """An example of the contract as inputs of the model; None where it has a form that only /v1 has."""
        datatypes = {i["name"]: i["datatype"] for i in model["inputs"]}
        out = []
        for name, value in example.items():
            if name == "params":
                continue
            if isinstance(value, dict):
                if "data" not in value or value["dtype"] != "float32":
                    return None
                value, shape, datatype = flat(value["data"]), value["shape"], "FP32"
            else:
                shape, datatype = shape_of(value), datatypes[name]
                value = flat(value)
            if example.get("params", {}).get("input_kind") == "labels":
                datatype = "INT64"
            if datatype == "INT64" and any(isinstance(one, float) for one in value):
                datatype = "FP64"
            if not all(isinstance(one, (int, float)) for one in value):
                return None
            out.append(tensor(name, datatype, shape, value))
        return out

    def test_metadata_and_config_agree_with_the_catalogue(self):
        for name, row in self.catalogue.items():
            path = "/v2/models/" + name.replace("/", ".")
            model, config = self.ok(self.server.get(path)), self.ok(self.server.get(path + "/config"))
            with self.subTest(model=model["name"]):
                self.assertEqual(model["versions"], ["1"])
                self.assertEqual([i["name"] for i in model["inputs"]], [i["name"] for i in row["inputs"]])
                self.assertEqual(config["max_batch_size"], 0)
                self.assertEqual([not i["optional"] for i in config["input"]],
                                 [i["required"] for i in row["inputs"]])
                for side in ("input", "output"):
                    self.assertEqual([(t["name"], "TYPE_" + t["datatype"], t["shape"]) for t in model[side + "s"]],
                                     [(t["name"], t["data_type"], t["dims"]) for t in config[side]])
                self.assertTrue(model["outputs"])

    def test_every_declared_output_is_given(self):
        """By name and unasked, in both forms, with the numbers of /v1."""
        for name, examples in EXAMPLES.items():
            model = self.ok(self.server.get("/v2/models/" + name.replace("/", ".")))
            declared = {o["name"]: o for o in model["outputs"]}
            for key, example in examples.items():
                inputs = self.inputs(example, model)
                if inputs is None:
                    continue
                with self.subTest(operation=name, example=key):
                    params = example.get("params", {})
                    asked = request(inputs, [{"name": o} for o in declared], **params)
                    named = self.outputs(self.infer(model["name"], asked))
                    self.assertEqual(set(named), set(declared))
                    self.same_as_v1(named, name, inputs, params)
                    for output, (datatype, shape, _) in named.items():
                        if declared[output]["datatype"] != "FP32" and params.get("normalize") is None:
                            self.assertEqual(datatype, declared[output]["datatype"])
                        if declared[output]["shape"] == [1]:
                            self.assertEqual(shape, [1])
                    described, data = binary(inputs)
                    asked = request(described, binary_data_output=True, **params)
                    whole = self.outputs(self.infer_binary(model["name"], asked, data))
                    self.assertLessEqual(set(declared), set(whole))
                    for output, (datatype, shape, value) in named.items():
                        self.assertEqual(whole[output][:2], (datatype, shape))
                        self.assertEqual([None if v != v or math.isinf(v) else v for v in whole[output][2]],
                                         unpack(datatype, pack(datatype, value)) if None not in value else value)

    def same_as_v1(self, outputs, name, inputs, params):
        dtypes = {"FP32": "float32", "FP64": "float64", "INT64": "int64"}
        body = {i["name"]: {"dtype": dtypes[i["datatype"]], "shape": i["shape"], "data": i["data"]} for i in inputs}
        report = self.ok(self.server.post(f"/v1/{name}", body | {"params": params}))
        for output, (_, _, value) in outputs.items():
            want = report.get(output)
            if want is None and output not in report:
                want = [row[output] for row in report["classes"]]
            if isinstance(want, dict):
                want = want["data"]
            self.assertEqual(value, flat(want), output)


class Infer(V2):
    def test_a_loss(self):
        reply = self.infer("losses.mse", request(PAIR) | {"id": "a 1"})
        head = self.ok(reply)
        self.assertEqual((head["model_name"], head["model_version"], head["id"]), ("losses.mse", "1", "a 1"))
        self.assertEqual(head["parameters"], {"status": "ok"})
        self.assertEqual(self.outputs(reply), {"value": ("FP64", [1], [2.125]), "sum": ("FP64", [1], [4.25]),
                                               "weight_sum": ("FP64", [1], [2.0]), "count": ("INT64", [1], [2])})

    def test_an_empty_id_comes_back(self):
        self.assertEqual(self.ok(self.infer("losses.mse", request(PAIR) | {"id": ""}))["id"], "")
        self.assertNotIn("id", self.ok(self.infer("losses.mse", request(PAIR))))

    def test_data_may_be_nested(self):
        for data in ([1, 2, 3, 4], [[1, 2], [3, 4]]):
            out = self.outputs(self.infer("activations.relu", request([tensor("x", "FP32", [2, 2], data)])))
            self.assertEqual(out["y"], ("FP32", [2, 2], [1, 2, 3, 4]))
        self.refused(self.infer("activations.relu", request([tensor("x", "FP32", [4], [[1, 2], [3, 4]])])), 400,
                     "#/inputs/0")

    def test_every_datatype_both_ways(self):
        for datatype in FORMATS:
            given = [1, 0, 1]
            want = "FP64" if datatype not in ("FP16", "FP32") else datatype
            with self.subTest(datatype=datatype):
                inputs = [tensor("x", datatype, [3], [bool(v) for v in given] if datatype == "BOOL" else given)]
                out = self.outputs(self.infer("activations.relu", request(inputs)))
                self.assertEqual(out["y"], (want, [3], given))
                described, data = binary(inputs)
                out = self.outputs(self.infer_binary("activations.relu",
                                                     request(described, binary_data_output=True), data))
                self.assertEqual(out["y"], (want, [3], given))

    def test_bfloat16(self):
        described = {"name": "x", "datatype": "BF16", "shape": [2], "parameters": {"binary_data_size": 4}}
        reply = self.infer_binary("activations.relu", request([described], binary_data_output=True),
                                  bytes.fromhex("803f00c0"))
        size = int(reply.headers[JSON_SIZE])
        self.assertEqual(json.loads(reply.body[:size])["outputs"][0]["datatype"], "BF16")
        self.assertEqual(reply.body[size:], bytes.fromhex("803f0000"))

    def test_mixed_forms(self):
        described, data = binary(PAIR[1:])
        outputs = [{"name": "count", "parameters": {"binary_data": False}}, {"name": "value"}]
        reply = self.infer_binary("losses.mse", request([PAIR[0], *described], outputs, binary_data_output=True), data)
        size = int(reply.headers[JSON_SIZE])
        self.assertEqual(["parameters" in o for o in json.loads(reply.body[:size])["outputs"]], [False, True])
        self.assertEqual(self.outputs(reply), {"count": ("INT64", [1], [2]), "value": ("FP64", [1], [2.125])})

    def test_a_scalar_and_an_empty_tensor(self):
        out = self.outputs(self.infer("activations.relu", request([tensor("x", "FP32", [], [3])])))
        self.assertEqual(out["y"], ("FP32", [], [3]))
        out = self.outputs(self.infer("activations.relu", request([tensor("x", "FP32", [0, 3], [])])))
        self.assertEqual(out["y"], ("FP32", [0, 3], []))
        described, data = binary([tensor("x", "FP32", [0], [])])
        out = self.outputs(self.infer_binary("activations.relu", request(described, binary_data_output=True), data))
        self.assertEqual(out["y"], ("FP32", [0], []))

    def test_a_raw_request(self):
        reply = self.infer("activations.relu", pack("FP32", [-1.0, 2.0]), {JSON_SIZE: "0"})
        self.assertEqual(self.outputs(reply)["y"], ("FP32", [2], [0.0, 2.0]))
        self.assertIn(JSON_SIZE, reply.headers)
        self.refused(self.infer("activations.relu", b"12345", {JSON_SIZE: "0"}), 400, "FP32")
        self.refused(self.infer("losses.mse", b"1234", {JSON_SIZE: "0"}), 400, "several inputs")
        self.refused(self.infer("activations.relu", b"", {JSON_SIZE: "0"}), 400)

    def test_loss_and_gradient(self):
        out = self.outputs(self.infer("losses.mse", request(PAIR, reduction="none", grad=True)))
        self.assertEqual(out["loss"], ("FP32", [2], [0.25, 4.0]))
        self.assertEqual(out["grad.pred"], ("FP32", [2], [-1.0, 4.0]))
        self.assertEqual(out["value"], ("FP64", [1], [None]))
        out = self.outputs(self.infer("losses.mse", request(PAIR, [{"name": "grad.pred"}])))
        self.assertEqual(out, {"grad.pred": ("FP32", [2], [-0.5, 2.0])})
        self.refused(self.infer("losses.mse", request(PAIR, [{"name": "loss"}])), 400, "#/outputs/0", "reduction=none")
        self.refused(self.infer("losses.mse", request(PAIR, [{"name": "grad.pred"}], grad=False)), 400)

    def test_any_number_of_the_report(self):
        masks = [tensor(name, "UINT8", [2, 2], [0, 1, 1, 0]) for name in ("pred", "target")]
        names = ["precision", "tp", "pixel_accuracy", "pixels"]
        out = self.outputs(self.infer("metrics.segmentation", request(masks, [{"name": n} for n in names],
                                                                      num_classes=2)))
        self.assertEqual(out, {"precision": ("FP64", [2], [1, 1]), "tp": ("INT64", [2], [2, 2]),
                               "pixel_accuracy": ("FP64", [1], [1]), "pixels": ("INT64", [1], [4])})
        for name in ("status", "classes", "name", "nothing", "rules.absent", "grad.pred", ""):
            self.refused(self.infer("metrics.segmentation", request(masks, [{"name": name}], num_classes=2)), 400)

    def test_a_state_merges_with_those_of_v1(self):
        masks = {"pred": [0, 1, 1], "target": [0, 1, 0]}
        inputs = [tensor(name, "INT64", [3], data) for name, data in masks.items()]
        want = self.ok(self.server.post("/v1/metrics/segmentation", masks, num_classes=2, state=True))["state"]
        head = self.ok(self.infer("metrics.segmentation", request(inputs, num_classes=2, state=True, report=True)))
        self.assertEqual(json.loads(head["parameters"]["report"])["state"], want)
        self.assertEqual([o["name"] for o in head["outputs"]], ["mean_iou", "iou", "confusion_matrix", "state"])
        self.assertEqual(base64.b64encode(bytes(head["outputs"][3]["data"])).decode(), want)

    def test_all_outputs_with_many_classes(self):
        masks = [tensor(name, "INT64", [4], [0, 1, 2, 1500]) for name in ("pred", "target")]
        out = self.outputs(self.infer("metrics.segmentation", request(masks, num_classes=2000)))
        self.assertEqual(out["iou"][1], [2000])
        self.assertEqual(out["confusion_matrix"][1], [2000, 2000])

    def test_the_report(self):
        head = self.ok(self.infer("losses.mse", request(PAIR, report=True)))
        want = self.ok(self.server.post("/v1/losses/mse", {"pred": {"dtype": "float32", "data": [1, 2]},
                                                           "target": {"dtype": "float32", "data": [1.5, 0]}}))
        self.assertEqual(json.loads(head["parameters"]["report"]), want)

    def test_nonfinite(self):
        body = b'{"inputs":[{"name":"x","datatype":"FP32","shape":[3],"data":[NaN,Infinity,-Infinity]}]%s}'
        self.assertIn(b"[null,null,0.0]", self.infer("activations.relu", body % b"").body)
        self.assertIn(b"[NaN,Infinity,0.0]",
                      self.infer("activations.relu", body % b',"parameters":{"nonfinite":"token"}').body)

    def test_parameters(self):
        deltas = self.outputs(self.infer("losses.huber", request(PAIR, delta=0.5)))
        self.assertEqual(self.outputs(self.infer("losses.huber", request(PAIR), delta=0.5)), deltas)
        self.refused(self.infer("losses.huber", request(PAIR, delta=0.5), delta=1), 400, "#/parameters/delta")
        self.refused(self.infer("losses.huber", request(PAIR, delta=-1)), 422, "#/parameters/delta")
        self.refused(self.infer("losses.huber", request(PAIR, delt=1)), 400, "delta", "#/parameters/delt")
        self.refused(self.infer("losses.huber", request(PAIR, triton_x=1)), 400)
        for name in ("report", "binary_data_output"):
            self.refused(self.infer("losses.mse", request(PAIR, **{name: "yes"})), 400, f"#/parameters/{name}")
        self.ok(self.infer("losses.mse", request(PAIR, sequence_id=3, sequence_start=True, sequence_end=False,
                                                 priority=1, timeout=0)))

    def test_parameters_as_texts(self):
        """The protocol has no lists."""
        masks = [tensor(name, "INT64", [4], data) for name, data in (("pred", [7, 1, 0, 0]), ("target", [0, 1, 254, 255]))]
        out = self.outputs(self.infer("metrics.segmentation", request(
            masks, [{"name": "pixel_accuracy"}, {"name": "pixels"}], num_classes=2, ignore_index="254,255",
            label_map="7:0", class_names="a,b")))
        self.assertEqual((out["pixel_accuracy"][2], out["pixels"][2]), ([1], [2]))

    def test_parameters_of_the_protocol_are_in_the_body(self):
        for name in ("report", "timeout", "binary_data_output"):
            problem = self.refused(self.infer("losses.mse", request(PAIR), **{name: "true"}), 400)
            self.assertIn("put it into 'parameters'", problem["detail"])

    def test_a_timeout_in_microseconds(self):
        self.ok(self.infer("losses.mse", request(PAIR, timeout=60000000)))
        self.refused(self.infer("losses.mse", request([values("pred", [1.0] * 20000), values("target", [1.0] * 20000)],
                                                      timeout=1)), 504)
        for timeout in (-1, 1.5, "1", 2**70, True):
            self.refused(self.infer("losses.mse", request(PAIR, timeout=timeout)), 400, "#/parameters/timeout")

    def test_a_timeout_beside_a_large_request(self):
        """It is read in the lane of small requests, and counts in that of large ones too."""
        count = (24 if SANITIZED else 40) << 20  # so many are busy for seconds
        inputs, data = binary([tensor(name, "UINT8", [100000], [1] * 100000) for name in ("pred", "target")])
        text = json.dumps(request(inputs, num_classes=4096, timeout=300000)).encode()
        with Scored("--threads", "1", "--memory", "4G") as server, sorting(server, count) as busy:
            began = time.monotonic()
            reply = server.post("/v2/models/metrics.segmentation/infer", text + data, {JSON_SIZE: str(len(text))})
            took = time.monotonic() - began
            self.assertTrue(busy.is_alive(), "the large request is no longer there")
        self.assertEqual(reply.status, 504, repr(reply))
        self.assertLess(took, 1.5 * SLOW)  # queues are looked at each second

    def test_where_a_problem_is(self):
        labels = [tensor("pred", "FP32", [1, 2], [0, 1]), tensor("target", "INT64", [1], [7])]
        problem = self.refused(self.infer("losses.cross_entropy", request(labels)), 422, "#/inputs/1")
        self.assertEqual(problem["errors"][0]["value"], 7)
        self.refused(self.infer("losses.mse", request(PAIR[:1])), 400, "#/inputs", "target")
        self.assertNotIn("errors", self.refused(self.infer("losses.mse", {**request(PAIR), "more": 1}), 400))
        for name in ("a/b", "a~b", "x" * 300):
            inputs = [*PAIR, values(name, [1.0])]
            problem = self.refused(self.infer("losses.mse", request(inputs)), 400)
            self.assertEqual(problem["errors"][0]["pointer"], "#/inputs/2")
        problem = self.refused(self.infer("losses.mse", request(PAIR, **{"a/b": 1})), 400)
        self.assertEqual(problem["errors"][0]["pointer"], "#/parameters/a~1b")

    def test_a_large_request(self):
        count = 1 << 20
        described, data = binary([values("pred", [1.0] * count), values("target", [3.0] * count)])
        out = self.outputs(self.infer_binary("losses.mse", request(described, binary_data_output=True), data))
        self.assertEqual(out["value"], ("FP64", [1], [4.0]))

    def test_a_chunked_request(self):
        described, data = binary([values("pred", [1.0] * 100000), values("target", [3.0] * 100000)])
        text = json.dumps(request(described)).encode()
        for size in (1000, 65536, len(text)):
            body = text + data
            connection = self.server.connect()
            connection.request("POST", "/v2/models/losses.mse/infer",
                               iter([body[i:i + size] for i in range(0, len(body), size)]),
                               {JSON_SIZE: str(len(text))}, encode_chunked=True)
            reply = connection.getresponse()
            self.assertEqual(json.loads(reply.read())["outputs"][0]["data"], [4.0])
            connection.close()

    def test_many_at_once(self):
        """On connections that are kept; every reply is that of its own request."""
        wrong = []

        def work(number):
            connection = self.server.connect()
            for i in range(50):
                x = float(number * 1000 + i)
                connection.request("POST", "/v2/models/activations.relu/infer",
                                   json.dumps(request([values("x", [x])]) | {"id": str(x)}))
                reply = json.loads(connection.getresponse().read())
                if (reply["id"], reply["outputs"][0]["data"]) != (str(x), [x]):
                    wrong.append(reply)
            connection.close()

        with together(functools.partial(work, n) for n in range(8)):
            pass
        self.assertEqual(wrong, [])


class Hostile(V2):
    """Bodies that do not add up: 400 with a reason, and the next request is served."""

    def tearDown(self):
        self.ok(self.infer("losses.mse", request(PAIR)))

    def test_the_size_of_the_json(self):
        body = json.dumps(request(PAIR)).encode()
        for size in ("-1", "", "x", "1.5", "+5", "0x10", str(2**64), str(2**64 + len(body)), str(len(body) + 1)):
            with self.subTest(size=size):
                self.refused(self.infer("losses.mse", body, {JSON_SIZE: size}), 400)
        self.outputs(self.infer("losses.mse", body, {JSON_SIZE: str(len(body))}))
        for size in (1, len(body) - 1):
            self.refused(self.infer("losses.mse", body, {JSON_SIZE: str(size)}), 400)

    def test_binary_sizes(self):
        described, data = binary(PAIR)
        for sizes in ((8, 7), (7, 8), (8, 9), (16, 0), (0, 16), (9, 7), (8, 8.0), (8, -8), (8, "8"), (8, 2**64 + 8),
                      (8, 1e1), (8, None), (8, [8])):
            header = [one | {"parameters": {"binary_data_size": size}} for one, size in zip(described, sizes)]
            with self.subTest(sizes=sizes):
                self.refused(self.infer_binary("losses.mse", request(header), data), 400, "#/inputs/")

    def test_bytes_missing_or_left(self):
        described, data = binary(PAIR)
        for tail in (b"", data[:-1], data[:8]):
            self.refused(self.infer_binary("losses.mse", request(described), tail), 400, "left")
        for more in (b"\0", data):
            self.refused(self.infer_binary("losses.mse", request(described), data + more), 400, "left")
        self.refused(self.infer_binary("losses.mse", request(PAIR), b"x"), 400, "left")
        self.refused(self.infer("losses.mse", request(described)), 400, JSON_SIZE)

    def test_shapes(self):
        for shape in ([3], [1], [-1], [2.0], [2**62, 2**62], [2**40, 2**40, 0], [2**63], ["2"], [[2]], 2, "2", None,
                      {}, [1] * 9, [None], [True]):
            inputs = [tensor("x", "FP32", shape, [1.0, 2.0])]
            described = [{"name": "x", "datatype": "FP32", "shape": shape, "parameters": {"binary_data_size": 8}}]
            with self.subTest(shape=shape):
                for reply in (self.infer("activations.relu", request(inputs)),
                              self.infer_binary("activations.relu", request(described), b"12345678")):
                    self.assertIn(reply.status, (400, 413), repr(reply))
                    self.assertIn("error", reply.json())

    def test_inputs(self):
        good = PAIR[0]
        without = [{k: v for k, v in good.items() if k != key} for key in good]
        for one in (*without, good | {"name": ""}, good | {"name": 1}, good | {"name": "nothing"}, good | {"extra": 1},
                    good | {"parameters": {"binary_data_size": 8}}, good | {"parameters": []},
                    good | {"parameters": {"shared_memory_region": "a"}}, good | {"datatype": 1},
                    good | {"data": None}, good | {"data": ["a", "b"]}, good | {"data": [1, None]},
                    good | {"data": [True, 1]}, good | {"data": "ab"}, good | {"data": {}}, 1, None, [], "pred"):
            with self.subTest(input=one):
                self.refused(self.infer("losses.mse", request([one, PAIR[1]])), 400)
        for datatype in ("BYTES", "float32", "FP8"):
            with self.subTest(datatype=datatype):
                one = good | {"datatype": datatype}
                self.refused(self.infer("losses.mse", request([one, PAIR[1]])), 415, "#/inputs/0")
        self.refused(self.infer("losses.mse", request([good, good, PAIR[1]])), 400, "twice")
        self.refused(self.infer("losses.mse", request([])), 400)
        self.refused(self.infer("losses.mse", {"inputs": {}}), 400)
        self.refused(self.infer("losses.mse", {}), 400)

    def test_values_beyond_their_datatype(self):
        for datatype, value in (("UINT8", 256), ("UINT8", -1), ("INT8", -129), ("INT64", 2**63), ("UINT64", 2**64),
                                ("INT32", 1.5), ("FP32", 1e39), ("FP16", 65536), ("BOOL", 2)):
            with self.subTest(datatype=datatype, value=value):
                self.refused(self.infer("activations.relu", request([tensor("x", datatype, [1], [value])])), 400,
                             "#/inputs/0")

    def test_outputs(self):
        for outputs in ({}, 1, "value", [1], [{}], [{"name": 1}], [{"name": "value", "parameters": 1}],
                        [{"name": "value", "parameters": {"binary_data": 1}}],
                        [{"name": "value", "parameters": {"classification": 2}}], [{"name": "value", "shape": [1]}]):
            with self.subTest(outputs=outputs):
                self.refused(self.infer("losses.mse", {"inputs": PAIR, "outputs": outputs}), 400, "#/outputs")
        self.assertEqual(len(self.outputs(self.infer("losses.mse", request(PAIR, [])))), 4)

    def test_the_rest_of_the_json(self):
        for body in (b"", b"[]", b"1", b"null", b"{", b'{"inputs":[]}x', b'{"inputs":[],"inputs":[]}', b"\xff\xfe",
                     b'{"inputs":[],"more":1}', b'{"inputs":[],"id":1}', b'{"inputs":[],"parameters":[]}',
                     b"[" * 100000, b'{"inputs":' + b"[" * 40 + b"]" * 40 + b"}"):
            with self.subTest(body=body[:40]):
                reply = self.infer("losses.mse", body)
                self.assertIn(reply.status, (400, 413), repr(reply))
                self.assertIn("error", reply.json())

    def test_too_many(self):
        inputs = [values(f"x{i}", [1.0]) for i in range(2000)]
        self.assertIn(self.infer("losses.mse", request(inputs)).status, (400, 413))
        outputs = [{"name": "value"}] * 2000
        self.assertEqual(self.infer("losses.mse", request(PAIR, outputs)).status, 413)


class PerfAnalyzer(V2):
    """What perf_analyzer asks, in its order, and what it needs of each answer."""

    def stats(self):
        stats = self.ok(self.server.get("/v2/models/losses.mse/stats"))["model_stats"]
        self.assertEqual(len(stats), 1)
        one = stats[0]
        self.assertEqual((one["name"], int(one["version"])), ("losses.mse", 1))
        for key in ("success", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"):
            for part in ("count", "ns"):
                self.assertIs(type(one["inference_stats"][key][part]), int)
                self.assertGreaterEqual(one["inference_stats"][key][part], 0)
        self.assertEqual(one["inference_count"], one["execution_count"])
        return one["inference_stats"]

    def test_the_whole_sequence(self):
        model = self.ok(self.server.get("/v2/models/losses.mse"))
        config = self.ok(self.server.get("/v2/models/losses.mse/config"))
        self.assertIn("statistics", self.ok(self.server.get("/v2"))["extensions"])
        optional = {i["name"]: i["optional"] for i in config["input"]}
        inputs = [tensor(i["name"], i["datatype"], [4, 3], [0.5] * 12) for i in model["inputs"]
                  if not optional[i["name"]]]
        before = self.stats()
        for form in (True, False):  # the size of the JSON is always sent, also where it is all
            described, data = binary(inputs) if form else (inputs, b"")
            outputs = [{"name": o["name"], "parameters": {"binary_data": form}} for o in model["outputs"]]
            for _ in range(5):
                got = self.outputs(self.infer_binary("losses.mse", {"id": "", **request(described, outputs)}, data))
                self.assertEqual(set(got), {o["name"] for o in model["outputs"]})
        after = self.stats()
        for key in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
            self.assertEqual(after[key]["count"] - before[key]["count"], 10)
            self.assertGreaterEqual(after[key]["ns"], before[key]["ns"])
        self.assertGreater(after["success"]["ns"], before["success"]["ns"])

    def test_failures_are_counted_apart(self):
        before = self.stats()
        self.refused(self.infer("losses.mse", request([])), 400)
        after = self.stats()
        self.assertEqual(after["fail"]["count"] - before["fail"]["count"], 1)
        self.assertEqual(after["success"], before["success"])

    def test_statistics_of_all(self):
        names = [m["name"] for m in self.ok(self.server.get("/v2/models/stats"))["model_stats"]]
        self.assertEqual(names, [m["name"] for m in self.ok(self.server.post("/v2/repository/index", b""))])
