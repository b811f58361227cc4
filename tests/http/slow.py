"""Clients that are slow, that never end, or that are too many: the others are served all the same."""
import http.client
import json
import os
import re
import resource
import socket
import threading
import time
import unittest

import numpy as np

from bodies import npy
from server import SLOW, Case, Server

RELU = "/v1/activations/relu"
MSE = json.dumps({"pred": [0.5, 2], "target": [1, 2]}).encode()


def head(path=RELU, length=None, method="POST", *more):
    lines = [f"{method} {path} HTTP/1.1", "Host: a", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def everything(connection):
    """What comes until it is closed; a reset is a close."""
    out = b""
    try:
        while piece := connection.recv(65536):
            out += piece
    except ConnectionError:
        pass
    return out


def drip(connection, data, pause, end, size=4):
    """A few bytes now and then, until the server has enough."""
    try:
        for i in range(0, len(data), size):
            if time.monotonic() > end:
                return
            connection.sendall(data[i:i + size])
            time.sleep(pause)
    except OSError:
        pass


class Slow(Case):
    OPTIONS = ("--limit-header-seconds", "1", "--limit-body-rate-after", "1", "--limit-body-rate", "20000",
               "--limit-body-seconds", "3", "--limit-idle-seconds", "2")
    def connect(self):
        return socket.create_connection(("127.0.0.1", self.server.port), 30 * SLOW)

    def told(self, connection, data=b"", pause=0.2, within=6 * SLOW):
        """The reply to a client that sends `data` drop by drop, and after how many seconds."""
        began = time.monotonic()
        sender = threading.Thread(target=drip, args=(connection, data, pause, began + within))
        sender.start()
        reply = everything(connection)
        took = time.monotonic() - began
        connection.close()
        sender.join()
        self.assertLess(took, within)
        return reply, took

    def problem(self, reply, status, slug):
        top, _, body = reply.partition(b"\r\n\r\n")
        self.assertTrue(top.startswith(b"HTTP/1.1 %d " % status), reply)
        self.assertIn(b"Connection: close", top)
        self.assertIn(b"X-Content-Type-Options: nosniff", top)
        self.assertEqual(json.loads(body)["type"], "urn:scored:problem:" + slug)
        self.assertIn(f"X-Request-Id: {json.loads(body)['instance']}\r\n".encode(), top + b"\r\n")
        return top, json.loads(body)

    def test_a_head_that_never_ends(self):
        began = time.monotonic()
        with self.connect() as s, self.connect() as t:
            s.sendall(b"PO")
            t.sendall(b"POST /v1/losses/mse HTTP/1.1\r\nHost: a\r\n")
            other = threading.Thread(target=drip, args=(t, b"X-A: b\r\n" * 100, 0.2, began + 6 * SLOW))
            other.start()
            self.problem(self.told(s, b"S" * 100)[0], 408, "body-too-slow")
            self.problem(everything(t), 408, "body-too-slow")
            self.assertGreater(time.monotonic() - began, 0.9)
            other.join()

    def test_after_the_first_request(self):
        """Silence is closed without a word; a second head that never ends is told."""
        with self.connect() as fresh, self.connect() as s, self.connect() as t:
            for connection in (s, t):
                connection.sendall(head("/healthz", None, "GET"))
                self.assertIn(b"200 OK", connection.recv(4096))
            time.sleep(1.2)
            reply, _ = self.told(t, b"GET /healthz HTTP/1.1\r\nHost: " + b"a" * 200)
            self.problem(reply, 408, "body-too-slow")
            self.assertEqual(everything(s), b"")
            self.assertEqual(everything(fresh), b"")

    def test_a_body_that_drips(self):
        body = npy(np.zeros(30000, "f4"))
        with self.connect() as s:
            s.sendall(head(RELU, len(body), "POST", "X-Request-Id: slow-7", f"traceparent: 00-{'1' * 32}-{'2' * 16}-01"))
            reply, took = self.told(s, body)
        self.assertGreater(took, 0.9)
        top, problem = self.problem(reply, 408, "body-too-slow")
        self.assertIn(b"X-Request-Id: slow-7", top)
        self.assertIn(b"\r\ntraceparent: 00-" + b"1" * 32, top)
        self.assertIn("body_rate", problem["detail"])

    def test_chunks_that_drip(self):
        with self.connect() as s:
            s.sendall(head(RELU, None, "POST", "Transfer-Encoding: chunked"))
            reply, _ = self.told(s, b"4\r\nabcd\r\n" * 2000)
        self.problem(reply, 408, "body-too-slow")

    def test_a_body_at_the_rate_is_taken(self):
        body = npy(np.zeros(30000, "f4"))  # 120 kB, at 53 kB/s, is more than two seconds
        with self.connect() as s:
            s.sendall(head(RELU, len(body), "POST", "Connection: close", "Accept: application/x-npy"))
            for i in range(0, len(body), 8000):
                s.sendall(body[i:i + 8000])
                time.sleep(0.15)
            self.assertTrue(everything(s).startswith(b"HTTP/1.1 200 OK"))

    def test_a_body_that_is_fast_enough_but_never_ends(self):
        with self.connect() as s:
            s.sendall(head(RELU, 1 << 29, "POST"))
            began = time.monotonic()
            sender = threading.Thread(target=drip, args=(s, b"x" * (8 << 20), 0.1, began + 12 * SLOW, 4000))
            sender.start()
            reply = everything(s)
            sender.join()
        self.assertGreater(time.monotonic() - began, 2.5)
        self.problem(reply, 408, "body-too-slow")

    def test_a_reply_that_is_not_taken(self):
        body = npy(np.zeros(8 << 20, "f4"))
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(("127.0.0.1", self.server.port))
            s.settimeout(30 * SLOW)
            s.sendall(head(RELU, len(body), "POST", "Accept: application/x-npy"))
            s.sendall(body)
            first = s.recv(1000)
            self.assertTrue(first.startswith(b"HTTP/1.1 200 OK"), first)
            text, end = b"", time.monotonic() + 8 * SLOW
            while b"\nscored_memory_reserved_bytes 0\n" not in text and time.monotonic() < end:
                time.sleep(0.2)
                text = self.server.get("/metrics").body
                try:
                    s.recv(10)
                except ConnectionError:
                    pass
        self.assertIn(b"\nscored_memory_reserved_bytes 0\n", text, "it still holds the reply")
        self.assertNotIn(b'\nscored_slow_clients_total{part="reply"} 0\n', text)

    def test_good_clients_among_them(self):
        bad = [self.connect() for _ in range(40)]
        for i, s in enumerate(bad):
            s.sendall(head(RELU, 1 << 20) if i % 2 else b"POST ")
        worst = 0
        for _ in range(30):
            began = time.monotonic()
            self.assertEqual(self.server.post("/v1/losses/mse", MSE).status, 200)
            worst = max(worst, time.monotonic() - began)
        self.assertLess(worst, 1 * SLOW)
        for s in bad:
            self.problem(everything(s), 408, "body-too-slow")
            s.close()


class Refused(Case):
    """Who is refused hears why, although the body goes on."""
    OPTIONS = ("--limit-body-bytes", "8M")

    def test_large_bodies(self):
        for path, size, status in ((RELU, 7, 200), ("/nowhere", 7, 404), (RELU + "?unknown=1", 7, 400), (RELU, 24, 413)):
            for _ in range(3):
                reply = self.server.ask("POST", path, npy(np.zeros((size << 20) - 128, "u1")))
                self.assertEqual(reply.status, status, repr(reply))
                self.assertIn("X-Request-Id", reply.headers)

    def test_large_bodies_in_chunks(self):
        for _ in range(3):
            reply = self.server.ask("POST", RELU, (bytes(1 << 20) for _ in range(24)))
            self.assertEqual(reply.status, 413, repr(reply))
            self.assertIn("body_bytes", reply.json()["detail"])
            self.assertEqual(reply.headers["Connection"], "close")

    def test_a_crowd_of_large_bodies(self):
        """More at once than linger: two masks of 2048x1024 as multipart, just above 4 MiB, are read to their ends."""
        size = (4 << 20) + 1000
        clients = [socket.create_connection(("127.0.0.1", self.server.port), 30 * SLOW) for _ in range(150)]
        for s in clients:
            s.sendall(head("/nowhere", size))
        for s in clients:
            s.sendall(bytes(size))
        for s in clients:
            self.assertIn(b"404 Not Found", s.recv(1 << 16))
            s.sendall(head("/healthz", None, "GET"))  # and the connection goes on
            self.assertIn(b"200 OK", s.recv(1 << 16))
            s.close()

    def test_half_of_the_places_are_for_those_who_are_not_refused(self):
        with Server("--limit-connections", "6") as server:
            clients = [socket.create_connection(("127.0.0.1", server.port), 30 * SLOW) for _ in range(5)]
            told = []
            for s in clients:
                s.sendall(head("/nowhere", 7 << 20))
                s.settimeout(0.3 * SLOW)
                try:
                    told.append(s.recv(1 << 16)[:12])
                except TimeoutError:
                    told.append(None)
            self.assertEqual(told, [None, None, None, b"HTTP/1.1 404", b"HTTP/1.1 404"])
            for s in clients:
                s.close()

    def test_what_lingers_does_not_stay(self):
        """Clients that go on sending after a refusal are left at last, and hold no file."""
        before = len(os.listdir(f"/proc/{self.server.pid}/fd"))
        clients = []
        for _ in range(100):
            s = socket.create_connection(("127.0.0.1", self.server.port), 30)
            s.sendall(head("/nowhere", 1 << 30))
            clients.append(s)
        time.sleep(0.5 * SLOW)
        self.assertLess(len(os.listdir(f"/proc/{self.server.pid}/fd")), before + 80)
        end = time.monotonic() + 10 * SLOW
        while len(os.listdir(f"/proc/{self.server.pid}/fd")) > before and time.monotonic() < end:
            time.sleep(0.2)
        self.assertLessEqual(len(os.listdir(f"/proc/{self.server.pid}/fd")), before)
        for s in clients:
            s.close()


class Crowd(unittest.TestCase):
    """Each test looks at its server by a connection to the address for monitoring, which takes no place of others."""

    def start(self, *options):
        server = Server("--metrics-listen", "127.0.0.1:0", *options)
        port = int(re.search(r"metrics and health on http://127.0.0.1:(\d+)", server.output()).group(1))
        self.monitor = http.client.HTTPConnection("127.0.0.1", port, timeout=30 * SLOW)
        self.addCleanup(self.monitor.close)
        return server

    def sample(self, name):
        self.monitor.request("GET", "/metrics")
        return float(re.search(rf"(?m)^scored_{name} (\S+)$", self.monitor.getresponse().read().decode()).group(1))

    def within(self, ask, seconds=10 * SLOW):
        """What is asked becomes true."""
        end = time.monotonic() + seconds
        while not ask():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def wait_for_connections(self, count):
        self.within(lambda: self.sample("connections") - 1 == count)

    def ask(self, server, path="/healthz", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10 * SLOW)
        connection.request("POST" if body else "GET", path, body)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply.status, text

    def busy(self, server, count):
        """Connections in the middle of good, fast uploads, and no others."""
        self.wait_for_connections(0)
        before, size, out = self.sample("received_bytes_total"), 1 << 16, []
        for _ in range(count):
            s = socket.create_connection(("127.0.0.1", server.port), 10 * SLOW)
            s.sendall(head(RELU, 1 << 28) + bytes(size))
            out.append(s)
        self.within(lambda: self.sample("received_bytes_total") - before >= count * size)
        self.wait_for_connections(count)
        ended = threading.Event()
        sender = threading.Thread(target=self.go_on, args=(out, ended))
        sender.start()
        self.addCleanup(sender.join)
        self.addCleanup(ended.set)
        return out

    def go_on(self, connections, ended):
        """More than the least that a body has to bring."""
        while not ended.wait(0.1):
            for s in connections:
                try:
                    s.sendall(bytes(100000))
                except OSError:
                    pass

    # The first 64 KiB are worth minutes: no upload is slow, however long its client has to wait for its turn.
    UPLOADS = ("--limit-body-rate", "100", "--limit-body-rate-after", "30")

    def test_health_when_all_places_are_taken(self):
        with self.start("--limit-connections", "5", *self.UPLOADS) as server:
            for _ in range(2):
                taken = self.busy(server, 5)
                self.assertEqual(self.ask(server)[0], 200)
                status, text = self.ask(server, "/v1/losses/mse", MSE)
                self.assertEqual(status, 503, text)
                self.assertIn("connections", json.loads(text)["detail"])
                for s in taken:
                    s.close()
                self.within(lambda: self.ask(server, "/v1/losses/mse", MSE)[0] == 200)
            self.assertEqual(self.sample("connections_evicted_total"), 0)

    def test_more_than_can_be_heard(self):
        """Beyond all places: a word at the door. A second later those who have not asked anything must go."""
        with self.start("--limit-connections", "1", "--io-threads", "1", *self.UPLOADS) as server:
            taken = self.busy(server, 1)
            silent, told = [], None
            end = time.monotonic() + 20 * SLOW
            while told is None or told[0] != 503:
                self.assertLess(time.monotonic(), end, told)
                silent += [socket.create_connection(("127.0.0.1", server.port), 10 * SLOW) for _ in range(17)]
                told = self.ask(server)
            self.assertEqual(json.loads(told[1])["type"], "urn:scored:problem:busy")
            self.assertRegex(json.loads(told[1])["instance"], "^[0-9a-f]{32}$")
            self.within(lambda: self.ask(server)[0] == 200)
            for s in taken + silent:
                s.close()

    def test_bodies_do_not_hold_the_places_of_health(self):
        """They are refused before their bodies have come, and need not bring them."""
        with self.start("--limit-connections", "2", *self.UPLOADS) as server:
            taken = self.busy(server, 2)
            crowd = []
            for _ in range(40):  # more than places
                s = socket.create_connection(("127.0.0.1", server.port), 10 * SLOW)
                s.sendall(head(RELU, 1 << 20) + b"x")
                self.assertIn(b" 503 ", s.recv(1 << 16))
                crowd.append(s)
            self.wait_for_connections(2)
            self.assertEqual(self.ask(server)[0], 200)
            for s in taken + crowd:
                s.close()

    def test_the_idle_and_the_slow_make_room(self):
        """First the idle, as soon as they are that for a second, then the slow, for those who bring something."""
        with self.start("--limit-connections", "6", *self.UPLOADS) as server:
            self.wait_for_connections(0)
            old = [socket.create_connection(("127.0.0.1", server.port), 30 * SLOW) for _ in range(6)]
            for i, s in enumerate(old):
                s.sendall(head("/healthz", None, "GET") if i < 3 else head(RELU, 1000) + b"x")
                if i < 3:
                    self.assertIn(b"200 OK", s.recv(4096))
            self.wait_for_connections(6)
            new = []
            self.within(lambda: self.comes_in(server, new) and len(new) == 6, 30 * SLOW)
            for s in old:
                self.assertEqual(everything(s), b"")
            for s in old + new:
                s.close()

    def comes_in(self, server, inside):
        """One more client, which has either somebody's place or a refusal."""
        s = socket.create_connection(("127.0.0.1", server.port), 10 * SLOW)
        s.sendall(head(RELU, 1 << 28) + bytes(1 << 16))
        s.settimeout(0)
        refused = False
        while not refused and self.sample("connections_evicted_total") <= len(inside):
            try:
                self.assertIn(b" 503 ", s.recv(4096))
                refused = True
            except BlockingIOError:
                time.sleep(0.02)
        if refused:
            s.close()
        else:
            inside.append(s)
        return not refused

    def test_no_files(self):
        """Without files it says so, and goes on when there are some again."""
        with self.start(*self.UPLOADS) as server:
            self.wait_for_connections(0)
            files = min(len(os.listdir(f"/proc/{server.pid}/fd")) for _ in range(20) if time.sleep(0.02) is None)
            before = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (files + 2, before[1]))
            kept = []
            for _ in range(2):
                s = socket.create_connection(("127.0.0.1", server.port), 10 * SLOW)
                s.sendall(head(RELU, 1 << 22) + bytes(1 << 20))
                kept.append(s)
            self.within(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) == files + 2)
            told = [self.ask(server)[0] for _ in range(5)]
            self.assertEqual(set(told), {503})
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, before)
            self.within(lambda: self.ask(server)[0] == 200)
            for s in kept:
                s.close()
