"""Replies as NPY, NPZ and safetensors: what JSON says, as arrays, and what it leaves out; by real NumPy."""
import base64
import io
import json
import socket
import struct
import tempfile
import zipfile

import numpy as np

from bodies import multipart, npy
from catalogue import Line, operations, taken, tensor, title
from errors import Errors
from server import SANITIZED, SLOW, Server
from tensorfiles import unpack
from tls import Secure, certify

NPZ, SAFETENSORS, NPY = ({"Accept": f"application/x-{name}"} for name in ("npz", "safetensors", "npy"))
SEGMENTATION, GELU, MSE = "/v1/metrics/segmentation", "/v1/activations/gelu", "/v1/losses/mse"
MASKS = {"pred": [[0, 1], [2, 2]], "target": [[0, 1], [1, 2]]}
MIB = 1 << 20


def flat(node, prefix=""):
    """A reply in JSON as {"rules.absent": value}; tensors and lists of numbers are values."""
    out = {}
    for key, value in node.items():
        if isinstance(value, dict) and set(value) != {"dtype", "shape", "data"}:
            out.update(flat(value, f"{prefix}{key}."))
        else:
            out[prefix + key] = value
    return out


def columns(name, rows):
    """A list of objects as {"classes.iou": [...]}."""
    return {f"{name}.{key}": [row[key] for row in rows] for key in (rows[0] if rows else ())}


def is_text(value):
    return isinstance(value, str)


def without_null(text):
    """A text, or a list of them, in which null is empty."""
    return [item or "" for item in text] if isinstance(text, list) else text


def expected(reply):
    """What archives have of a reply in JSON: {name: array}, {name: text or texts}."""
    values = {}
    for name, value in flat(reply).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            values.update(columns(name, value))
        else:
            values[name] = value
    arrays, texts = {}, {"warnings.code": [], "warnings.detail": []}
    for name, value in values.items():
        if name == "warnings":
            continue
        if name == "state":
            arrays[name] = np.frombuffer(base64.b64decode(value), "u1")
        elif is_text(value) or (isinstance(value, list) and any(map(is_text, value))):
            texts[name] = value
        elif isinstance(value, dict):
            arrays[name] = np.array([np.nan if v is None else v for v in value["data"]],
                                    np.float32 if value["dtype"] == "bfloat16" else value["dtype"]).reshape(value["shape"])
        else:
            arrays[name] = np.array(value, dtype=float)
    return arrays, texts


