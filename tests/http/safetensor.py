"""safetensors: what the reference takes and refuses (huggingface/safetensors, its own tests), over HTTP."""
import json

import numpy as np

from bodies import multipart, npy
from errors import Errors
from server import SANITIZED, Server
from tensorfiles import entries, pack, safetensors

MSE, RELU, SEGMENTATION = "/v1/losses/mse", "/v1/activations/relu", "/v1/metrics/segmentation"
SAME = "/v1/activations/leaky_relu"  # with a slope of 1
PRED, TARGET = np.array([1.0, 2.0]), np.array([1.0, 4.0], "f4")
MIB = 1 << 20


class Safetensor(Errors):
    def value(self, body, headers=None):
        return self.ok(self.server.post(MSE, body, headers))["value"]

    def bad(self, body, status, said):
        problem = self.refuse(MSE, body, status)
        self.assertIn(said, problem["detail"])

    def test_good_ones(self):
        body = safetensors(pred=PRED, target=TARGET)
        self.assertEqual(self.value(body), 2)
        for kind in ("application/x-safetensors", "application/octet-stream", "application/x-www-form-urlencoded"):
            self.assertEqual(self.value(body, {"Content-Type": kind}), 2)
        header, data = entries({"pred": PRED, "target": TARGET})
        for text in (json.dumps(header) + " ", json.dumps(header, indent=3),
                     json.dumps({"__metadata__": {"a": "\u00e9"}, **header})):
            self.assertEqual(self.value(pack(text.encode(), data, 1)), 2)

    def test_the_same_as_json(self):
        random = np.random.RandomState(1)
        masks = {"pred": random.randint(0, 4, (90, 71)).astype("u1"), "target": random.randint(0, 4, (90, 71))}
        want = self.server.post(SEGMENTATION, {k: v.tolist() for k, v in masks.items()}, num_classes=4)
        self.assertEqual(self.server.post(SEGMENTATION, safetensors(**masks), num_classes=4).body, want.body)

    def test_every_dtype(self):
        for dtype in ("bool", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"):
            x = np.array([[1, 0, 1]]).astype(dtype)
            y = self.ok(self.server.post(SAME, safetensors(x=x), negative_slope=1))["y"]
            self.assertEqual((y["shape"], y["data"]), ([1, 3], [1, 0, 1]), dtype)
        header = {"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
        y = self.ok(self.server.post(RELU, pack(header, b"\xc0\x3f\x80\x40")))["y"]
        self.assertEqual((y["dtype"], y["data"]), ("bfloat16", [1.5, 4]))

    def test_as_a_part(self):
        body, headers = multipart(("pred", safetensors(a=PRED)), ("target", safetensors(pred=PRED, target=TARGET)))
        self.assertEqual(self.value(body, headers), 2)
        body, headers = multipart(("pred", safetensors(a=PRED, b=PRED)), ("target", npy(TARGET)))
        problem = self.refuse(MSE, body, 400, headers=headers)
        self.assertIn("none of that name", problem["detail"])

    def test_blanks_before_the_header(self):
        """Readers of the format look at its first byte."""
        header, data = entries({"pred": PRED, "target": TARGET})
        for blank in " \t\r\n":
            body = pack((blank + json.dumps(header)).encode(), data)
            problem = self.refuse(MSE, body, 400, headers={"Content-Type": "application/x-safetensors"})
            self.assertIn("does not begin with '{'", problem["detail"])
            self.refuse(MSE, body, 400, 415)

    def test_deep_headers(self):
        """They are wrong, not large; but for those that are deeper than JSON may be."""
        header, data = entries({"pred": PRED, "target": TARGET})
        for depth, status in ((2, 400), (20, 400), (100, 413)):
            deep = json.loads("[" * depth + "]" * depth)
            said = "limit json_depth" if status == 413 else "tensor '"
            for wrong in ({**header, "pred": {**header["pred"], "shape": [deep]}}, {**header, "__metadata__": {"a": deep}},
                          {**header, "pred": deep}, {**header, "pred": {**header["pred"], "data_offsets": [0, deep]}}):
                self.bad(pack(wrong, data), status, said)

    def test_names(self):
        for name in ("pred", "target"):
            header, data = entries({"pred": PRED, "target": TARGET})
            header[""] = header.pop(name)
            self.bad(pack(header, data), 400, "a name is empty")
        header, data = entries({"": PRED})
        self.assertIn("a name is empty", self.refuse(RELU, pack(header, data), 400)["detail"])
        self.refuse(MSE, safetensors(pred=PRED, target=TARGET, more=PRED), 400)
        self.refuse(MSE, pack({}), 400)

    def test_every_cut(self):
        body = safetensors(pred=PRED, target=TARGET)
        for size in range(1, len(body)):
            self.assertIn(self.server.post(MSE, body[:size]).status, (400, 415), size)
        self.assertEqual(self.value(body), 2)

    def test_attacks(self):
        """Overlaps that multiply the data, a header of gigabytes, bytes of another format behind."""
        header, data = entries({"pred": PRED, "target": TARGET})
        many = {f"t{i}": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]} for i in range(10)}
        self.bad(pack(many, data[:16]), 400, "overlap")
        self.bad(b"\0\0\0\0\1\0\0\0{}", 400, "should have 4294967296 bytes")
        self.bad(pack(header, data + b"PK\5\6" + bytes(18)), 400, "the tensors have 24 bytes, but 46 follow")
        twice = json.dumps(header)[:-1] + ', "pred": ' + json.dumps(header["pred"]) + "}"
        self.bad(pack(twice.encode(), data), 400, "'pred'")

    def test_a_header_of_many_tensors(self):
        """At the limit: refused for what it is, quickly, and within the memory given."""
        many = {f"{i:04x}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(18000)}
        body = pack(many)
        self.assertLess(len(body), MIB)
        self.refuse(MSE, body, 400)
        self.bad(pack({"__metadata__": {"a": "x" * MIB}}), 413, "limit safetensors_header_bytes")
        with Server("--memory", "96M" if SANITIZED else "32M") as server:  # sanitizers fence each allocation
            self.assertEqual(server.post(MSE, body).status, 400)
            self.assertEqual(server.post(MSE, safetensors(pred=PRED, target=TARGET)).status, 200)
            if not SANITIZED:
                self.assertLess(server.memory(), 64 * MIB)
