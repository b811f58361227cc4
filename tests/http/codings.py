"""Bodies and replies in gzip and deflate, and what broken ones and bombs get."""
import gzip
import json
import zlib

import numpy as np

from bodies import multipart, npy
from errors import Errors
from server import SANITIZED, Reply, Server

MSE, RELU, SEGMENTATION = "/v1/losses/mse", "/v1/activations/relu", "/v1/metrics/segmentation"
BODY = json.dumps({"pred": [1.0, 2.0], "target": [1.0, 4.0]}).encode()
CODERS = {"gzip": gzip.compress, "deflate": zlib.compress}
MIB = 1 << 20


class Codings(Errors):
    def coded(self, path, body, coding, headers=None, **params):
        return self.server.post(path, body, {**(headers or {}), "Content-Encoding": coding}, **params)

    # ---- requests ----

    def test_inflated_once(self):
        """A small body, of which much work is made: it goes from thread to thread."""
        body = json.dumps({"pred": [0, 1] * 5000, "target": [1, 1] * 5000}).encode()
        plain = self.ok(self.server.post("/v1/metrics/confusion_matrix", body, num_classes=3000))
        reply = self.server.post("/v1/metrics/confusion_matrix", gzip.compress(body), {"Content-Encoding": "gzip"},
                                 num_classes=3000)
        self.assertEqual(self.ok(reply), plain)

    def test_every_coding_gives_the_same_bytes(self):
        want = self.server.post(MSE, BODY).body
        for coding, compress in CODERS.items():
            for level in (0, 1, 9):
                self.assertEqual(self.coded(MSE, compress(BODY, level), coding).body, want)
        self.assertEqual(self.coded(MSE, CODERS["gzip"](BODY), "GZip").body, want)
        self.assertEqual(self.coded(MSE, BODY, "identity").body, want)

    def lines(self, *headers, path=MSE, body=BODY):
        """A reply to a request with these header lines, as they are."""
        connection = self.server.connect()
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", len(body)), *headers):
            connection.putheader(name, value)
        connection.endheaders(body)
        reply = Reply(connection.getresponse())
        connection.close()
        return reply

    def test_lines_of_a_list_are_one_list(self):
        small = gzip.compress(BODY)
        for second in ("deflate", "gzip", "br"):
            reply = self.lines(("Content-Encoding", "gzip"), ("Content-Encoding", second), body=small)
            self.problem(reply, 415)
        reply = self.lines(("Accept", "text/html"), ("Accept", "text/plain"))
        self.assertEqual(reply.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(self.lines(("Accept", "text/html"), ("Accept", "image/png")).status, 406)

    def test_blanks_behind_a_value(self):
        self.assertEqual(self.ok(self.lines(("Content-Encoding", "gzip \t"), body=gzip.compress(BODY)))["value"], 2)

    def test_what_has_one_value_comes_once(self):
        for name, value in (("Content-Type", "application/json"), ("Authorization", "Bearer x"),
                            ("X-Request-Timeout", "9")):
            with self.subTest(name=name):
                self.problem(self.lines((name, value), (name, value)), 400)

    def test_members_of_gzip_are_one_body(self):
        for cut in (0, 1, 10, len(BODY)):
            body = gzip.compress(BODY[:cut]) + gzip.compress(BODY[cut:])
            self.assertEqual(self.ok(self.coded(MSE, body, "gzip"))["value"], 2)

    def test_large_bodies_of_every_form(self):
        random = np.random.RandomState(3)
        pred, target = random.randint(0, 5, (2, 700, 900)).astype("u1")
        body, headers = multipart(("pred", npy(pred)), ("target", npy(target)))
        want = self.server.post(SEGMENTATION, body, headers, num_classes=5)
        for coding, compress in CODERS.items():
            small = compress(body)
            got = self.coded(SEGMENTATION, small, coding, headers, num_classes=5)
            self.assertEqual(got.body, want.body)
            chunks = (small[i:i + 999] for i in range(0, len(small), 999))
            got = self.server.ask("POST", f"{SEGMENTATION}?num_classes=5", chunks,
                                  {**headers, "Content-Encoding": coding})
            self.assertEqual(got.body, want.body)

    def test_binary_tensors_behind_json(self):
        x = np.linspace(-1, 1, 99, dtype="f4")
        head = json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": [99],
                                       "parameters": {"binary_data_size": x.nbytes}}]}).encode()
        headers = {"Inference-Header-Content-Length": str(len(head))}
        path = "/v2/models/activations.relu/infer"
        want = self.server.post(path, head + x.tobytes(), headers)
        self.assertEqual(want.status, 200)
        for coding, compress in CODERS.items():
            got = self.coded(path, compress(head + x.tobytes()), coding, headers)
            self.assertEqual(got.body, want.body)

    def test_broken_bodies(self):
        for coding, compress in CODERS.items():
            whole = compress(BODY)
            for size in range(len(whole)):
                reply = self.coded(MSE, whole[:size], coding)
                self.assertEqual(reply.status, 400, f"{coding} cut at {size}: {reply}")
            for wrong, said in ((whole + b"x", "1 bytes follow"), (BODY, "is broken at byte"),
                                (whole[:-1] + bytes([whole[-1] ^ 1]), "is broken")):
                problem = self.refuse(MSE, wrong, 400, headers={"Content-Encoding": coding})
                self.assertIn(said, problem["detail"])
        raw = zlib.compressobj(wbits=-15)
        self.assertEqual(self.coded(MSE, raw.compress(BODY) + raw.flush(), "deflate").status, 400)

    def test_codings_that_are_not_taken(self):
        for coding in ("br", "zstd", "gzip, deflate", "x-gzip", "gzip;q=1"):
            self.assertEqual(self.coded(MSE, gzip.compress(BODY), coding).status, 415)

    def test_bombs(self):
        bomb = gzip.compress(bytes(400 * MIB), 9)
        with Server("--memory", "64M", "--limit-body-bytes", "16M") as server:
            idle = server.memory("VmRSS")
            for headers in ({}, {"Content-Type": "application/octet-stream; dtype=uint8; shape=419430400"}):
                reply = server.post(RELU, bomb, {**headers, "Content-Encoding": "gzip"})
                self.assertEqual(reply.status, 413, repr(reply))
                self.assertIn("body_bytes", reply.json()["detail"])
            self.assertEqual(server.post(MSE, BODY).status, 200)
            if not SANITIZED:
                self.assertLess(server.memory(), idle + 96 * MIB)
        with Server("--memory", "64M") as server:
            self.assertEqual(server.post(RELU, bomb, {"Content-Encoding": "gzip"}).status, 413)
            self.assertEqual(server.post(MSE, BODY).status, 200)

    # ---- replies ----

    def ask(self, accept, count=5000, **headers):
        body = {"x": [i / 7 for i in range(count)]}
        return self.server.post(RELU, body, {"Accept-Encoding": accept, **headers})

    def test_replies(self):
        plain = self.ask("identity")
        for accept, coding in (("gzip", "gzip"), ("gzip, deflate, br, zstd", "gzip"), ("deflate", "deflate"),
                               ("gzip;q=0.2, deflate", "deflate"), ("gzip;q=0, deflate;q=0", None), ("*", None),
                               ("br", None), ("", None)):
            reply = self.ask(accept)
            self.assertEqual(reply.headers["Content-Encoding"], coding, accept)
            self.assertEqual(reply.headers["Vary"], "Accept-Encoding")
            decoded = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}[coding](reply.body)
            self.assertEqual(decoded, plain.body)
            self.assertEqual(int(reply.headers["Content-Length"]), len(reply.body))

    def test_replies_that_stay_as_they_are(self):
        for reply in (self.ask("gzip", 10), self.ask("gzip", Accept="application/x-npy"),
                      self.server.ask("GET", "/v1/operations", headers={"Accept-Encoding": "gzip"}),
                      self.server.post(RELU, b"{" * 20000, {"Accept-Encoding": "gzip"})):
            self.assertIsNone(reply.headers["Content-Encoding"], repr(reply))
