"""Each limit: what is within it is done, what is past it is refused as docs/configuration.md says, and the next request
works. A limit without a case here fails."""
import os
import re
import socket
import struct
import time

import numpy as np

from archives import npz
from bodies import multipart, npy, png
from server import ROOT, SANITIZED, SLOW, Case, Server, together
from sorting import sorting
from tensorfiles import safetensors

MSE, ENTROPY = "/v1/losses/mse", "/v1/losses/cross_entropy"
SEGMENTATION, RELU = "/v1/metrics/segmentation", "/v1/activations/relu"


def pair(count):
    return {"pred": [0.5] * count, "target": [1.0] * count}


def scores(classes):
    return {"pred": [[0.0] * classes], "target": [0]}


def nested(depth):
    return b'{"x": ' + b"[" * (depth - 1) + b"1" + b"]" * (depth - 1) + b"}"


def images(count):
    return multipart(*[(name, npy(np.zeros((2, 2), "u1"))) for _ in range(count) for name in ("pred", "target")])


def post(path, body, headers=None, **params):
    return lambda server: server.post(path, body, headers, **params)


def get(path, headers=None):
    return lambda server: server.ask("GET", path, headers=headers)


# limit: (value for the server, what is within, what is past it)
CASES = {
    "body_bytes": ("2000", post(RELU, npy(np.zeros(200))), post(RELU, npy(np.zeros(300)))),
    "json_bytes": ("300", post(MSE, pair(10)), post(MSE, pair(100))),
    "json_depth": ("4", post(RELU, nested(4)), post(RELU, nested(5))),
    "rank": ("3", post(RELU, npy(np.zeros((1, 1, 1)))), post(RELU, npy(np.zeros((1, 1, 1, 1))))),
    "classes": ("5", post(ENTROPY, scores(5)), post(ENTROPY, scores(6))),
    "confusion_classes": ("5", post(SEGMENTATION, {"pred": [0], "target": [0]}, num_classes=5),
                          post(SEGMENTATION, {"pred": [0], "target": [0]}, num_classes=6)),
    "png_pixels": ("12", post(RELU, png(np.zeros((3, 4), "u1"))), post(RELU, png(np.zeros((4, 4), "u1")))),
    "parts": ("4", post(SEGMENTATION, *images(2), num_classes=2), post(SEGMENTATION, *images(3), num_classes=2)),
    "npz_members": ("2", post(MSE, npz(pred=1.0, target=2.0)), post(MSE, npz(pred=1.0, target=2.0, a=3.0))),
    "safetensors_header_bytes": ("150", post(MSE, safetensors(pred=1.0, target=2.0)),
                                 post(MSE, safetensors(pred=1.0, target=2.0, a=3.0))),
    "target_bytes": ("300", get("/healthz?" + "a" * 200), get("/healthz?" + "a" * 400)),
    "query_fields": ("3", get("/healthz?a&b&c"), get("/healthz?a&b&c&d")),
    "headers": ("9", get("/healthz", {f"X-{i}": "1" for i in range(4)}),
                get("/healthz", {f"X-{i}": "1" for i in range(12)})),
    "header_bytes": ("600", get("/healthz", {"X-A": "1" * 200}), get("/healthz", {"X-A": "1" * 700})),
}
SMALL = "/v1/losses/mse", {"pred": [1], "target": [2]}
ELSEWHERE = {"queue_jobs", "queue_seconds", "idle_seconds",  # below
             "connections", "header_seconds", "body_rate", "body_rate_after", "body_seconds",  # slow.py
             "rest_seconds"}  # lifecycle.py


