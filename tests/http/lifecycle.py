"""Starting, draining and ending."""
import contextlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import numpy as np

from bodies import multipart, npy
from server import PROGRAM, SLOW, Case, Server, together
from sorting import SORT, places, sort

PATH = "/v1/metrics/segmentation"


def masks(height, width):
    random = np.random.RandomState(3)
    target = random.randint(0, 19, (height, width)).astype("u1")
    return multipart(("pred", npy(target[::-1])), ("target", npy(target)))


def command(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20 * SLOW,
                          check=False)


class Program(unittest.TestCase):
    def test_help_and_version(self):
        done = command("--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        for option in ("--listen", "--threads", "--memory", "--drain-delay", "--port-file"):
            self.assertIn(option, done.stdout)
        done = command("--version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"scored \d+\.\d+\.\d+")

    def test_bad_options(self):
        for arguments in (["--nonsense"], ["--threads", "0"], ["--threads", "many"], ["--memory"],
                          ["--listen", "nowhere"], ["--listen", "127.0.0.1:99999"], ["stray"],
                          ["--limit-body-bytes", "-1"], ["--config", "/nonexistent"]):
            with self.subTest(arguments=arguments):
                done = command(*arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(done.stderr.strip(), "says nothing")

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = command("--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(done.stderr.strip(), "says nothing")

    def test_environment(self):
        os.environ["SCORED_LIMIT_RANK"] = "5"
        try:
            with Server() as server:
                self.assertEqual(server.get("/v1/limits").json()["rank"], 5)
        finally:
            del os.environ["SCORED_LIMIT_RANK"]

    def test_a_machine_that_computes_wrongly(self):
        """The program with one bit of one result wrong: it ends, and nobody could connect."""
        wrong = os.path.join(os.path.dirname(os.path.realpath(PROGRAM)), "scored-wrong")
        if not os.path.exists(wrong):
            self.skipTest("make http builds it")
        with Server() as server:
            if re.search(", (v1|arm64), open to", server.output()):
                self.skipTest("it has the plain instructions alone")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([wrong, "--listen", "127.0.0.1:0", "--port-file", "port"], cwd=folder, text=True,
                                  env=os.environ | {"WRONG_OPERATION": "segmentation"}, capture_output=True,
                                  timeout=20 * SLOW, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("self-test: metrics/segmentation does not give the same bits", done.stderr)
            self.assertNotIn("listening", done.stderr)
            self.assertEqual(os.listdir(folder), [], "it has listened")

    def test_a_level_that_is_none(self):
        for arguments in (["--version"], ["--check-config"], ["--listen", "127.0.0.1:0"], ["eval", "losses/mse"]):
            with self.subTest(arguments=arguments):
                done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20 * SLOW,
                                      check=False, env={**os.environ, "SC_ISA_MAX": "v2"})
                self.assertEqual(done.returncode, 2)
                self.assertIn("SC_ISA_MAX is 'v2'; it takes one of", done.stderr)

    def test_healthcheck(self):
        with Server("--listen", "[::]:0", "--open") as server:
            for address in ("127.0.0.1", "0.0.0.0", "[::1]", "[::]"):
                done = command("--healthcheck", "--open", "--listen", f"{address}:{server.port}")
                self.assertEqual(done.returncode, 0, done.stderr)
            done = command("--healthcheck", "--listen", "127.0.0.1:1")
            self.assertEqual(done.returncode, 1)
            self.assertIn("not healthy", done.stderr)


class Serving(Case):
    def test_health(self):
        for path in ("/healthz", "/readyz"):
            reply = self.server.get(path)
            self.assertEqual((reply.status, reply.json()), (200, {"status": "ok"}))

    def test_index_and_limits(self):
        self.assertEqual(self.server.get("/").status, 200)
        limits = self.server.get("/v1/limits").json()
        self.assertEqual(limits["json_depth"], 32)
        self.assertTrue(all(not isinstance(v, (dict, list)) for v in limits.values()))

    def test_replies_say_how_and_when(self):
        reply = self.server.post("/v1/losses/mse", {"pred": [1, 2], "target": [1, 4]})
        report = self.ok(reply)
        self.assertEqual((report["op"], report["status"], report["value"]), ("losses/mse", "ok", 2))
        self.assertEqual(report["numerics"], 1)
        self.assertIn("rules", report)
        self.assertEqual(report["warnings"], [])
        timing = reply.headers["Server-Timing"]
        for stage in ("receive", "queue", "decode", "compute", "encode"):
            self.assertRegex(timing, rf"\b{stage};dur=[0-9.]+")

    def test_keep_alive_and_pipelines(self):
        connection = self.server.connect()
        for i in range(20):
            connection.request("POST", "/v1/losses/mse", json.dumps({"pred": [i], "target": [0]}))
            self.assertEqual(json.loads(connection.getresponse().read())["value"], i * i)
        connection.close()
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as s:
            s.sendall(one * 5 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            self.assertEqual(s.makefile("rb").read().count(b"HTTP/1.1 200"), 6)

    def test_deadline(self):
        body, headers = masks(3000, 3000)
        reply = self.server.post(PATH, body, {**headers, "X-Request-Timeout": "0.001"}, num_classes=19)
        self.assertEqual(reply.status, 504, repr(reply))
        body, headers = masks(4, 4)
        for text in ("soon", "-1", "0", "0.0001", "1s"):
            reply = self.server.post(PATH, body, {**headers, "X-Request-Timeout": text}, num_classes=19)
            self.assertEqual(reply.status, 400, repr(reply))

    def test_deadline_inside_of_one_long_step(self):
        """Lovasz sorts all places of the batch at once."""
        body, headers = places(10_000_000)
        with Server("--memory", "2G") as server:
            whole = sort(server, body, headers)
            began = time.monotonic()
            reply = server.post(SORT, body, {**headers, "X-Request-Timeout": f"{whole / 4:.3f}"})
            self.assertEqual(reply.status, 504, repr(reply))
            self.assertLess(time.monotonic() - began, whole * 0.7)

    def test_same_bytes_from_many_at_once(self):
        body, headers = masks(300, 400)
        replies = []

        def ask():
            for _ in range(10):
                replies.append(self.server.post(PATH, body, headers, num_classes=19).body)

        with together([ask] * 8):
            pass
        self.assertEqual(len(replies), 80)
        self.assertEqual(len(set(replies)), 1)


class Limits(Case):
    def test_a_refusal_names_the_limit_and_its_value(self):
        limits = self.server.get("/v1/limits").json()
        wide = {"X": "a" * 20000}
        for status, limit, path, headers in (
                (414, "target_bytes", "/" + "a" * 20000, {}),
                (414, "query_fields", "/healthz?" + "&" * 300, {}),
                (431, "header_bytes", "/healthz", wide),
                (431, "headers", "/healthz", {f"X-{n}": "1" for n in range(80)})):
            reply = self.server.get(path, **headers)
            self.assertEqual(reply.status, status, repr(reply))
            self.assertIn(f"the limit `{limit}`, {limits[limit]}", reply.json()["detail"])


class FewFiles(unittest.TestCase):
    def test_connections_are_limited_by_files(self):
        """More clients than files: the idle make room."""
        server = Server("--io-threads", "2", prepare=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (64, 192)))
        self.assertRegex(server.output(), r"at most 56 connections, not 1024")
        clients = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(200)]
        time.sleep(0.5)
        self.assertLessEqual(len(os.listdir(f"/proc/{server.pid}/fd")), 188)
        for client in clients:
            client.close()
        self.assertEqual(server.get("/healthz").status, 200)
        server.stop()


class FullQueue(Case):
    OPTIONS = ("--limit-queue-jobs", "1", "--threads", "1")

    def test_half_closed_clients_hear_of_it(self):
        body, headers = masks(1024, 2048)
        head = [f"POST {PATH}?num_classes=19 HTTP/1.1", "Host: a", f"Content-Length: {len(body)}",
                "Connection: close", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        request = "\r\n".join(head).encode() + body
        answers = []

        def ask():
            with socket.create_connection(("127.0.0.1", self.server.port), 30 * SLOW) as s:
                s.sendall(request)
                s.shutdown(socket.SHUT_WR)
                said = s.makefile("rb").read()
                answers.append(said.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")[9:12])  # to those who wait long

        for _ in range(5):
            with together([ask] * 12):
                pass
        self.assertEqual(set(answers), {b"200", b"503"}, answers)


class Rest(Case):
    OPTIONS = ("--limit-rest-seconds", str(SLOW), "--threads", "1")

    def test_who_waits_too_long_hears_of_it(self):
        """Work for many seconds at once: the first are served, the last are told."""
        random = np.random.RandomState(3)
        body, headers = multipart(("pred", npy(random.rand(1, 8, 512, 512).astype("f4"))),
                                  ("target", npy(random.randint(0, 8, (1, 512, 512)).astype("u1"))))
        replies = []

        def ask():
            replies.append(self.server.post("/v1/losses/lovasz_softmax", body, headers))

        end = time.monotonic() + 60 * SLOW
        while {reply.status for reply in replies} != {200, 504} and time.monotonic() < end:
            with together([ask] * min(128, 4 + len(replies))):
                pass
        self.assertEqual({reply.status for reply in replies}, {200, 504})
        late = next(reply for reply in replies if reply.status == 504)
        self.assertEqual(late.json()["type"], "urn:scored:problem:deadline-passed")


class Draining(unittest.TestCase):
    def test_nothing_accepted_is_lost(self):
        """Clients go on until a load balancer would have seen readyz say 503; all are answered."""
        body, headers = masks(512, 1024)
        server = Server("--drain-delay", str(2 * SLOW))
        statuses, problems, stop = [], [], threading.Event()

        def client():
            while not stop.is_set():
                try:
                    statuses.append(server.post(PATH, body, headers, num_classes=19).status)
                except (OSError, http.client.HTTPException) as e:
                    problems.append(repr(e))

        try:
            with together([client] * 6, stop):
                time.sleep(0.5)
                server.terminate()
                end = time.monotonic() + SLOW
                while (ready := server.get("/readyz")).status != 503:
                    self.assertLess(time.monotonic(), end, "readyz still says 200")
                self.assertRegex(ready.headers["Retry-After"], r"^\d+$")
                self.assertEqual(server.get("/healthz").status, 200)
                before = len(statuses)
                time.sleep(0.3 * SLOW)
        finally:
            server.stop()
        self.assertEqual(problems, [])
        self.assertEqual(set(statuses), {200})
        self.assertGreater(len(statuses), before, "served nothing while draining")

    def test_a_request_under_way_is_finished(self):
        """SIGTERM while the second half of the body has still to come."""
        body, headers = masks(256, 256)
        server = Server()
        try:
            connection = server.connect()
            connection.putrequest("POST", PATH + "?num_classes=19")
            for name, value in {**headers, "Content-Length": len(body)}.items():
                connection.putheader(name, value)
            connection.endheaders()
            connection.send(body[:len(body) // 2])
            time.sleep(0.2)
            server.terminate()
            time.sleep(0.2)
            connection.send(body[len(body) // 2:])
            reply = connection.getresponse()
            self.assertEqual(reply.status, 200)
            self.assertEqual(json.loads(reply.read())["pixels"], 256 * 256)
            connection.close()
        finally:
            server.stop()

    def test_half_a_request_line_is_waited_for(self):
        server = Server()
        with socket.create_connection(("127.0.0.1", server.port), 30 * SLOW) as s:
            s.sendall(b"GET /hea")
            time.sleep(0.3)
            server.terminate()
            time.sleep(2.5)
            s.sendall(b"lthz HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"200 OK", s.recv(4096))
        server.stop()

    def under_way(self, server):
        """A request whose second half never comes."""
        s = socket.create_connection(("127.0.0.1", server.port), 30)
        s.sendall(b"POST /v1/losses/mse HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.2 * SLOW)
        return s

    def ran_out(self, server, within):
        self.assertEqual(server.process.wait(within), 1)
        self.assertIn("the grace time ran out with 1 requests under way", server.output())
        server.kill()

    def test_the_grace_time_runs_out(self):
        server = Server("--grace", "1")
        with self.under_way(server):
            server.terminate()
            self.ran_out(server, 20 * SLOW)

    def test_the_grace_time_runs_out_inside_of_one_long_step(self):
        body, headers = places(40_000_000)
        server = Server("--grace", "1", "--memory", "3G")
        whole = sort(server, body, headers)

        def ask():
            with contextlib.suppress(OSError, http.client.HTTPException):
                server.post(SORT, body, headers)

        with together([ask]):
            while "scored_requests_in_flight 2" not in server.get("/metrics").body.decode():
                time.sleep(0.01)
            server.terminate()
            began = time.monotonic()
            self.ran_out(server, 60)
            self.assertLess(time.monotonic() - began, 1 + whole * 0.6)

    def test_time_stopped_is_no_time(self):
        """Stopped and continued while it drains: all of the delay is kept."""
        server = Server("--drain-delay", "2")
        server.terminate()
        began = time.monotonic()
        for _ in range(3):
            time.sleep(0.2)
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            server.process.send_signal(signal.SIGCONT)
        self.assertEqual(server.get("/healthz").status, 200)
        server.stop()
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_a_second_signal_ends_it_at_once(self):
        for options in (("--drain-delay", "60"), ("--grace", "60")):
            server = Server(*options)
            with self.under_way(server):
                server.terminate()
                time.sleep(0.5 * SLOW)
                self.assertIsNone(server.process.poll())
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(5 * SLOW), 1)
            self.assertIn("second signal", server.output())
            server.kill()

    def test_a_signal_while_it_stops_ends_it_at_once(self):
        """Behind the grace time nobody waits for signals, but one more still ends it: it does not come to its last word."""
        for _ in range(20):
            server = Server("--grace", "1")
            with self.under_way(server):
                server.terminate()
                while "the grace time ran out" not in server.output():
                    time.sleep(0.001)
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(20 * SLOW), 1)
            output = server.output()
            server.kill()
            if '"stopped"' not in output:  # it was not faster than the signal
                return
        self.fail(output)

    def test_reading_again_does_not_end_a_drain(self):
        server = Server("--drain-delay", "2")
        server.terminate()
        began = time.monotonic()
        for _ in range(5):
            time.sleep(0.2)
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(server.post("/v1/losses/mse", {"pred": [1], "target": [2]}).status, 200)
        server.stop()
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_kept_connections_under_load(self):
        """Clients that keep their connections see each request answered, and then that it closes."""
        server = Server("--drain-delay", "1")
        problems, answered = [], []

        def client():
            connection = server.connect()
            while True:
                try:
                    connection.request("POST", "/v1/losses/mse", b'{"pred": [1], "target": [2]}')
                    reply = connection.getresponse()
                    reply.read()
                except (OSError, http.client.HTTPException) as e:
                    problems.append(repr(e))
                    return
                answered.append(reply.status)
                if reply.headers["Connection"] == "close":
                    connection.close()
                    return

        with together([client] * 8):
            time.sleep(0.3)
            server.stop()
        self.assertEqual((problems, set(answered)), ([], {200}))

    def test_idle_connections_do_not_hold_it(self):
        server = Server()
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        server.get("/healthz")
        began = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - began, 10 * SLOW)
        for s in idle:
            s.close()

    def test_requests_that_libmicrohttpd_forgets(self):
        """More fields than its memory holds: it closes, and tells nobody; a later one takes the cookies."""
        query = b"&".join(b"%x" % i for i in range(3000))
        cookies = b"Cookie: " + b";".join(b"a%d=" % i for i in range(1900))
        for request in (b"GET /healthz?" + query + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                        b"GET /healthz?" + b"&" * 8000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + cookies + b"\r\n\r\n"):
            server = Server("--grace", str(5 * SLOW))
            with socket.create_connection(("127.0.0.1", server.port), 30) as s:
                s.sendall(request)
                s.settimeout(1 * SLOW)
                try:
                    while s.recv(65536):
                        pass
                except (ConnectionError, TimeoutError):
                    pass
                began = time.monotonic()
                server.stop()
                self.assertLess(time.monotonic() - began, 3 * SLOW)

    def test_a_client_that_leaves_is_no_deadline(self):
        """It leaves while its request is computed: nobody is told of a deadline."""
        random = np.random.RandomState(5)
        body, headers = multipart(
            ("pred", npy(random.rand(1, 16, 1024, 1024).astype("f4"))),
            ("target", npy(random.randint(0, 16, (1, 1024, 1024)).astype("u1"))))
        server = Server("--threads", "1")
        for n in range(12):
            connection = server.connect()
            connection.request("POST", "/v1/losses/cross_entropy", body, headers)
            time.sleep(n * 0.005)
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        server.stop()
        lines = [json.loads(line) for line in server.output().splitlines() if "cross_entropy" in line]
        self.assertTrue(lines)
        for line in lines:
            self.assertEqual((line["level"], line.get("error")), ("info", None), line)

    def test_log_lines(self):
        server = Server("--log-level", "info")
        server.post("/v1/losses/mse", {"pred": [1], "target": [1]}, {"X-Request-Id": "find-me-7"})
        server.stop()
        lines = [line for line in server.output().splitlines() if "find-me-7" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("200", lines[0])

    def test_long_paths_in_the_log(self):
        server = Server("--log-level", "info", "--limit-target-bytes", "65536")
        for letter in ("a", "%C3%A9", "%22"):
            server.get("/" + letter * (60000 // len(letter)))
        server.ask("A" * 60000, "/" + "a" * 3000, headers={"X-Request-Id": '"' * 128})
        server.stop()
        texts = [line for line in server.output().splitlines() if '"request"' in line and "readyz" not in line]
        self.assertLess(max(map(len, texts)), 4095)  # PIPE_BUF, less the end of the line
        lines = [json.loads(line) for line in texts]
        self.assertEqual([line["status"] for line in lines], [404, 404, 404, 404])
        for line in lines:
            self.assertLessEqual(len(line["path"]), 2048 + 3)
            self.assertLessEqual(len(line["method"]), 128 + 3)
            self.assertTrue(line["path"].endswith("..."), line["path"][-20:])
