"""Each type of error of docs/errors.md: a request that gets it, and what its text tells. A type without one fails."""
import json
import os
import re
import socket
import time

import numpy as np

from bodies import npy
from server import ROOT, Case

MSE, RELU = "/v1/losses/mse", "/v1/activations/relu"
ENTROPY, SEGMENTATION = "/v1/losses/cross_entropy", "/v1/metrics/segmentation"
PAIR = {"pred": [1, 2], "target": [1, 3]}


def post(path, body=None, headers=None, **params):
    return lambda server: server.post(path, PAIR if body is None else body, headers, **params)


def get(path, headers=None):
    return lambda server: server.ask("GET", path, headers=headers)


class Raw:
    """The reply to bytes that no client library sends."""

    def __init__(self, *lines, late=b""):
        self.request, self.late = b"\r\n".join([*lines, b"", b""]), late

    def __call__(self, server):
        with socket.create_connection(("127.0.0.1", server.port), 30) as s:
            s.sendall(self.request)
            if self.late:
                time.sleep(0.05)
                s.sendall(self.late)
            text = s.makefile("rb").read()
        return Answer(text)


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ", 2)[1])

    def json(self):
        return json.loads(self.body)


# type: (request, what its detail says)
CASES = {
    "malformed-body": (post(MSE, b'{"pred": [1'), "but the text ends"),
    "bad-parameter": (post(MSE, reduction="all"), "it takes mean|sum|none"),
    "bad-input": (post(MSE, {"pred": [1]}), "input 'target' is missing"),
    "no-such-path": (get("/v1/nowhere"), "/v1/nowhere"),
    "no-such-operation": (get("/v1/operations/losses/mze"), "GET /v1/operations lists them"),
    "method-not-allowed": (get(MSE), "it takes POST, OPTIONS"),
    "not-acceptable": (post(MSE, None, {"Accept": "image/jpeg"}), "there are application/x-npy"),
    "too-large": (post(RELU, npy(np.zeros(1 << 18))), "body_bytes"),
    "never-fits-memory": (post(RELU, npy(np.zeros(1 << 17))), "`request_memory_bytes`"),
    "path-too-long": (get("/healthz?" + "a" * 20000), "target_bytes"),
    "unsupported-format": (post(MSE, b"no tensor"), "name a format that is taken: npy, png"),
    "parameter-out-of-bounds": (post("/v1/losses/huber", delta=-1), "it must be above 0"),
    "shapes-do-not-fit": (post(MSE, {"pred": [1], "target": [1, 2]}), "they must be equal"),
    "dtypes-do-not-fit": (post(ENTROPY, {"pred": [[1.0, 2]], "target": [0.5]}), "class indices are integers"),
    "label-out-of-range": (post(ENTROPY, {"pred": [[1.0, 2]], "target": [2]}), "is none of 0 to 1"),
    "probability-out-of-range": (post("/v1/losses/binary_cross_entropy", {"pred": [1.5], "target": [1]}), "0 to 1"),
    "value-out-of-range": (post("/v1/losses/gaussian_nll", {**PAIR, "var": [1, -1]}), "is negative"),
    "state-does-not-fit": (post("/v1/merge/losses/mse", {"states": ["AAAA"]}), "states are the `state` of replies"),
    "headers-too-large": (get("/healthz", {f"X-{i}": "1" for i in range(100)}), "headers"),
    "deadline-passed": (Raw(b"POST /v1/losses/mse HTTP/1.1", b"Host: a", b"Content-Length: 25", b"X-Request-Timeout: 0.001",
                            b"Connection: close", late=b'{"pred":[1],"target":[2]}'), "X-Request-Timeout"),
    "bad-request": (Raw(b"GET /healthz HTTP/1.1", b"Host: a", b"Host: b"), "Host"),
    "transfer-coding-not-taken": (Raw(b"POST /v1/losses/mse HTTP/1.1", b"Host: a", b"Transfer-Encoding: gzip, chunked",
                                      b"Connection: close"), "chunked"),
    "http-version-not-taken": (Raw(b"GET /healthz HTTP/1.7", b"Host: a"), "1.1"),
}
# Those that need a server of their own: the module that asks for them by name.
ELSEWHERE = {"no-valid-key": "teams", "no-right": "teams", "quota-exceeded": "teams", "out-of-memory": "teams",
             "body-too-slow": "slow", "busy": "limits"}
DEFECT = {"internal-error"}  # nothing is known that gives it; the unit tests write it


def documented():
    """{type: status} of docs/errors.md."""
    with open(os.path.join(ROOT, "docs/errors.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \| ", file.read(), re.M)
    return {slug: int(status) for status, slug in rows}


class Problems(Case):
    OPTIONS = ("--limit-body-bytes", "2M", "--memory", "16M", "--request-memory", "3M")

    def test_the_table_is_that_of_the_program(self):
        with open(os.path.join(ROOT, "src/server/problems.def"), encoding="utf-8") as file:
            rows = re.findall(r'^PROBLEM\(\w+, (\d{3}), "([a-z-]+)"', file.read(), re.M)
        self.assertEqual(documented(), {slug: int(status) for status, slug in rows})

    def test_every_type_has_a_case(self):
        self.assertEqual({*CASES, *ELSEWHERE, *DEFECT}, set(documented()))
        for slug, module in ELSEWHERE.items():
            with self.subTest(slug), open(os.path.join(ROOT, f"tests/http/{module}.py"), encoding="utf-8") as file:
                self.assertIn(slug, file.read())

    def test_each(self):
        for slug, (ask, words) in CASES.items():
            with self.subTest(slug):
                reply = ask(self.server)
                problem = reply.json()
                self.assertEqual((reply.status, problem["type"]), (documented()[slug], f"urn:scored:problem:{slug}"), problem)
                self.assertEqual(problem["status"], reply.status)
                self.assertIn(words, problem["detail"])
                self.assertIn(problem["detail"], problem["error"])

    def test_limits_are_told_with_their_values(self):
        limits = self.server.get("/v1/limits").json()
        for slug, name in (("too-large", "body_bytes"), ("never-fits-memory", "request_memory_bytes")):
            detail = CASES[slug][0](self.server).json()["detail"]
            self.assertRegex(detail, rf"\b{name}\b")
            self.assertIn(str(limits[name]), detail)
