"""The memory that was given is never passed, whatever is sent at once."""
import http.client
import re
import socket
import time
import unittest

import numpy as np

from bodies import multipart, npy, png
from server import SANITIZED, SLOW, Case, Server, together

PATH = "/v1/metrics/segmentation"
MIB = 1 << 20
GIVEN = 96 * MIB
# Outside the budget: connections (128 KiB each), stacks, and what malloc keeps to itself.
BASE = 32 * MIB
CONNECTION = 128 << 10


class Memory(Case):
    OPTIONS = ("--memory", str(GIVEN), "--io-threads", "2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.idle = cls.server.memory("VmRSS")
        cls.most = cls.server.get("/v1/limits").json()["request_memory_bytes"]
        random = np.random.RandomState(1)
        target = random.randint(0, 19, (3072, 4096)).astype("u1")
        cls.body, cls.headers = multipart(("pred", npy(target[::-1])), ("target", npy(target)))

    @classmethod
    def tearDownClass(cls):
        print(f"\n| `make http HTTP=memory` | {GIVEN // MIB} MiB for requests, clients that ask for much more | {cls.idle // MIB} MiB "
              f"resident when idle, {cls.server.memory() // MIB} at most; {(cls.idle + GIVEN + BASE) // MIB} allowed |", flush=True)
        super().tearDownClass()

    def at_once(self, clients, send):
        """Statuses of `send` called by many clients at once; None where the connection broke."""
        statuses, hasty = [], []

        def client():
            for _ in range(3):
                try:
                    reply = send()
                    statuses.append(reply.status)
                    if reply.status == 503 and not (reply.headers["Retry-After"] or "").isdigit():
                        hasty.append(repr(reply))
                except (BrokenPipeError, ConnectionResetError, http.client.HTTPException):
                    statuses.append(None)  # refused early, and the upload was cut

        with together([client] * clients):
            pass
        self.assertEqual(hasty, [], "503 without Retry-After")
        return statuses

    def check(self, statuses):
        self.assertLessEqual(set(statuses), {200, 413, 503, None})
        if not SANITIZED:
            self.assertLessEqual(self.server.memory(), self.idle + GIVEN + BASE)
        small = {"pred": [0, 1], "target": [0, 1]}
        self.ok(self.server.post(PATH, small, num_classes=2))

    def test_many_large_uploads(self):
        statuses = self.at_once(8, lambda: self.server.post(PATH, self.body, self.headers, num_classes=19))
        self.assertIn(200, statuses, "none got through")
        self.check(statuses)

    def test_many_large_uploads_in_chunks(self):
        def send():
            pieces = (self.body[i:i + MIB] for i in range(0, len(self.body), MIB))
            return self.server.ask("POST", f"{PATH}?num_classes=19", pieces, self.headers)

        self.check(self.at_once(4, send))

    def test_what_never_fits(self):
        connection = self.server.connect()
        connection.putrequest("POST", PATH + "?num_classes=19")
        connection.putheader("Content-Length", str(self.most + 1))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def test_what_never_fits_says_why(self):
        """Sizes that do not fit with what an arena adds, or with what is held."""
        for length in (self.most, self.most - 64):
            connection = self.server.connect()
            connection.putrequest("POST", PATH + "?num_classes=19")
            connection.putheader("Content-Length", str(length))
            connection.putheader("Expect", "100-continue")
            connection.endheaders()
            self.too_large(connection)
        connection = self.chunked_too_large()
        connection.send(b"0\r\n\r\n")
        self.too_large(connection)

    def chunked_too_large(self):
        """At 32 MiB the next buffer is 64 MiB; together they are more than one may have."""
        connection = self.server.connect()
        connection.putrequest("POST", PATH + "?num_classes=19")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        for _ in range(33):
            connection.send(b"100000\r\n" + bytes(MIB) + b"\r\n")
        return connection

    def test_a_refused_body_holds_nothing(self):
        refused = self.chunked_too_large()
        time.sleep(0.3 * SLOW)
        connection = self.server.connect()
        connection.putrequest("POST", PATH + "?num_classes=19")
        connection.putheader("Content-Length", str(self.most - MIB))
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        self.assertIn(b"100 Continue", connection.sock.recv(4096))
        connection.close()
        refused.close()
        time.sleep(0.3 * SLOW)

    def too_large(self, connection):
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        self.assertEqual(reply.status, 413, text)
        self.assertIn(b"urn:scored:problem:too-large", text)
        self.assertIn(b"`request_memory_bytes`, %d" % self.most, text)

    def test_results_larger_than_their_inputs(self):
        x = npy(np.zeros((8 * MIB,), "f2"))
        self.check(self.at_once(3, lambda: self.server.post("/v1/activations/relu", x, grad=True)))

    def test_lists_of_models_are_counted(self):
        for method, path, size in (("GET", "/v2/models/stats", 16 << 10), ("POST", "/v2/repository/index", 4 << 10)):
            with self.subTest(path=path), Server() as server:
                reply = server.ask(method, path)
                self.assertEqual(reply.status, 200)
                self.assertGreater(len(reply.body), size)
                metrics = server.get("/metrics").body.decode()
                self.assertGreaterEqual(int(re.search(r"^scored_memory_reserved_peak_bytes (\d+)", metrics, re.M).group(1)), size)

    @unittest.skipIf(SANITIZED, "sanitizers have memory of their own")
    def test_the_catalogue_is_there_once(self):
        """Clients ask for it again and again, and do not read."""
        self.server.get("/v1/operations")
        before, clients = self.server.memory("VmRSS"), []
        for _ in range(200):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self.server.port))
            client.sendall(60 * b"GET /v1/operations HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(client)
        time.sleep(SLOW)
        grown = self.server.memory("VmRSS") - before
        for client in clients:
            client.close()
        self.assertLessEqual(grown, 200 * CONNECTION + 8 * MIB)

    def test_png_of_one_colour(self):
        """64 megapixels in some 64 kB."""
        mask = png(np.zeros((8192, 8192), "u1"))
        body, headers = multipart(("pred", mask), ("target", mask))
        self.check(self.at_once(2, lambda: self.server.post(PATH, body, headers, num_classes=19)))
