"""Keys, rights and quotas of several teams."""
import functools
import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import numpy as np

from bodies import multipart, npy
from server import PROGRAM, SANITIZED, SLOW, Server, together
from sorting import sorting

MSE = "/v1/losses/mse"
SMALL = json.dumps({"pred": [1], "target": [3]}).encode()
OPEN = ("/", "/healthz", "/readyz", "/openapi.json", "/openapi.yaml", "/v2/health/live", "/v2/health/ready")


def team(name, *keys, **members):
    return {"team": name, "keys": ["sha256:" + hashlib.sha256(key.encode()).hexdigest() for key in keys], **members}


def problem(reply):
    return reply.json()["type"].removeprefix("urn:scored:problem:")


class KeyFile:
    """with KeyFile(team(...), ...) as keys: Server("--keys", keys.path)"""

    def __init__(self, *teams):
        self.folder = tempfile.TemporaryDirectory(prefix="scored-keys-")
        self.path = os.path.join(self.folder.name, "keys.json")
        self.write(*teams)

    def write(self, *teams):
        self.write_text(json.dumps({"teams": teams}, indent=1))

    def write_text(self, text):
        with open(self.path + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(self.path + ".new", self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def by(key):
    return {"Authorization": f"Bearer {key}"}


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = KeyFile(team("a", "key-a", "key-a2"), team("ops", "key-ops", rights=["admin"], weight=5),
                           team("none", "key-none", rights=[]))
        cls.server = Server("--keys", cls.keys.path)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.keys.folder.cleanup()

    def post(self, headers):
        return self.server.post(MSE, SMALL, headers)

    def test_what_needs_no_key(self):
        for path in OPEN:
            self.assertEqual(self.server.get(path).status, 200, path)
        self.assertEqual(self.server.ask("OPTIONS", MSE).status, 204)
        self.assertEqual(self.server.get("/nowhere").status, 404)

    def test_no_key(self):
        for headers in ({}, {"Authorization": "Basic key-a"}, {"Authorization": "key-a"}, {"Authorization": ""}):
            reply = self.post(headers)
            self.assertEqual((reply.status, problem(reply)), (401, "no-valid-key"), headers)
            self.assertEqual(reply.headers["WWW-Authenticate"], 'Bearer realm="scored"')
        for path in ("/v1/operations", "/v1/limits", "/v2", "/v2/models/stats", "/v1/teams/me", "/v1/teams"):
            self.assertEqual(self.server.get(path).status, 401, path)

    def test_unknown_keys(self):
        for headers in (by("key-b"), by("key-"), by("key-aa"), by(""), {"X-API-Key": "x"}, {"X-API-Key": ""},
                        {**by("key-b"), "X-API-Key": "key-a"}):
            reply = self.post(headers)
            self.assertEqual((reply.status, problem(reply)), (401, "no-valid-key"), headers)
            self.assertIn("invalid_token", reply.headers["WWW-Authenticate"])

    def test_keys(self):
        for headers in (by("key-a"), by("key-a2"), by("  key-a"), {"Authorization": "bearer key-a"},
                        {"X-API-Key": "key-a2"}, {"x-api-key": "key-a"},
                        {"Authorization": "Basic eDp5", "X-API-Key": "key-a"}):
            reply = self.post(headers)
            self.assertEqual(reply.status, 200, repr(reply))
            self.assertIsNone(reply.headers["RateLimit"], "there are no quotas")
            self.assertIsNone(reply.headers["RateLimit-Policy"], "there are no quotas")

    def test_rights(self):
        for key, path in (("key-ops", MSE), ("key-none", MSE), ("key-none", "/v2/models/losses.mse/infer")):
            reply = self.server.post(path, SMALL, by(key))
            self.assertEqual((reply.status, problem(reply)), (403, "no-right"))
            self.assertIn("insufficient_scope", reply.headers["WWW-Authenticate"])
            self.assertIn("`score`", reply.json()["detail"])
        reply = self.server.get("/v1/teams", **by("key-a"))
        self.assertEqual((reply.status, problem(reply)), (403, "no-right"))
        for key in ("key-a", "key-ops", "key-none"):
            self.assertEqual(self.server.get("/v1/operations", **by(key)).status, 200)

    def test_a_refused_upload_is_not_taken(self):
        """Nobody without a key makes the server hold a body."""
        connection = self.server.connect()
        connection.putrequest("POST", MSE)
        connection.putheader("Content-Length", "1000000000")
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 401)
        connection.close()

    def test_me(self):
        before = self.server.get("/v1/teams/me", **by("key-a")).json()
        self.assertEqual({**before, "usage": None}, {
            "team": "a", "weight": 1, "rights": ["score"], "keys": 2, "usage": None,
            "quotas": {"requests_per_second": None, "bytes_per_second": None, "concurrent_bytes": None}})
        self.post(by("key-a2"))
        usage = self.server.get("/v1/teams/me", **by("key-a")).json()["usage"]
        self.assertEqual(usage["requests"], before["usage"]["requests"] + 2)
        self.assertEqual(usage["bytes"], before["usage"]["bytes"] + len(SMALL))
        self.assertEqual((usage["refused"], usage["waiting"]), (0, 0))

    def test_compute_is_measured(self):
        body, headers = multipart(("pred", npy(np.zeros((4, 1024, 1024), "u1"))),
                                  ("target", npy(np.zeros((4, 1024, 1024), "u1"))))
        reply = self.server.post("/v1/metrics/segmentation", body, {**headers, **by("key-a")}, num_classes=2)
        self.assertEqual(reply.status, 200)
        for _ in range(100):  # it is counted when the thread is done, a moment after the reply
            if self.server.get("/v1/teams/me", **by("key-a")).json()["usage"]["compute_seconds"] > 0:
                return
            time.sleep(0.05)
        self.fail("nothing was counted")

    def test_bytes_that_came_are_charged(self):
        """Also when the request waits in vain."""
        count = (24 if SANITIZED else 40) << 20  # so many are busy for seconds
        body, headers = multipart(("pred", npy(np.zeros(15000, "u1"))), ("target", npy(np.zeros(15000, "u1"))))
        with KeyFile(team("a", "a"), team("b", "b")) as keys, Server("--keys", keys.path, "--threads", "1", "--memory", "4G") as server:
            with sorting(server, count, by("b")):
                reply = server.post("/v1/metrics/segmentation", body, {**headers, **by("a"), "X-Request-Timeout": "0.2"},
                                    num_classes=4096)
                self.assertEqual(reply.status, 504, repr(reply))
            self.assertEqual(server.get("/v1/teams/me", **by("a")).json()["usage"]["bytes"], len(body))

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "one CPU: there are no other threads")
    def test_the_time_of_all_threads_is_counted(self):
        """Were it that of one thread of two, it would be less than half of what the program works."""
        body, headers = multipart(("pred", npy(np.random.RandomState(1).rand(1, 16, 512, 512).astype("f4"))),
                                  ("target", npy(np.zeros((1, 512, 512), "u1"))))

        def worked():
            times = []
            for task in os.listdir(f"/proc/{server.pid}/task"):
                with open(f"/proc/{server.pid}/task/{task}/schedstat", encoding="ascii") as f:
                    times.append(int(f.read().split()[0]))
            return sum(times) / 1e9

        with KeyFile(team("a", "a")) as keys, Server("--keys", keys.path, "--threads", "2", "--memory", "1G") as server:
            before = worked()
            for _ in range(8):
                reply = server.post("/v1/score", body, {**headers, **by("a")}, input_kind="logits",
                                    ops="losses/focal,losses/dice_focal,losses/dice_cross_entropy")
                self.assertEqual(reply.status, 200, repr(reply))
            server.post(MSE, SMALL, by("a"))
            time.sleep(0.1)  # it is counted when the thread is done, a moment after the reply
            counted = server.get("/v1/teams/me", **by("a")).json()["usage"]["compute_seconds"]
            of_all = counted / (worked() - before)
            self.assertTrue(0.55 < of_all < 1.05, of_all)

    def test_all_teams(self):
        teams = self.server.get("/v1/teams", **by("key-ops")).json()["teams"]
        self.assertEqual({t["team"]: (t["weight"], t["keys"]) for t in teams},
                         {"a": (1, 2), "ops": (5, 1), "none": (1, 1)})

    def test_the_log_names_the_team_and_no_key(self):
        self.server.post(MSE, SMALL, {**by("key-a"), "X-Request-Id": "find-the-team"})
        self.server.post(MSE, SMALL, {**by("secret-guess"), "X-Request-Id": "find-none"})
        end = time.monotonic() + 5 * SLOW
        while "find-none" not in self.server.output() and time.monotonic() < end:
            time.sleep(0.01)
        output = self.server.output()
        line = json.loads(re.search("^.*find-the-team.*$", output, re.M).group())
        self.assertEqual(line["team"], "a")
        self.assertEqual(line["key"], hashlib.sha256(b"key-a").hexdigest()[:8])
        none = json.loads(re.search("^.*find-none.*$", output, re.M).group())
        self.assertFalse({"team", "key", "detail"} & set(none), none)
        self.assertNotRegex(output, "secret-guess|key-a")


