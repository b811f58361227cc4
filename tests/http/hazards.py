"""What has hurt other servers, each tried here: the answer, the memory, and that the next request works, on the same
connection and on a new one. docs/hostile-input.md is the list.

Memory: the highest that the process ever used, from one request to the next (Linux can be told to forget it).
"""
import base64
import gzip
import json
import re
import struct
import threading
import time
import zlib

import numpy as np

from archives import archive, npz
from bodies import multipart, npy, npy_header, png
from server import SANITIZED, SLOW, Case, Reply
from tensorfiles import pack

MSE, RELU, SEGMENTATION = "/v1/losses/mse", "/v1/activations/relu", "/v1/metrics/segmentation"
MIB = 1 << 20
GIVEN = 256 * MIB
LITTLE = 24 * MIB  # what a request may use that is refused for what it says
SOON = 5 * SLOW    # seconds in which any of them is answered; most take a few milliseconds

# What no text to a client may have: paths, addresses, places in the source.
SECRETS = re.compile(r"/(home|root|tmp|usr|proc|work|var|build)/|0x[0-9a-f]{6,}|\.[ch]:[0-9]|malloc|errno", re.I)


class Hazards(Case):
    OPTIONS = ("--memory", str(GIVEN), "--threads", "2", "--io-threads", "1")

    def setUp(self):
        self.connection = self.server.connect()
        self.forget_peak()

    def tearDown(self):
        """The next request on the connection, and on a new one."""
        for send in (self.send, self.server.post):
            self.assertEqual(self.ok(send(MSE, {"pred": [1], "target": [3]}))["value"], 4)
        self.connection.close()

    def forget_peak(self):
        with open(f"/proc/{self.server.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        self.before = self.server.memory("VmRSS")

    def send(self, path, body, headers=None, **params):
        """On the connection that all requests of a test share, unless the server closes it."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        query = "&".join(f"{name}={value}" for name, value in params.items())
        self.connection.request("POST", f"{path}?{query}" if query else path, body, headers or {})
        return Reply(self.connection.getresponse())

    def check_memory(self, most):
        if not SANITIZED:
            self.assertLess(self.server.memory() - self.before, most)

    def refuse(self, status, problem, path, body, headers=None, said="", memory=LITTLE, **params):
        """Refused soon with this problem, which tells `said` and nothing about the server."""
        self.forget_peak()
        began = time.monotonic()
        reply = self.send(path, body, headers, **params)
        self.assertLess(time.monotonic() - began, SOON)
        self.check_memory(memory)
        told = reply.json()
        self.assertEqual((reply.status, told["type"]), (status, f"urn:scored:problem:{problem}"), repr(reply))
        self.assertIn(said, told["detail"])
        self.assertIsNone(SECRETS.search(reply.body.decode()), repr(reply))
        self.assertLess(len(reply.body), 4096)
        return told

    def malformed(self, path, body, headers=None, **more):
        return self.refuse(400, "malformed-body", path, body, headers, **more)

    def too_large(self, path, body, headers=None, **more):
        return self.refuse(413, "too-large", path, body, headers, **more)

    def heavy(self, path, body, headers=None, **more):
        """What is larger than all the memory there is: used up to that, and refused."""
        return self.refuse(413, "never-fits-memory", path, body, headers, memory=GIVEN + LITTLE, **more)

    def taken(self, path, body, headers=None, memory=LITTLE, **params):
        self.forget_peak()
        reply = self.ok(self.send(path, body, headers, **params))
        self.check_memory(memory)
        return reply


def nested(depth, opening=b"[", inner=b"1", closing=b"]"):
    return opening * depth + inner + closing * depth


def written(dtype, shape, data):
    """The same claim of a tensor in every format: (path, body, headers)."""
    text = base64.b64encode(data).decode()
    dims = ",".join(map(str, shape))
    array = npy_header(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({dims},), }}", data)
    v2 = {"name": "x", "shape": shape, "datatype": dtype.upper()}
    head = json.dumps({"inputs": [{**v2, "parameters": {"binary_data_size": len(data)}}]}).encode()
    infer = "/v2/models/activations.relu/infer"
    yield RELU, json.dumps({"x": {"dtype": dtype, "shape": shape, "data": list(data)}}).encode(), {}
    yield RELU, json.dumps({"x": {"dtype": dtype, "shape": shape, "base64": text}}).encode(), {}
    yield RELU, array, {}
    yield RELU, npz_of(array), {}
    yield RELU, data, {"Content-Type": f"application/octet-stream; dtype={dtype}; shape={dims}"}
    yield RELU, *multipart(("x", data, f"application/octet-stream; dtype={dtype}; shape={dims}"))
    yield infer, json.dumps({"inputs": [{**v2, "data": list(data)}]}).encode(), {}
    yield infer, head + data, {"Inference-Header-Content-Length": str(len(head))}


def npz_of(array):
    return archive(("x.npy", array))


class Shapes(Hazards):
    """Products that overflow, claims of more than there is: refused before any memory is taken."""

    def test_products_past_any_integer(self):
        for shape in ([2**31, 2**32], [2**32, 2**32], [2**62, 4], [2**63 - 1, 2**63 - 1], [2**21] * 8,
                      [3, 2**63 - 1], [2**62 + 1]):
            for claim in written("uint8", shape, b"\1\2\3"):
                with self.subTest(shape=shape, body=claim[1][:60]):
                    self.too_large(*claim)

    def test_dimensions_past_any_integer(self):
        for shape in ([2**63], [2**64 + 1], [10**40]):
            for path, body, headers in written("uint8", shape, b"\1"):
                with self.subTest(shape=shape, body=body[:60]):
                    told = self.send(path, body, headers)
                    self.assertIn(told.status, (400, 413), repr(told))

    def test_claims_of_more_or_less_than_there_is(self):
        for shape in ([2**40], [2**31, 2**30], [4], [2], [0], [0, 2**40]):
            for claim in written("uint8", shape, b"\1\2\3"):
                with self.subTest(shape=shape, body=claim[1][:60]):
                    self.malformed(*claim)

    def test_shapes_of_safetensors(self):
        for shape in ([2**63, 2], [2**32, 2**32], [2**64], [2**63 - 1], [2**40, 2**20], [4], [2], [0], [-1]):
            body = pack({"x": {"dtype": "U8", "shape": shape, "data_offsets": [0, 3]}}, b"\1\2\3")
            self.malformed(RELU, body, said="tensor 'x'")
        self.too_large(RELU, pack({"x": {"dtype": "U8", "shape": [1] * 5000, "data_offsets": [0, 1]}}, b"\1"),
                       said="rank")
        self.malformed(RELU, struct.pack("<Q", 2**55) + b'{"x": 1}', said="should have")
        self.too_large(RELU, struct.pack("<Q", 2**21) + b"{" + bytes(2**21), said="safetensors_header_bytes")
        every = {f"t{n}": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]} for n in range(10)}
        self.malformed(RELU, pack(every, b"\1"), said="overlap")

    def test_negative_dimensions(self):
        for claim in written("uint8", [-1], b"\1"):
            with self.subTest(body=claim[1][:60]):
                self.malformed(*claim)

    def test_nothing_of_very_many(self):
        """A zero among the dimensions: the others may claim any number of samples, at no cost."""
        for shape in ([2**40, 0], [0, 2**40], [2**40, 0, 2**20], [2**20, 2, 0, 2**20]):
            with self.subTest(shape=shape):
                empty = {"dtype": "float32", "shape": shape, "data": []}
                self.assertEqual(self.taken(MSE, {"pred": empty, "target": empty})["status"], "empty")

    def test_a_header_of_4_gib(self):
        head = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1)
        self.too_large(RELU, head + b"{'descr'", said="header")
        self.malformed(RELU, b"\x93NUMPY\x01\x00\xff\xff{}", said="cut off")

    def test_a_python_literal_that_is_no_header(self):
        for text in ("(" * 60000, "{" * 60000, "{'descr': " + "[" * 60000, "{'descr': ('" + "<f4," * 9000,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': " + "(" * 60000,
                     "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,)}"):
            with self.subTest(text=text[:40]):
                self.assertIn(self.send(RELU, npy_header(text)).status, (400, 415))

    def test_pickles_are_never_read(self):
        array = npy_header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", b"\x80\x04K\x01.")
        for body in (array, npz_of(array), b"\x80\x04K\x01."):
            self.refuse(415, "unsupported-format", RELU, body, said="pickle")

    def test_shapes_of_a_mask_in_runs(self):
        for size in ([2**31, 2**31], [2**62, 4], [2**63 - 1, 2**63 - 1], [8193, 8192]):
            self.too_large(RELU, {"x": {"size": size, "counts": [1]}}, said="png_pixels")
        for counts in ([2**62, 2**62], [5, -1], [3, 2], [4, 0], "0" * 9, "oooooooo", "\u00e9", "0T35TN\\n"):
            self.assertEqual(self.send(RELU, {"x": {"size": [2, 2], "counts": counts}}).status,
                             200 if counts == [4, 0] else 400, counts)


class Json(Hazards):
    """Depth, keys, numbers and texts."""

    def test_depth(self):
        deep = nested(100000)
        for body in (b'{"x": ' + deep + b"}", b'{"params": {"a": ' + deep + b'}, "x": 1}', deep,
                     nested(100000, b'{"a":', b"1", b"}")):
            self.too_large(RELU, body, said="json_depth")
        self.too_large("/v2/models/activations.relu/infer", b'{"inputs": ' + deep + b"}", said="json_depth")
        self.too_large("/v1/merge/losses/mse", b'{"states": ' + deep + b"}", said="json_depth")
        self.too_large(RELU, *multipart(("x", npy(np.zeros(1))), ("params", deep, "application/json")),
                       said="json_depth")

    def seconds(self, body, path=MSE):
        times = []
        for _ in range(3):
            began = time.monotonic()
            self.send(path, body)
            times.append(time.monotonic() - began)
        return min(times)

    def linear(self, make, count):
        """16 times as much takes some 16 times as long, more where it leaves the caches; a square would be 256."""
        self.assertLess(self.seconds(make(count)), 80 * self.seconds(make(count // 16)) + 0.1 * SLOW)

    def test_forty_thousand_keys(self):
        """No table of hashes, so no collisions; each is looked at a few times."""
        def keys(count):
            return {f"key{n}": 1 for n in range(count)}

        self.too_large(MSE, keys(40000), said="parts")
        self.refuse(400, "bad-parameter", MSE, {"params": keys(40000)}, memory=96 * MIB)
        self.too_large(MSE, {"pred": keys(70000)}, said="keys")
        self.linear(lambda n: {"pred": keys(n)}, 60000)
        self.linear(lambda n: {"pred": {"A" * 500 + str(k): 1 for k in range(n)}}, 16000)

    def test_members_of_a_tensor_and_of_maps(self):
        self.malformed(MSE, {"pred": {f"key{n}": 1 for n in range(40000)}, "target": [1]}, said="unknown member")
        self.refuse(422, "parameter-out-of-bounds", SEGMENTATION,
                    {"pred": [0], "target": [0], "params": {"num_classes": 2, "label_map": [0] * 65537}},
                    said="65536", memory=96 * MIB)

    def test_numbers_of_many_digits(self):
        digits = b"1" * 4000000
        reply = self.taken(RELU, b'{"x": [0.' + digits + b"]}")
        self.assertEqual(reply["y"]["data"], [1 / 9])
        self.malformed(RELU, b'{"x": [' + digits + b"]}", said="beyond")
        self.malformed(RELU, b'{"x": [' + digits + b".5]}", said="beyond")
        self.malformed(RELU, b'{"x": [1e' + digits + b"]}", said="beyond")
        self.assertEqual(self.taken(RELU, b'{"x": [1e-' + digits + b"]}")["y"]["data"], [0])
        self.refuse(400, "bad-parameter", RELU, b'{"x": [1], "params": {"a": ' + digits[:9000] + b"}}")

    def test_texts_of_many_bytes(self):
        text = b'"' + b"\\u0041" * 400000 + b'"'
        self.malformed(MSE, b'{"pred": ' + text + b"}", said="expected a number")
        self.refuse(400, "bad-input", MSE, b'{"pred": [1], ' + text + b": [1]}", said="AAA")
        self.malformed(MSE, b'{"pred": {"dtype": ' + text + b', "shape": [1], "base64": 1}}')
        self.malformed(MSE, b'{"pred": [1], "\xff\xfe": 1}', said="UTF-8")

    def test_a_body_larger_than_json_may_be(self):
        """... is not read at all."""
        body = b'{"pred": [' + b"1," * (33 * MIB)
        self.too_large(MSE, body, said="json_bytes", memory=len(body) + 2 * LITTLE)


class Many(Hazards):
    """Counts that the caller chooses."""

    def chunked(self, path, body, piece):
        self.connection.request("POST", path, (body[n:n + piece] for n in range(0, len(body), piece)),
                                {"Transfer-Encoding": "chunked"}, encode_chunked=True)
        return Reply(self.connection.getresponse())

    def test_chunks_of_one_byte(self):
        """Triton: a stack of as many pieces as there are chunks."""
        body = json.dumps({"pred": [1], "target": [3]}).encode()
        raw = b"".join(b"1\r\n%c\r\n" % byte for byte in body + b" " * 300000) + b"0\r\n\r\n"
        self.connection.putrequest("POST", MSE)
        self.connection.putheader("Transfer-Encoding", "chunked")
        self.connection.endheaders()
        self.connection.send(raw)
        self.assertEqual(self.ok(Reply(self.connection.getresponse()))["value"], 4)
        self.check_memory(LITTLE)

    def test_parts(self):
        part = ("pred", b"\0", "application/octet-stream; dtype=uint8; shape=1")
        self.too_large(SEGMENTATION, *multipart(*[part] * 1025), said="parts")
        self.refuse(400, "bad-input", SEGMENTATION, *multipart(*[part] * 1024), num_classes=2)
        params = ("params", b'{"a": 1}', "application/json")
        self.too_large(SEGMENTATION, *multipart(*[params] * 2000), said="parts")

    def test_boundaries_that_are_almost_there(self):
        """Search in linear time, and no copies."""
        def body(count):
            return b"--B\r\n" + b"\r\n--B" * count + b"\r\n--" * count

        headers = {"Content-Type": "multipart/form-data; boundary=B"}
        part = b"--B\r\nContent-Disposition: form-data; name=\"x\"\r\n"
        self.malformed(SEGMENTATION, body(400000), headers)
        self.malformed(SEGMENTATION, part + b"X: y\r\n" * 400000, headers)
        headers["Content-Type"] += "B" * 70
        self.malformed(SEGMENTATION, b"--B\r\n\r\n\r\n" * 10, headers, said="1 to 70")

    def test_outputs(self):
        infer = "/v2/models/metrics.segmentation/infer"
        inputs = [{"name": name, "shape": [1], "datatype": "INT64", "data": [0]} for name in ("pred", "target")]
        asked = {"inputs": inputs, "parameters": {"num_classes": 1000}}
        self.refuse(400, "bad-input", infer, {**asked, "outputs": [{"name": "confusion_matrix"}] * 2}, said="twice")
        self.too_large(infer, {**asked, "outputs": [{"name": f"o{n}"} for n in range(1025)]}, said="parts")
        self.refuse(400, "bad-input", infer, {**asked, "inputs": inputs * 2}, said="twice")
        self.too_large("/v2/models/activations.relu/infer", {"inputs": [
            {**inputs[0], "name": f"x{n}"} for n in range(1025)]}, said="parts")

    def test_classes(self):
        pair = {"pred": [0], "target": [0]}
        for op in ("segmentation", "classification", "confusion_matrix"):
            for count in (4097, 2**31, 2**32 + 2, 2**53, 2**63 - 1):
                reply = self.send(f"/v1/metrics/{op}", pair, num_classes=count)
                self.assertIn(reply.status, (413, 422), (count, reply))
        self.too_large("/v1/losses/cross_entropy", npz(pred=np.zeros((1, 65537), "f2"), target=np.array([0])),
                       said="classes")
        self.refuse(422, "parameter-out-of-bounds", "/v1/metrics/classification", pair, said="top_k",
                    num_classes=4, top_k=",".join(map(str, range(1, 66))))
        self.refuse(422, "parameter-out-of-bounds", "/v1/metrics/classification", pair, said="twice",
                    num_classes=4, top_k="1,1")
        self.refuse(422, "parameter-out-of-bounds", "/v1/metrics/classification", pair, said="above num_classes",
                    num_classes=4, top_k=5)
        self.refuse(422, "parameter-out-of-bounds", SEGMENTATION, pair, said="ignore_index",
                    num_classes=4, ignore_index=",".join(map(str, range(65))))

    def test_operations_at_once(self):
        pair = {"pred": [0], "target": [0]}
        self.refuse(400, "bad-parameter", "/v1/score", pair, said="twice",
                    ops="metrics/segmentation,metrics/segmentation")
        matrices = "metrics/segmentation,metrics/classification,metrics/confusion_matrix"
        self.heavy("/v1/score", {**pair, "params": {"num_classes": 4096}}, ops=matrices)

    def test_images_of_one_pixel(self):
        """Many of them cost their pixels, not a matrix of all classes each, or all labels times all ignored ones."""
        part = b"\0", "application/octet-stream; dtype=uint8; shape=1,1"
        body = multipart(*[(name, *part) for _ in range(200) for name in ("pred", "target")])
        ignored = ",".join(map(str, range(100, 164)))
        for params in ({"num_classes": 4096}, {"num_classes": 2, "label_map": "65535:0", "ignore_index": ignored}):
            began = time.monotonic()
            self.assertEqual(self.taken(SEGMENTATION, *body, memory=192 * MIB, **params)["images"], 200)
            self.assertLess(time.monotonic() - began, SOON)

    def test_a_state_that_claims_much(self):
        for classes in (4097, 65537, 2**31, 2**62, 2**64 - 1):
            content = b"SCST" + struct.pack("<III", 1, 1, 20) + b"metrics/segmentation"
            content += struct.pack("<I", 0) + struct.pack("<Q", classes) + bytes(64)
            state = base64.b64encode(content + struct.pack("<I", zlib.crc32(content))).decode()
            self.refuse(422, "state-does-not-fit", "/v1/merge/metrics/segmentation", {"states": [state]})

    def test_parameters(self):
        query = "&".join(f"a{n}=1" for n in range(300))
        self.refuse(414, "path-too-long", f"{MSE}?{query}", {"pred": [1], "target": [1]}, said="query_fields")
        self.refuse(400, "bad-parameter", MSE, {"pred": [1], "target": [1], "params": {
            "a": list(range(100000))}}, memory=96 * MIB)


class Bombs(Hazards):
    """A few bytes that become very many."""

    def zeros(self, window):
        """300 MiB of zeros, deflated: of gzip (31), of zlib (15), or bare (-15)."""
        out = zlib.compressobj(1, zlib.DEFLATED, window)
        return b"".join(out.compress(bytes(MIB)) for _ in range(300)) + out.flush()

    def test_gzip(self):
        bomb = self.zeros(31)
        for body in (bomb, bomb * 3):
            self.heavy(RELU, body, {"Content-Encoding": "gzip"})
        self.heavy(RELU, self.zeros(15), {"Content-Encoding": "deflate"})
        self.refuse(415, "unsupported-format", RELU, gzip.compress(bomb), {"Content-Encoding": "gzip, gzip"})
        self.refuse(415, "unsupported-format", RELU, gzip.compress(bomb), {"Content-Encoding": "gzip"}, said="gzip")

    def test_gzip_of_very_many_members(self):
        body = json.dumps({"pred": [1], "target": [3]}).encode()
        self.assertEqual(self.taken(MSE, gzip.compress(body) + gzip.compress(b"") * 20000,
                                    {"Content-Encoding": "gzip"})["value"], 4)

    def test_npz(self):
        """Claims are checked before anything is inflated, and what is inflated against the claims."""
        bomb = archive(("x.npy", bytes(1000)), compression=8)
        packed = self.zeros(-15)
        sizes = struct.pack("<II", len(packed), 300 * MIB)
        begin, entry = 30 + len("x.npy"), bomb.rindex(b"PK\1\2")
        bomb = (bomb[:18] + sizes + bomb[26:begin] + packed + bomb[entry:entry + 20] + sizes + bomb[entry + 28:-6] +
                struct.pack("<IH", begin + len(packed), 0))
        self.heavy(RELU, bomb)
        at = bomb.rindex(b"PK\1\2") + 24

        def claiming(size):  # in both headers
            claim = struct.pack("<I", size)
            return bomb[:22] + claim + bomb[26:at] + claim + bomb[at + 4:]

        for size in (2**32 - 2, 2**31):
            self.too_large(RELU, claiming(size), said="body_bytes")
        self.malformed(RELU, claiming(1000), said="does not inflate")
        self.refuse(415, "unsupported-format", RELU, archive(("x.npy", archive(("x.npy", b"1")))), said="no NPY")

    def test_png(self):
        """Sizes are checked before rows have buffers."""
        for size in ((2**31 - 1, 1), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1), (8193, 8192), (1000001, 1)):
            header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
            body = b"\x89PNG\r\n\x1a\n"
            for name, content in ((b"IHDR", header), (b"IDAT", b"x\x9c")):
                body += struct.pack(">I", len(content)) + name + content
                body += struct.pack(">I", zlib.crc32(name + content))
            self.too_large(RELU, body)

    def test_png_with_very_many_texts(self):
        """Chunks that no mask needs are skipped, not inflated."""
        mask = png(np.ones((2, 2), "u1"))
        content = b"a\0\0" + zlib.compress(bytes(MIB), 9)
        chunk = struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))
        reply = self.taken(RELU, mask[:33] + chunk * 500 + mask[33:])
        self.assertEqual(reply["y"]["data"], [1, 1, 1, 1])

    def test_masks_in_runs(self):
        """Sixty bytes each: all of them together get no more than the memory there is."""
        run = {"size": [8192, 8192], "counts": [8192 * 8192]}
        self.heavy(SEGMENTATION, {f"a{n}": run for n in range(4)})

    def test_a_deadline_ends_decoding(self):
        """... between two tensors."""
        run = {"size": [1024, 1024], "counts": [1024 * 1024]}
        self.refuse(504, "deadline-passed", SEGMENTATION, {f"a{n}": run for n in range(400)},
                    {"X-Request-Timeout": "0.03"}, memory=GIVEN)

    def test_small_bodies_keep_no_one_waiting(self):
        """... by what they become: there is one I/O thread here, and it goes on answering."""
        run = {"size": [8192, 8192], "counts": [8192 * 8192]}
        replies, slowest = [], 0
        thread = threading.Thread(target=lambda: replies.append(
            self.send(RELU, {"x": run, **{f"x{n}": run for n in range(3)}})))
        began = now = time.monotonic()
        thread.start()
        while thread.is_alive():
            self.assertEqual(self.server.get("/healthz").status, 200)
            slowest, now = max(slowest, time.monotonic() - now), time.monotonic()
        self.assertEqual(replies[0].status, 413)
        self.assertLess(slowest, (now - began) / 2)