class Outputs(Errors):
    def archive(self, body):
        """{name: array}, {name: text} of an NPZ."""
        with np.load(io.BytesIO(body), allow_pickle=False) as z:
            arrays = {name: z[name] for name in z}
        with zipfile.ZipFile(io.BytesIO(body)) as z:
            self.assertIsNone(z.testzip())
        texts = {name: a.item() if a.ndim == 0 else a.tolist() for name, a in arrays.items() if a.dtype.kind == "U"}
        return {name: a for name, a in arrays.items() if a.dtype.kind != "U"}, texts

    def compare(self, got, want):
        """Arrays as JSON has them; null is NaN, or absent."""
        arrays, texts = got
        for name, array in want[0].items():
            if array.dtype == float and array.size and np.isnan(array).all() and name not in arrays:
                continue
            self.assertIn(name, arrays)
            self.assertEqual(arrays[name].shape, array.shape, name)
            self.assertTrue(np.array_equal(arrays[name].astype(float), array.astype(float), equal_nan=True), name)
        self.assertEqual(set(arrays) - set(want[0]), set())
        for name, text in want[1].items():
            self.assertEqual(without_null(texts[name]), without_null(text), name)
        self.assertEqual(set(texts) - set(want[1]), set())

    def all_forms(self, path, body, headers=None, **params):
        """The reply in JSON, after both archives were compared with it."""
        reply = self.ok(self.server.post(path, body, headers, **params))
        warnings = columns("warnings", reply["warnings"])
        arrays, texts = expected(reply)
        texts.update(warnings)
        for accept, read in ((NPZ, self.archive), (SAFETENSORS, unpack)):
            got = self.server.post(path, body, {**(headers or {}), **accept}, **params)
            self.assertEqual(got.status, 200, repr(got))
            self.assertEqual(got.headers["Content-Type"], accept["Accept"])
            self.assertEqual(got.headers["Content-Length"], str(len(got.body)))
            again = self.server.post(path, body, {**(headers or {}), **accept}, **params)
            self.assertEqual(got.body, again.body)
            told = read(got.body)
            lists = {name: json.loads(text) for name, text in told[1].items() if isinstance(text, str) and text[:1] == "["}
            told = told[0], {**told[1], **lists}
            self.compare(told, (arrays, texts))
        return reply

    # ---- the same as JSON ----

    def test_every_operation(self):
        line = Line(self.server)
        for op in operations(self.server):
            rng = np.random.default_rng(len(title(op)))
            found = taken(rng, line, op, first="float64", tries=150) or taken(rng, line, op, first="int64", tries=150)
            with self.subTest(op=title(op)):
                self.assertIsNotNone(found)
                sample = found[0]
                body = {name: tensor(array) for name, array in sample.inputs.items()}
                body["params"] = {k: v for k, v in sample.params.items() if k != "nonfinite"}
                self.all_forms(f"/v1/{title(op)}", body)
        line.close()

    def test_segmentation(self):
        reply = self.all_forms(SEGMENTATION, {**MASKS, "params": {"class_names": ["road", "\u00e9t\u00e9", "\U0001f4a7"]}},
                               num_classes=3, per_image=True, ignore_index="7,9", state=True)
        self.assertEqual(len(reply["classes"]), 3)
        got = self.archive(self.server.post(SEGMENTATION, MASKS, NPZ, num_classes=3).body)
        self.assertEqual(got[0]["confusion_matrix"].tolist(), [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
        self.assertEqual(got[0]["confusion_matrix"].dtype, np.int64)
        self.assertEqual(got[0]["classes.iou"].tolist(), [1, 0.5, 0.5])
        self.assertEqual(got[1]["classes.status"], ["both"] * 3)
        self.assertEqual(got[1]["status"], "ok")
        self.assertNotIn("classes.name", got[1])

    def test_gradients_and_unreduced_losses(self):
        random = np.random.RandomState(1)
        body = {"pred": random.randn(3, 5).astype("f4").tolist(), "target": random.randn(3, 5).tolist()}
        self.all_forms(MSE, body, reduction="none", grad=True)
        y = np.load(io.BytesIO(self.server.post(MSE, body, NPY, reduction="none").body))
        self.assertEqual(y.shape, (3, 5))

    def test_nothing(self):
        self.all_forms(MSE, {"pred": [], "target": []})
        self.all_forms(SEGMENTATION, {"pred": [0], "target": [7]}, num_classes=2, ignore_index=7)
        self.all_forms(GELU, {"x": {"dtype": "float32", "shape": [2, 0, 3], "data": []}}, grad=True)

    def test_several(self):
        body = {"pred": [0.5, 2.0], "target": [1, 2]}
        for accept, read in ((NPZ, self.archive), (SAFETENSORS, unpack)):
            arrays, texts = read(self.server.post("/v1/score", body, accept, ops="losses/mse,losses/mae").body)
            self.assertEqual(arrays["losses/mse.value"], 0.125)
            self.assertEqual(arrays["losses/mae.count"], 2)
            self.assertEqual(texts["losses/mae.op"], "losses/mae")
        self.refuse("/v1/score", body, 406, headers=NPY, ops="losses/mse,losses/mae")

    # ---- dtypes ----

    def test_dtypes(self):
        x = np.array([[0.5, -2, 3]])
        for dtype in ("float16", "float32", "float64"):
            for accept, read in ((NPZ, self.archive), (SAFETENSORS, unpack)):
                arrays, _ = read(self.server.post(GELU, npy(x.astype(dtype)), accept, grad=True).body)
                self.assertEqual({str(arrays[name].dtype) for name in ("y", "grad.x")}, {dtype})

    def test_bfloat16_is_float32_for_numpy(self):
        """NumPy has no bfloat16: the same numbers come as float32; safetensors keeps it."""
        body = {"x": {"dtype": "bfloat16", "shape": [4], "data": [0.5, -2, 1e38, "NaN"][:3] + [3]}}
        want = self.ok(self.server.post("/v1/activations/relu", body))["y"]
        self.assertEqual(want["dtype"], "bfloat16")
        for array in (np.load(io.BytesIO(self.server.post("/v1/activations/relu", body, NPY).body)),
                      self.archive(self.server.post("/v1/activations/relu", body, NPZ).body)[0]["y"]):
            self.assertEqual(array.dtype, np.float32)
            self.assertEqual(array.tolist(), [float(np.float32(v)) for v in want["data"]])
        file = self.server.post("/v1/activations/relu", body, SAFETENSORS).body
        self.assertIn(b'"y":{"dtype":"BF16","shape":[4]', file)
        self.assertEqual(unpack(file)[0]["y"].tolist(), [float(np.float32(v)) for v in want["data"]])
        x = self.ok(self.server.post("/v1/activations/relu", self.renamed(file)))
        self.assertEqual(x["y"], want)

    def renamed(self, file):
        """The tensor y of a file alone, as x."""
        size = struct.unpack_from("<Q", file)[0]
        entry = json.loads(file[8:8 + size])["y"]
        begin, end = entry["data_offsets"]
        header = json.dumps({"x": {**entry, "data_offsets": [0, end - begin]}}).encode()
        return struct.pack("<Q", len(header)) + header + file[8 + size + begin:8 + size + end]

    # ---- what JSON leaves out ----

    def test_many_classes(self):
        """Above 1,024 JSON has classes and matrix only when asked; archives have them always."""
        masks = {"pred": [[0, 1029]], "target": [[0, 3]]}
        reply = self.ok(self.server.post(SEGMENTATION, masks, num_classes=1030, state=True))
        self.assertNotIn("classes", reply)
        self.assertEqual({w["code"] for w in reply["warnings"]} & {"not_printed"}, {"not_printed"})
        for kind, param in (("application/x-npy", "confusion_matrix"), ("text/csv", "per_class")):
            problem = self.refuse(SEGMENTATION, masks, 406, headers={"Accept": kind}, num_classes=1030)
            self.assertIn(f"ask with {param}=true", problem["detail"])
            asked = self.server.post(SEGMENTATION, masks, {"Accept": kind}, num_classes=1030, **{param: True})
            self.assertEqual(asked.status, 200)
        for accept, read in ((NPZ, self.archive), (SAFETENSORS, unpack)):
            arrays, texts = read(self.server.post(SEGMENTATION, masks, accept, num_classes=1030, state=True).body)
            self.assertEqual(arrays["confusion_matrix"].shape, (1030, 1030))
            self.assertEqual(arrays["confusion_matrix"][3, 1029], 1)
            self.assertEqual(arrays["classes.iou"].shape, (1030,))
            self.assertNotIn("not_printed", str(texts["warnings.code"]))
            self.assertEqual(arrays["state"].tobytes(), base64.b64decode(reply["state"]), "a state is of the data alone")
            merged = self.server.post("/v1/merge/metrics/segmentation", {"states": [reply["state"]] * 2}, accept)
            arrays, texts = read(merged.body)
            self.assertEqual(arrays["confusion_matrix"][3, 1029], 2)
            self.assertEqual(arrays["classes.support"][3], 2)
        for accept, what in (("text/csv", "table"), ("application/x-npy", "array")):
            problem = self.refuse(SEGMENTATION, masks, 406, headers={"Accept": accept}, num_classes=1030)
            self.assertIn(f"no {what} for {accept}", problem["detail"])
            self.assertIn("=true", problem["detail"])
        both = self.server.post(SEGMENTATION, masks, {"Accept": "application/x-npy, application/x-npz;q=0.5"},
                                num_classes=1030)
        self.assertEqual(np.load(io.BytesIO(both.body)).shape, (1030, 1030))

    def test_long_names_of_classes(self):
        """NumPy's arrays of text have the longest for each row."""
        names = ["\u00e9" * 128, "b", "c"]
        reply = self.server.post(SEGMENTATION, {**MASKS, "params": {"class_names": names}}, NPZ, num_classes=3)
        self.assertEqual(self.archive(reply.body)[1]["classes.name"], names)
        names[0] += "x"
        problem = self.refuse(SEGMENTATION, {**MASKS, "params": {"class_names": names}}, 422, headers=NPZ, num_classes=3)
        self.assertIn("257 bytes; at most 256", problem["detail"])
        self.assertEqual(problem["errors"][0]["pointer"], "#/params/class_names")

    # ---- bytes ----

    def test_the_archive_is_that_of_a_strict_reader(self):
        """No time, no machine in the bytes; members stored; our own reader takes them back."""
        reply = self.server.post(GELU, npy(np.ones(5, "f4")), NPZ)
        with zipfile.ZipFile(io.BytesIO(reply.body)) as z:
            self.assertEqual({i.date_time for i in z.infolist()}, {(1980, 1, 1, 0, 0, 0)})
            self.assertEqual({(i.compress_type, i.flag_bits, i.create_version) for i in z.infolist()}, {(0, 0, 20)})
            self.assertTrue(all(name.endswith(".npy") for name in z.namelist()))
            y = z.read("y.npy")
        self.assertEqual(y, self.server.post(GELU, npy(np.ones(5, "f4")), NPY).body)
        body, headers = multipart(("x", reply.body))  # of many members none is x
        self.refuse("/v1/activations/relu", body, 400, headers=headers)

    def test_large_results_come_in_pieces(self):
        """Tensors are sent from where they were computed: no copy of them is held."""
        x = npy((np.arange(4 * MIB) / MIB - 2).astype("f4"))
        want = None
        for accept, read in ((NPY, None), (NPZ, self.archive), (SAFETENSORS, unpack)):
            with Server("--memory", "256M") as server:
                before = server.memory("VmRSS")
                reply = server.post(GELU, x, accept, grad=True)
                self.assertEqual(reply.status, 200, repr(reply)[:300])
                peak = server.memory() - before
            y = np.load(io.BytesIO(reply.body)) if read is None else read(reply.body)[0]["y"]
            want = y if want is None else want
            self.assertTrue(np.array_equal(y, want))
            if not SANITIZED:  # 16 MiB each: the body, y, grad.x
                self.assertLess(peak, (3 * 16 + 12) * MIB, accept)

    def test_a_slow_reader_gets_every_byte(self):
        """Sends that end anywhere: inside of a tensor, between two, inside of what stands around them."""
        x = npy(np.random.RandomState(1).randn(250001).astype("f4"))
        want = self.server.post(GELU, x, NPZ, grad=True).body
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(60 * SLOW)
            s.connect(("127.0.0.1", self.server.port))
            s.sendall(f"POST {GELU}?grad=true HTTP/1.1\r\nHost: a\r\nAccept: application/x-npz\r\nConnection: close\r\n"
                      f"Content-Length: {len(x)}\r\n\r\n".encode() + x)
            got = b"".join(iter(lambda: s.recv(3001), b""))
        self.assertTrue(got.startswith(b"HTTP/1.1 200"))
        self.assertEqual(got.partition(b"\r\n\r\n")[2], want)

    def test_pieces_in_tls(self):
        x = npy(np.random.RandomState(1).randn(250001).astype("f4"))
        want = self.server.post(GELU, x, NPZ, grad=True).body
        with tempfile.TemporaryDirectory(prefix="scored-") as folder, Secure(*certify(folder, "one")) as server:
            self.assertEqual(server.post(GELU, x, NPZ, grad=True).body, want)

    def test_negotiation(self):
        for accept, kind in (("application/x-npz;q=0.5, application/x-safetensors", "application/x-safetensors"),
                             ("application/*", "application/json"), ("*/*", "application/json"),
                             ("application/x-npz, application/json;q=0.1", "application/x-npz")):
            reply = self.server.post(MSE, {"pred": [1], "target": [2]}, {"Accept": accept})
            self.assertEqual(reply.headers["Content-Type"], kind)
        self.refuse(MSE, {"pred": [1], "target": [2]}, 406, headers={"Accept": "application/zip"})