def documented():
    """{limit: (default, status, problem)} of docs/configuration.md."""
    with open(os.path.join(ROOT, "docs/configuration.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| `([a-z_]+)` \| ([0-9]+) \| [^|]*\| ([^|]*) \|$", file.read(), re.M)
    return {name: (int(preset), past) for name, preset, past in rows}


class Limits(Case):
    def test_the_table_is_that_of_the_program(self):
        said = self.server.get("/v1/limits").json()
        shown = {name: preset for name, (preset, _) in documented().items()}
        self.assertEqual(shown, {name: said.get(name) for name in shown})
        self.assertEqual(set(shown), set(said) - {"memory_bytes", "request_memory_bytes", "threads"})

    def test_every_limit_has_a_case(self):
        self.assertEqual(set(CASES) | ELSEWHERE, set(documented()))

    def test_each(self):
        for name, (value, within, past) in CASES.items():
            with self.subTest(name), Server(f"--limit-{name.replace('_', '-')}", value) as server:
                self.assertEqual(server.get("/v1/limits").json()[name], int(value))
                self.assertEqual(within(server).status, 200, repr(within(server)))
                reply = past(server)
                problem = reply.json()
                told = f"{reply.status} `{problem['type'].removeprefix('urn:scored:problem:')}`"
                self.assertEqual(told, documented()[name][1], repr(reply))
                self.assertIn(name, problem["detail"])
                self.assertIn(value, problem["detail"])
                self.assertEqual(within(server).status, 200)

    def test_idle_seconds(self):
        with Server("--limit-idle-seconds", "1") as server:
            with socket.create_connection(("127.0.0.1", server.port), 10) as silent:
                self.assertEqual(self.closed(silent), b"")
            self.assertEqual(server.get("/healthz").status, 200)

    def test_queue_jobs(self):
        """Many large requests at once: some are told to come again, none is lost."""
        body, headers = multipart(("pred", npy(np.zeros((8, 1024, 1024), "u1"))),
                                  ("target", npy(np.zeros((8, 1024, 1024), "u1"))))
        replies = []
        with Server("--limit-queue-jobs", "1", "--threads", "1") as server:
            def ask():
                replies.append(server.post(SEGMENTATION, body, headers, num_classes=2))

            for _ in range(20):
                with together([ask] * 12):
                    pass
                if any(reply.status == 503 for reply in replies):
                    break
            self.assertEqual({reply.status for reply in replies}, {200, 503})
            for reply in replies:
                if reply.status == 503:
                    self.assertEqual(reply.json()["type"], "urn:scored:problem:busy")
                    self.assertIn("queue_jobs", reply.json()["detail"])
                    self.assertRegex(reply.headers["Retry-After"], r"^[1-9]\d?$")
            self.assertEqual(server.post(SEGMENTATION, body, headers, num_classes=2).status, 200)

    def test_queue_seconds(self):
        """64 megapixels are some work; those that wait for longer than a second are told so."""
        mask = png(np.zeros((8192, 8192), "u1"))
        body, headers = multipart(("pred", mask), ("target", mask))
        replies = []
        with Server("--limit-queue-seconds", "1", "--threads", "1", "--memory", "4G") as server:
            with together([lambda: replies.append(server.post(SEGMENTATION, body, headers, num_classes=2))] * 9):
                while not replies:
                    time.sleep(0.05)
                    self.assertEqual(server.post(*SMALL).status, 200)
            self.assertEqual({reply.status for reply in replies}, {200, 503})
            for reply in replies:
                if reply.status == 503:
                    self.assertEqual(reply.json()["type"], "urn:scored:problem:busy")
                    self.assertIn("`queue_seconds`, 1", reply.json()["detail"])

    def test_who_waits_in_vain_is_taken_out(self):
        """While the thread is busy: past its own deadline, or its client has left. Who has but finished sending stays."""
        count = (24 if SANITIZED else 72) << 20  # so many are busy for seconds
        large, path = npy(np.zeros(8 << 20, "u1")), "/v1/activations/relu"
        with Server("--threads", "1", "--memory", "4G", "--limit-queue-seconds", "300") as server, sorting(server, count) as busy:
            used = lambda name: server.get("/v1/teams/me").json()["usage"][name]
            before, waiting = used("concurrent_bytes"), []
            for end in ("reset", "closed", "finished"):
                connection = server.connect()
                connection.request("POST", path, large)
                waiting.append(connection)
                while used("waiting") < len(waiting):
                    time.sleep(0.01)
                if end == "reset":
                    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if end == "finished":
                    connection.sock.shutdown(socket.SHUT_WR)
                else:
                    connection.close()
                    waiting.pop()
                    until = time.monotonic() + 4 * SLOW
                    while used("waiting") > 0 and time.monotonic() < until:
                        time.sleep(0.01)
                    self.assertTrue(busy.is_alive(), "nothing was busy for long enough")
                    self.assertEqual(used("waiting"), 0, end)
                    self.assertLess(used("concurrent_bytes"), before + len(large), end)
            late = server.ask("POST", path, large, {"X-Request-Timeout": "0.2"})
            self.assertEqual(late.status, 504, repr(late))
            self.assertEqual(late.json()["type"], "urn:scored:problem:deadline-passed")
            self.assertTrue(busy.is_alive(), "nothing was busy for long enough")
            self.assertEqual(used("waiting"), 1)
            self.assertEqual(waiting[0].getresponse().status, 200)

    def test_an_old_client_gets_one_reply(self):
        """HTTP/1.0 knows no interim ones, so nobody asks whether it is there."""
        large = npy(np.zeros(1 << 21, "u1"))
        with Server("--threads", "1", "--memory", "2G", "--limit-queue-seconds", "300") as server, sorting(server, 12 << 20):
            with socket.create_connection(("127.0.0.1", server.port), 60 * SLOW) as old:
                old.sendall(b"POST /v1/activations/relu HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(large) + large)
                old.shutdown(socket.SHUT_WR)
                reply = old.makefile("rb").read()
            self.assertRegex(reply, rb"^HTTP/1\.[01] 200 ")
            self.assertEqual(reply.count(b"HTTP/1."), 1)

    def closed(self, connection):
        """What came before it was closed; a reset is a close."""
        try:
            return connection.recv(1)
        except ConnectionError:
            return b""