class Without(unittest.TestCase):
    def test_everybody(self):
        with Server() as server:
            self.assertIn("open to anybody", server.output())
            me = server.get("/v1/teams/me").json()
            self.assertEqual((me["team"], me["rights"], me["keys"]), (None, ["score", "admin"], 0))
            self.assertEqual(len(server.get("/v1/teams").json()["teams"]), 1)

    def test_keys_open_other_addresses(self):
        def check(*options):
            return subprocess.run([PROGRAM, "--check-config", "--listen", "0.0.0.0:0", *options],
                                  capture_output=True, text=True, timeout=20 * SLOW, check=False)

        with KeyFile(team("a", "k")) as keys:
            self.assertEqual(check().returncode, 2)
            self.assertIn("--keys", check().stderr)
            self.assertEqual(check("--keys", keys.path).returncode, 0)

    def test_a_bad_file(self):
        with KeyFile() as keys:
            keys.write_text('{"teams": [\n {"team": "a",\n  "weight": 0, "keys": []}]}')
            for options in (["--check-config"], ["--listen", "127.0.0.1:0"]):
                done = subprocess.run([PROGRAM, *options, "--keys", keys.path], capture_output=True, text=True,
                                      timeout=20 * SLOW, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("keys.json:3: weight takes", done.stderr)

    def test_no_file(self):
        done = subprocess.run([PROGRAM, "--listen", "127.0.0.1:0", "--keys", "/nonexistent/keys"],
                              capture_output=True, text=True, timeout=20 * SLOW, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent/keys", done.stderr)


class NewKey(unittest.TestCase):
    def make(self, *words):
        return subprocess.run([PROGRAM, "new-key", *words], capture_output=True, text=True, timeout=20 * SLOW,
                              check=False)

    def test_it_opens_the_server(self):
        done, again = self.make("vision"), self.make("vision")
        self.assertEqual(done.returncode, 0, done.stderr)
        key, line = done.stdout.splitlines()
        self.assertRegex(key, r"^scored_[0-9a-f]{64}$")
        self.assertNotEqual(key, again.stdout.splitlines()[0])
        self.assertNotIn(key, line)
        self.assertEqual(json.loads(line), team("vision", key))
        with KeyFile(json.loads(line)) as keys, Server("--keys", keys.path) as server:
            self.assertEqual(server.get("/v1/teams/me", **by(key)).json()["team"], "vision")

    def test_usage(self):
        for words in ((), ("a", "b"), ("a b",), ("",), ("a" * 65,), ('a"b',)):
            done = self.make(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("new-key TEAM", done.stderr)


class Quotas(unittest.TestCase):
    def test_requests_per_second(self):
        with KeyFile(team("a", "a", requests_per_second=5), team("b", "b")) as keys, \
                Server("--keys", keys.path) as server:
            replies, end = [], time.monotonic() + 30
            while time.monotonic() < end and not any(r.status == 429 for r in replies):
                replies.append(server.post(MSE, SMALL, by("a")))
            self.assertEqual({r.status for r in replies}, {200, 429})
            refused = replies[-1]
            self.assertEqual(problem(refused), "quota-exceeded")
            self.assertIn("`requests_per_second`, 5", refused.json()["detail"])
            self.assertEqual(refused.headers["Retry-After"], "1")
            for r in replies:
                self.assertEqual(r.headers["RateLimit-Policy"], '"requests";q=5;w=1')
                self.assertRegex(r.headers["RateLimit"], r'^"requests";r=[0-4];t=1$')
            self.assertEqual(server.post(MSE, SMALL, by("b")).status, 200, "the quota is of one team")
            self.assertEqual(server.get("/healthz").status, 200)
            time.sleep(1.05)
            self.assertEqual(server.post(MSE, SMALL, by("a")).status, 200, "a second later it is there again")
            me = server.get("/v1/teams/me", **by("a")).json()
            self.assertEqual(me["quotas"]["requests_per_second"], 5)
            self.assertGreaterEqual(me["usage"]["refused"], 1)

    def test_bytes_per_second(self):
        """One body of three seconds' worth comes in; the next has to wait."""
        x = npy(np.zeros(30000, "u1"))
        with KeyFile(team("a", "a", bytes_per_second=10000)) as keys, Server("--keys", keys.path) as server:
            for send in (x, iter([x])):  # the second is chunked
                reply = server.ask("POST", "/v1/activations/relu", send, by("a"))
                self.assertEqual(reply.status, 200, repr(reply))
                refused = server.ask("POST", "/v1/activations/relu", x, by("a"))
                self.assertEqual((refused.status, problem(refused)), (429, "quota-exceeded"))
                self.assertIn("`bytes_per_second`, 10000", refused.json()["detail"])
                self.assertRegex(refused.headers["RateLimit"], r'^"bytes";r=0;t=[34]$')
                self.assertEqual(refused.headers["RateLimit-Policy"], '"bytes";q=10000;qu="content-bytes";w=1')
                self.assertRegex(refused.headers["Retry-After"], r"^[34]$")
                time.sleep(3.2)

    def test_both_at_once(self):
        """Each reply tells both, in this order; the one that is over refuses."""
        with KeyFile(team("a", "a", requests_per_second=50, bytes_per_second=1000)) as keys, \
                Server("--keys", keys.path) as server:
            reply = server.post(MSE, SMALL, by("a"))
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.headers["RateLimit-Policy"],
                             '"requests";q=50;w=1, "bytes";q=1000;qu="content-bytes";w=1')
            self.assertEqual(reply.headers["RateLimit"], f'"requests";r=49;t=1, "bytes";r={1000 - len(SMALL)};t=1')
            server.post("/v1/activations/relu", npy(np.zeros(8000, "u1")), by("a"))
            refused = server.post(MSE, SMALL, by("a"))
            self.assertEqual((refused.status, problem(refused)), (429, "quota-exceeded"))
            self.assertIn("`bytes_per_second`, 1000", refused.json()["detail"])
            self.assertEqual(refused.headers["RateLimit-Policy"], reply.headers["RateLimit-Policy"])
            self.assertRegex(refused.headers["RateLimit"], r'^"requests";r=(4\d|50);t=1, "bytes";r=0;t=[2-9]$')
            self.assertRegex(refused.headers["Retry-After"], "^[2-9]$")


class Bytes(unittest.TestCase):
    """What came counts, neither more nor less."""

    def wait_for(self, server, bytes_in):
        for _ in range(200):
            got = server.get("/v1/teams/me", **by("a")).json()["usage"]["bytes"]
            if got == bytes_in:
                return
            time.sleep(0.02 * SLOW)
        self.assertEqual(got, bytes_in)

    def test_a_body_that_was_announced_and_never_sent(self):
        with KeyFile(team("a", "a", bytes_per_second=10 ** 9)) as keys, Server("--keys", keys.path) as server:
            connection, status, text = begin(server, "a", 10 ** 8, MSE + "?nonsense=1&delta=x&reduction=no")
            connection.close()
            self.assertNotIn(status, (100, 429), text)
            self.wait_for(server, 0)

    def test_pieces_that_were_cut(self):
        with KeyFile(team("a", "a", bytes_per_second=10 ** 9)) as keys, Server("--keys", keys.path) as server:
            connection = server.connect()
            connection.putrequest("POST", MSE)
            for name, value in {**by("a"), "Transfer-Encoding": "chunked"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            connection.send(b"10000\r\n" + bytes(65536) + b"\r\n")
            time.sleep(0.3 * SLOW)
            connection.close()
            self.wait_for(server, 65536)


def begin(server, key, size, path="/v1/metrics/segmentation?num_classes=2"):
    """The head of a request whose body is to come; the connection, and what the server says to it."""
    connection = server.connect(10)
    connection.putrequest("POST", path)
    for name, value in {**by(key), "Content-Length": str(size), "Expect": "100-continue"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    text = connection.sock.recv(65536).decode()
    return connection, int(text.split()[1]), text


class Memory(unittest.TestCase):
    """Memory is given from the headers, before a byte of the body has come."""

    def expect(self, server, key, size, status, *words, **more):
        connection, got, text = begin(server, key, size, **more)
        self.assertEqual(got, status, text)
        for word in words:
            self.assertIn(word, text)
        if status != 100:
            connection.close()
        return connection

    def wait_until_free(self, server, key):
        """The server has seen that a connection was closed."""
        for _ in range(400):
            if server.get("/v1/teams/me", **by(key)).json()["usage"]["concurrent_bytes"] == 0:
                return
            time.sleep(0.02 * SLOW)
        self.fail("memory is not given back")

    def test_concurrent_bytes(self):
        with KeyFile(team("a", "a", concurrent_bytes=8 << 20), team("b", "b")) as keys, \
                Server("--keys", keys.path, "--memory", "64M") as server:
            held = self.expect(server, "a", 6 << 20, 100)
            used = server.get("/v1/teams/me", **by("a")).json()["usage"]["concurrent_bytes"]
            self.assertTrue(6 << 20 <= used <= 8 << 20, used)
            self.expect(server, "a", 6 << 20, 429, "quota-exceeded", "`concurrent_bytes`", "Retry-After")
            self.expect(server, "a", 9 << 20, 413, "too-large", "`concurrent_bytes`")
            self.expect(server, "b", 9 << 20, 100).close()
            self.assertEqual(server.post(MSE, SMALL, by("a")).status, 200, "small ones need no such memory")
            held.close()
            self.wait_until_free(server, "a")
            self.expect(server, "a", 6 << 20, 100).close()

    def test_more_than_a_share_while_nobody_waits(self):
        with KeyFile(team("a", "a"), team("b", "b")) as keys, \
                Server("--keys", keys.path, "--memory", "64M") as server:
            held = [self.expect(server, "a", 25 << 20, 100) for _ in range(2)]
            growing = server.connect()
            growing.putrequest("POST", MSE, skip_accept_encoding=True)
            growing.putheader("Authorization", "Bearer a")
            growing.putheader("Transfer-Encoding", "chunked")
            growing.endheaders()
            time.sleep(0.2 * SLOW)
            self.expect(server, "b", 25 << 20, 503, "out-of-memory", "Retry-After")
            self.expect(server, "a", 5 << 20, 429, "quota-exceeded", "share of the memory", "Retry-After")
            growing.send(32 * (b"10000\r\n" + bytes(65536) + b"\r\n") + b"0\r\n\r\n")
            reply = growing.getresponse()
            self.assertEqual(reply.status, 429, "pieces are no way around")
            self.assertIn(b"share of the memory", reply.read())
            growing.close()
            for key in ("a", "b"):
                self.assertEqual(server.post(MSE, SMALL, by(key)).status, 200)
            self.assertEqual(server.get("/readyz").status, 200)
            for connection in held:
                connection.close()
            self.wait_until_free(server, "a")
            mine = self.expect(server, "b", 25 << 20, 100)
            self.expect(server, "a", 30 << 20, 100).close()
            mine.close()

    def test_who_is_stopped_by_a_quota_waits_for_nobody(self):
        with KeyFile(team("a", "a", concurrent_bytes=8 << 20), team("b", "b")) as keys, \
                Server("--keys", keys.path, "--memory", "128M") as server:
            held = [self.expect(server, "b", 70 << 20, 100), self.expect(server, "a", 7 << 20, 100)]
            self.expect(server, "a", 5 << 20, 429, "`concurrent_bytes`")
            held.append(self.expect(server, "b", 5 << 20, 100))
            for connection in held:
                connection.close()

    def test_what_never_fits_the_quota(self):
        """Alone, a request gets all of `concurrent_bytes`; what needs more need not come again."""
        x = npy(np.zeros(7 << 20, "u1"))
        pieces = (bytes(65536) for _ in range(60))
        with KeyFile(team("a", "a", concurrent_bytes=8 << 20)) as keys, \
                Server("--keys", keys.path, "--memory", "256M") as server:
            self.expect(server, "a", (8 << 20) - 8192, 100).close()
            self.wait_until_free(server, "a")
            reply = server.ask("POST", "/v1/activations/relu", x, by("a"))
            self.assertEqual((reply.status, problem(reply)), (413, "never-fits-memory"), repr(reply))
            self.wait_until_free(server, "a")
            with_quota = {**by("a"), "Content-Type": "application/json"}
            reply = server.ask("POST", MSE, pieces, with_quota)
            self.assertNotEqual(reply.status, 429, "it is alone")

    def test_results_are_reserved_too(self):
        """An activation is as large as its input, and again as bytes of the reply."""
        with KeyFile(team("a", "a")) as keys, Server("--keys", keys.path, "--memory", "64M") as server:
            held = self.expect(server, "a", 12 << 20, 100, path="/v1/activations/relu")
            self.expect(server, "a", 12 << 20, 503, "out-of-memory", path="/v1/activations/relu")
            self.expect(server, "a", 12 << 20, 100).close()
            held.close()


class Fairness(unittest.TestCase):
    """What noise cannot break; `make fairness` measures."""

    def test_small_requests_beside_a_heavy_team(self):
        big = npy(np.zeros((32, 1024, 1024), "u1"))
        bodies = multipart(("pred", big), ("target", big))
        middle = multipart(("pred", npy(np.zeros((256, 512), "u1"))), ("target", npy(np.zeros((256, 512), "u1"))))
        path, statuses, slowest, stop = "/v1/metrics/segmentation?num_classes=2", [], 0, threading.Event()
        with KeyFile(team("heavy", "heavy"), team("light", "light")) as keys, \
                Server("--keys", keys.path, "--memory", "1G", "--threads", "1",
                       "--limit-queue-seconds", str(60 * SLOW)) as server:
            def heavy():
                while not stop.is_set():
                    statuses.append(server.ask("POST", path, bodies[0], {**bodies[1], **by("heavy")}).status)

            with together([heavy] * 3, stop):
                end = time.monotonic() + 2 * SLOW
                while time.monotonic() < end or len(statuses) < 3:
                    for body, headers in ((SMALL, {}), middle):
                        began = time.monotonic()
                        reply = server.ask("POST", MSE if body is SMALL else path, body, {**headers, **by("light")})
                        slowest = max(slowest, time.monotonic() - began)
                        self.assertEqual(reply.status, 200, repr(reply))
        self.assertEqual(set(statuses), {200})
        self.assertLess(slowest, SLOW)


class Mix(unittest.TestCase):
    """Two teams ask for ten times as much memory as there is."""

    GIVEN = 64 << 20
    BASE = 32 << 20  # beside the budget: connections, stacks, and what malloc keeps

    def test_memory_is_never_passed(self):
        x = npy(np.zeros(10 << 20, "u1"))
        masks = multipart(("pred", npy(np.zeros((20, 1 << 19), "u1"))), ("target", npy(np.zeros((20, 1 << 19), "u1"))))
        numbers = json.dumps({"pred": [0.5] * 400000, "target": [1] * 400000}).encode()
        kinds = (("/v1/activations/relu?grad=true", x, {}), ("/v1/metrics/segmentation?num_classes=2", *masks),
                 (MSE + "?grad=true", numbers, {"Content-Type": "application/json"}), (MSE, SMALL, {}),
                 ("/v1/activations/sigmoid", x[:5 << 20] + b"cut", {}))
        statuses = []
        with KeyFile(team("a", "a", weight=2), team("b", "b")) as keys, \
                Server("--keys", keys.path, "--memory", str(self.GIVEN)) as server:
            idle = server.memory("VmRSS")

            def client(key, path, body, headers):
                for _ in range(3):
                    try:
                        reply = server.ask("POST", path, body, {**headers, **by(key)})
                        statuses.append(reply.status)
                        if reply.status in (429, 503) and not reply.headers["Retry-After"].isdigit():
                            statuses.append("no Retry-After")
                    except (OSError, http.client.HTTPException):
                        statuses.append(None)  # refused early, and the upload was cut

            works = [functools.partial(client, key, *kind) for key in ("a", "b") for kind in kinds for _ in range(3)]
            with together(works) as clients:
                while any(one.is_alive() for one in clients):
                    self.assertEqual(server.get("/readyz").status, 200)
                    self.assertEqual(server.post(MSE, SMALL, by("b")).status, 200)
                    time.sleep(0.02)
            if not SANITIZED:
                print(f"\n| `make http HTTP=teams` | {self.GIVEN >> 20} MiB for requests, two teams that ask for ten times as much; "
                      f"{statuses.count(200)} of {len(statuses)} answered, the others refused | {idle >> 20} MiB resident when idle, "
                      f"{server.memory() >> 20} at most; {idle + self.GIVEN + self.BASE >> 20} allowed |", flush=True)
                self.assertLessEqual(server.memory(), idle + self.GIVEN + self.BASE)
            for key in ("a", "b"):
                for _ in range(200):  # connections that were cut are still to be seen
                    used = server.get("/v1/teams/me", **by(key)).json()["usage"]["concurrent_bytes"]
                    if used == 0:
                        break
                    time.sleep(0.05)
                self.assertEqual(used, 0, "memory is not given back")
        self.assertLessEqual(set(statuses), {200, 400, 413, 429, 503, None})
        self.assertIn(200, statuses)


class Many(unittest.TestCase):
    """More teams, with longer names, than the memory of a small request can print."""

    def test_all_are_told(self):
        names = [f"{n:064}" for n in range(1000)]
        with KeyFile(team("ops", "ops", rights=["admin"]), *[team(name, name) for name in names]) as keys, \
                Server("--keys", keys.path) as server:
            connection = server.connect()
            operations = []
            for op in server.get("/v1/operations", **by("ops")).json()["operations"]:
                operations.append(f"/v1/{op['family']}/{op['name']}")
            self.assertGreater(len(operations), 25)

            def ask(some, count):
                for name in some:
                    for path in operations[:count]:
                        connection.request("POST", path, "{}", {**by(name), "Content-Type": "application/json"})
                        connection.getresponse().read()

            ask(names[:80], 26)  # each has its share, and its others
            text = server.get("/metrics", **by("ops")).body.decode()
            for name in names[:80]:
                self.assertEqual(len(re.findall(rf'^scored_requests_total{{.*team="{name}"', text, re.M)), 8 + 1)
            ask(names[80:250], 9)  # more than there are in all
            connection.close()
            reply = server.get("/metrics", **by("ops"))
            self.assertEqual(reply.status, 200, repr(reply))
            self.assertGreater(len(reply.body), 1 << 18)
            self.assertEqual(reply.body.count(b"\nscored_requests_total{"), 2048 + 1)  # and the others
            self.assertTrue(reply.body.endswith(b"\n"))
            reply = server.get("/v1/teams", **by("ops"))
            self.assertEqual(reply.status, 200, repr(reply))
            self.assertGreater(len(reply.body), 1 << 18)
            self.assertEqual({row["team"] for row in reply.json()["teams"]}, {"ops", *names})


class Reload(unittest.TestCase):
    def hang_up(self, server, wait_for):
        before = server.output().count(wait_for)
        server.process.send_signal(signal.SIGHUP)
        for _ in range(400 * SLOW):
            if server.output().count(wait_for) > before:
                return
            time.sleep(0.02)
        self.fail(f"no word of {wait_for}")

    def test_rotation(self):
        """A new key beside the old, then without the old."""
        with KeyFile(team("a", "old")) as keys, Server("--keys", keys.path) as server:
            statuses = lambda: [server.get("/v1/limits", **by(key)).status for key in ("old", "new")]
            self.assertEqual(statuses(), [200, 401])
            keys.write(team("a", "old", "new"))
            self.assertEqual(statuses(), [200, 401], "nobody has said that the file is another")
            self.hang_up(server, "read again")
            self.assertEqual(statuses(), [200, 200])
            keys.write(team("a", "new"))
            self.hang_up(server, "read again")
            self.assertEqual(statuses(), [401, 200])

    def test_a_bad_file_changes_nothing(self):
        with KeyFile(team("a", "old")) as keys, Server("--keys", keys.path) as server:
            keys.write_text('{"teams": [\n{"team": "a"}]}')
            self.hang_up(server, "keys.json:2: the team a needs a list")
            self.assertEqual(server.get("/v1/limits", **by("old")).status, 200)
            os.unlink(keys.path)
            self.hang_up(server, "stay as they were")
            self.assertEqual(server.get("/v1/limits", **by("old")).status, 200)

    def test_no_request_is_lost(self):
        """Clients of two teams go on while the file is read again, and again; then the server drains."""
        body, headers = multipart(("pred", npy(np.zeros((256, 512), "u1"))),
                                  ("target", npy(np.zeros((256, 512), "u1"))))
        kinds = ((MSE, SMALL, {}), ("/v1/metrics/segmentation?num_classes=2", body, headers))
        statuses, problems, stop = [], [], threading.Event()
        with KeyFile(team("a", "a", "a2"), team("b", "b")) as keys, Server("--keys", keys.path) as server:
            def client(key, path, data, more):
                connection = server.connect()
                while not stop.is_set():
                    try:
                        connection.request("POST", path, data, {**more, **by(key)})
                        reply = connection.getresponse()
                        reply.read()
                        statuses.append(reply.status)
                    except (OSError, http.client.HTTPException) as e:
                        problems.append(repr(e))
                connection.close()

            with together((functools.partial(client, key, *kind) for key in ("a", "b") for kind in kinds), stop):
                for n in range(20):
                    keys.write(team("a", "a", weight=n + 1), team("b", "b", f"b{n}"), *[team("c", "c")] * (n % 2))
                    server.process.send_signal(signal.SIGHUP)
                    time.sleep(0.05)
            me = server.get("/v1/teams/me", **by("a")).json()
            self.assertEqual(me["weight"], 20)
        self.assertEqual(problems, [])
        self.assertEqual(set(statuses), {200})
        self.assertGreater(len(statuses), 20)
