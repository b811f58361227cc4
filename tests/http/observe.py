"""What operators see: metrics, traces, the log, and SIGHUP."""
import fcntl
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import numpy as np

from bodies import multipart, npy
from server import PROGRAM, ROOT, SLOW, Case, Server
from teams import KeyFile, by, team

MSE = {"pred": [1, 2], "target": [1, 4]}
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


def samples(text):
    """{name{labels}: value}"""
    rows = re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.M)
    return {name: float(value) for name, value in rows}


def metrics(server):
    reply = server.get("/metrics")
    assert reply.status == 200, repr(reply)
    return reply.body.decode()


def wait_for(ask, seconds=5):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.05)
    raise AssertionError("it does not happen")


class Metrics(Case):
    def test_the_format_is_that_of_prometheus(self):
        self.server.post("/v1/losses/mse", MSE)
        reply = self.server.get("/metrics")
        self.assertEqual(reply.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        if shutil.which("promtool") is None:
            self.skipTest("promtool (Debian: prometheus) is not installed")
        done = subprocess.run(["promtool", "check", "metrics"], input=reply.body, capture_output=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_the_documentation_lists_them(self):
        with open(os.path.join(ROOT, "docs/operations.md"), encoding="utf-8") as file:
            documented = set(re.findall(r"`(scored_[a-z_]+)`", file.read().split("## Metrics")[1].split("### ")[0]))
        printed = set(re.findall(r"^# TYPE (\S+)", metrics(self.server), re.M))
        self.assertEqual(printed, documented)

    def test_requests_are_counted(self):
        before = samples(metrics(self.server))
        self.server.post("/v1/losses/mse", MSE)
        self.server.post("/v1/activations/relu", npy(np.array([1.0, -1.0])))
        self.server.post("/v1/losses/mse", {"pred": [1]})
        self.server.get("/nowhere/../at/all?x=1")
        self.server.ask("PUT", "/healthz")

        def counted():
            now = samples(metrics(self.server))
            grown = {name: value - before.get(name, 0) for name, value in now.items()
                     if name.startswith("scored_requests_total") and "/metrics" not in name}
            grown = {name: value for name, value in grown.items() if value}
            return (now, grown) if len(grown) == 5 else None

        now, grown = wait_for(counted)
        for labels in ('operation="losses/mse",format="json",status="200"',
                       'operation="activations/relu",format="npy",status="200"',
                       'operation="losses/mse",format="json",status="400"',
                       'operation="none",format="none",status="404"',
                       'operation="none",format="none",status="405"'):
            self.assertEqual(grown[f'scored_requests_total{{{labels},team="none"}}'], 1, labels)
        for stage in ("receive", "queue", "decode", "compute", "encode"):
            count = f'scored_stage_duration_seconds_count{{stage="{stage}"}}'
            self.assertEqual(now[count] - before.get(count, 0), 3)
        self.assertGreater(now["scored_received_bytes_total"], before["scored_received_bytes_total"])
        self.assertGreater(now["scored_cpu_seconds_total"], 0)
        self.assertEqual(now["scored_ready"], 1)

    def test_histograms_add_up(self):
        rows = samples(metrics(self.server))
        for name, value in rows.items():
            if "_count" in name and "duration" in name:
                last = name.replace("_count", "_bucket")
                last = last[:-1] + ',le="+Inf"}' if "{" in last else last + '{le="+Inf"}'
                self.assertEqual(rows[last], value)

    def test_what_clients_send_is_no_label(self):
        for i in range(300):
            self.server.get(f"/v1/losses/none-{i}")
            self.server.ask(f"GET{i}", "/healthz")
        text = metrics(self.server)
        self.assertNotIn("none-1", text)
        self.assertNotIn("GET1", text)
        self.assertLess(text.count("scored_requests_total{"), 40)


    def test_probes_are_not_among_the_durations(self):
        with Server() as server:  # where nothing else has been asked
            def count(name):
                return samples(metrics(server))[name]

            for path in ("/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/metrics"):
                for _ in range(20):
                    self.assertEqual(server.get(path).status, 200)
            wait_for(lambda: count('scored_requests_total{operation="/healthz",format="none",status="200",team="none"}') >= 20)
            server.post("/v1/losses/mse", MSE)
            wait_for(lambda: count("scored_request_duration_seconds_count") > 0)
            self.assertEqual(count("scored_request_duration_seconds_count"), 1)


class Shares(unittest.TestCase):
    """Many teams: each has a few series, and what it does past them is its own "other"."""

    def test_no_team_takes_the_series_of_all(self):
        names = [f"t{i}" for i in range(100)]
        with KeyFile(*[team(n, n) for n in names], team("ops", "ops", rights=["admin"])) as keys, \
                Server("--keys", keys.path) as server:
            operations = [f"{o['family']}/{o['name']}" for o in server.get("/v1/operations", **by("t0")).json()["operations"]][:40]
            for name in operations:
                server.post(f"/v1/{name}", {"pred": []}, by("t0"))
            for name in ("t1", "t2"):
                server.post("/v1/losses/mse", MSE, by(name))

            def of(name):
                now = samples(server.get("/metrics", **by("ops")).body.decode())
                return {k: v for k, v in now.items() if k.startswith("scored_requests_total") and f'team="{name}"' in k}

            wait_for(lambda: sum(of("t0").values()) == len(operations) + 1)
            series = of("t0")
            other = {k: v for k, v in series.items() if 'operation="other"' in k}
            self.assertLessEqual(len(series), 24)
            self.assertGreater(sum(other.values()), 10)
            self.assertTrue(all(re.search(r'format="other",status="4\d\d",team="t0"', k) for k in other), other)
            for name in ("t1", "t2"):
                self.assertEqual(list(of(name)), [f'scored_requests_total{{operation="losses/mse",format="json",status="200",team="{name}"}}'])


class Monitor(unittest.TestCase):
    def test_an_address_of_its_own(self):
        with Server("--metrics-listen", "127.0.0.1:0") as server:
            port = int(re.search(r"metrics and health on http://127.0.0.1:(\d+)", server.output()).group(1))
            own = server.port
            self.assertEqual(server.get("/metrics").status, 404)
            server.port = port
            self.assertIn("scored_ready 1", metrics(server))
            self.assertEqual(server.get("/healthz").status, 200)
            self.assertEqual(server.get("/readyz").status, 200)
            self.assertEqual(server.post("/v1/losses/mse", MSE).status, 404)
            server.port = own

    def test_the_idle_make_room(self):
        """More than places, and none of them asks for anything."""
        with Server("--metrics-listen", "127.0.0.1:0") as server:
            port = int(re.search(r"metrics and health on http://127.0.0.1:(\d+)", server.output()).group(1))
            idle = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(20)]
            time.sleep(1.5)
            own, server.port = server.port, port
            reply = server.get("/healthz")
            self.assertEqual((reply.status, reply.headers["Connection"]), (200, "close"))
            server.port = own
            for s in idle:
                s.close()

    def test_a_bad_address(self):
        done = subprocess.run([PROGRAM, "--check-config", "--metrics-listen", "9090"], capture_output=True,
                              timeout=30, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("metrics-listen", done.stderr)


class Trace(Case):
    def test_it_is_kept(self):
        reply = self.server.post("/v1/losses/mse", MSE, {"traceparent": TRACEPARENT, "X-Request-Id": "traced-1"})
        version, trace, span, flags = reply.headers["traceparent"].split("-")
        self.assertEqual((version, trace, flags), ("00", TRACE, "01"))
        self.assertRegex(span, "^[0-9a-f]{16}$")
        self.assertNotEqual(span, PARENT)
        line = json.loads(wait_for(lambda: [row for row in self.server.output().split("\n") if "traced-1" in row])[0])
        self.assertEqual((line["trace"], line["span"]), (trace, span))
        self.assertEqual(line["format"], "json")
        self.assertGreaterEqual(line["ms"]["total"], line["ms"]["compute"])

    def test_errors_have_it_too(self):
        self.assertIn(TRACE, self.server.get("/nowhere", traceparent=TRACEPARENT).headers["traceparent"])

    def test_bad_ones_are_ignored(self):
        for bad in ("", "00", TRACEPARENT.upper(), TRACEPARENT + "-x", "ff" + TRACEPARENT[2:],
                    f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01"):
            reply = self.server.get("/healthz", traceparent=bad)
            self.assertEqual((reply.status, reply.headers["traceparent"]), (200, None), bad)


class Log(unittest.TestCase):
    def test_slow_requests_are_warnings(self):
        with Server("--slow-ms", "1", "--log-level", "warning") as server:
            server.post("/v1/activations/gelu", npy(np.full((2000, 1000), 0.5)), {"X-Request-Id": "slow-1"})
            line = json.loads(wait_for(lambda: [row for row in server.output().split("\n") if "slow-1" in row])[0])
            self.assertEqual((line["level"], line["slow"]), ("warning", True))

    def test_sighup_reads_the_level_again(self):
        folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("log-level = warning\n")
        with Server("--config", path) as server:
            connection = server.connect()
            for name in ("unseen", "next"):  # a request is logged, or not, behind its reply and before the next one
                connection.request("GET", "/v1/limits", headers={"X-Request-Id": name})
                connection.getresponse().read()
            connection.close()
            with open(path, "w", encoding="utf-8") as file:
                file.write("log-level = debug\n")
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: "the log level is debug" in server.output())
            server.get("/v1/limits", **{"X-Request-Id": "seen"})
            wait_for(lambda: '"seen"' in server.output())
            self.assertNotIn('"unseen"', server.output())
            with open(path, "w", encoding="utf-8") as file:
                file.write("log-level = loud\n")
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: "stay as they were" in server.output())
            server.get("/v1/limits", **{"X-Request-Id": "still"})
            wait_for(lambda: '"still"' in server.output())
            self.assertNotIn("the keys", server.output())  # there are none

    def line(self, server, name):
        return json.loads(wait_for(lambda: [row for row in server.output().split("\n") if name in row])[0])

    def test_bytes_are_those_that_were_sent(self):
        body = gzip.compress(json.dumps({"pred": [1] * 9999, "target": [1] * 9999}).encode())
        coded = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        with KeyFile(team("a", "a")) as keys, Server("--keys", keys.path) as server:
            server.post("/v1/losses/mse", body, {**coded, **by("a"), "X-Request-Id": "inflated"})
            self.assertEqual(server.post("/v1/losses/mse", body, {**coded, "X-Request-Id": "refused"}).status, 401)
            for name in ("inflated", "refused"):
                self.assertEqual(self.line(server, name)["bytes_in"], len(body))

    def test_refusals_that_are_the_servers_say_why(self):
        with KeyFile(team("a", "a", requests_per_second=1)) as keys, Server("--keys", keys.path) as server:
            for n in range(3):
                reply = server.post("/v1/losses/mse", MSE, {**by("a"), "X-Request-Id": f"quota-{n}"})
            self.assertEqual(reply.status, 429)
            self.assertEqual(self.line(server, "quota-2")["detail"], reply.json()["detail"])
            self.assertNotIn("detail", self.line(server, "quota-0"))
        with Server("--memory", "16M") as server:
            reply = server.post("/v1/activations/relu", npy(np.zeros(1 << 24, "u1")), {"X-Request-Id": "larger"})
            self.assertEqual(reply.status, 413)
            self.assertNotIn("detail", self.line(server, "larger"))

    def test_stages_that_fail_have_taken_their_time(self):
        with Server() as server:
            text = b'{"pred": [' + b"1.5," * 2_000_000 + b'"x"], "target": [1]}'
            headers = {"Content-Type": "application/json", "X-Request-Id": "undecoded"}
            self.assertEqual(server.post("/v1/losses/mse", text, headers).status, 400)
            self.assertGreater(self.line(server, "undecoded")["ms"]["decode"], 1)
            body, kind = multipart(("pred", npy(np.zeros((999, 999), "u1"))), ("target", npy(np.full((999, 999), 9, "u1"))))
            reply = server.post("/v1/metrics/segmentation", body, {**kind, "X-Request-Id": "uncomputed"}, num_classes=2)
            self.assertEqual(reply.status, 422)
            self.assertGreater(self.line(server, "uncomputed")["ms"]["compute"], 0.001)

    def test_half_a_line_has_a_line_of_its_own(self):
        """A disk becomes full, and then is not."""
        disk = os.memfd_create("log", os.MFD_ALLOW_SEALING)
        self.addCleanup(os.close, disk)
        os.ftruncate(disk, 8192)
        fcntl.fcntl(disk, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
        with Server(log=disk) as server:
            for i in range(60):
                server.get(f"/v1/nothing-{i:040}")
            before = os.pread(disk, 8192, 0)
            if before[-1:] in (b"\0", b"\n"):
                self.skipTest("the kernel takes no part of a write")
            os.lseek(disk, 0, os.SEEK_SET)
            server.get("/v1/something")
            end = time.monotonic() + 5 * SLOW
            while b'"/v1/something"' not in (after := os.pread(disk, 4096, 0)) and time.monotonic() < end:
                time.sleep(0.01)  # lines of before may still be on their way
            self.assertEqual(after[:1], b"\n")
            paths = [json.loads(line)["path"] for line in after[1:].split(b"\n")
                     if line.startswith(b"{") and line.endswith(b"}")]
            self.assertIn("/v1/something", paths)

    def test_a_log_that_takes_nothing(self):
        """A full disk, a closed pipe, a pipe that nobody reads."""
        for kind in ("full", "closed", "unread"):
            with self.subTest(kind):
                self.mute(kind)

    def mute(self, kind):
        server = Server.__new__(Server)  # for its ways to ask
        folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.addCleanup(folder.cleanup)
        port_file = os.path.join(folder.name, "port")
        reader, writer = os.pipe()
        full = os.open("/dev/full", os.O_WRONLY)
        process = subprocess.Popen([PROGRAM, "--listen", "127.0.0.1:0", "--port-file", port_file],
                                   stderr=full if kind == "full" else writer)
        os.close(writer)
        os.close(full)
        if kind == "closed":
            os.close(reader)
        try:
            server.port = wait_for(lambda: os.path.exists(port_file) and int(open(port_file, encoding="ascii").read()))
            for _ in range(600):  # more than a pipe holds
                self.assertEqual(server.get("/v1/limits").status, 200)
            for _ in range(30):  # the longest lines
                self.assertEqual(server.ask("A" * 1000, "/" + "%C3%A9" * 600).status, 404)
            self.assertGreater(samples(metrics(server))["scored_log_lines_lost_total"], 0)
            process.terminate()
            self.assertEqual(process.wait(20 * SLOW), 0)
        finally:
            process.kill()
            process.wait()
            if kind != "closed":
                os.close(reader)
