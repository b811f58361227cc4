"""The image: what is in it, and how it runs without rights, without disk and with little of everything."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import numpy as np

from bodies import multipart, npy
from server import ROOT, SLOW, Reply
from tls import certify

IMAGE = os.environ["IMAGE"]
HARDENED = ("--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--pids-limit", "64")
SMALL = ("--memory", "256m", "--cpus", "1.5")
MOST_BYTES = 40_000_000


def podman(*words, check=True):
    done = subprocess.run(["podman", *words], text=True, capture_output=True, timeout=120, cwd=ROOT)
    assert not check or done.returncode == 0, f"podman {' '.join(words)}: {done.stderr}"
    return done.stdout.strip() if check else done.returncode


def inspect(what, template, kind="container"):
    return json.loads(podman(kind, "inspect", "--format", f"{{{{json {template}}}}}", what))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Container:
    def __init__(self, *options, settings=(), words=(), hardened=HARDENED):
        self.port = free_port()
        settings = ("SCORED_OPEN=true", f"SCORED_LISTEN=0.0.0.0:{self.port}", *settings)
        env = [word for one in settings for word in ("--env", one)]
        self.began = time.monotonic()
        self.name = podman("run", "--detach", *hardened, *options, *env, IMAGE, *words)
        self.pid = inspect(self.name, ".State.Pid")

    def wait(self):
        end = time.monotonic() + 20 * SLOW
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/readyz").status == 200:
                    self.ready = time.monotonic() - self.began
                    return self
            except OSError:
                time.sleep(0.01)
        raise AssertionError(self.logs())

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60 * SLOW)
        try:
            connection.request(method, path, body, headers or {})
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def logs(self):
        done = subprocess.run(["podman", "logs", self.name], text=True, capture_output=True, timeout=60)
        return done.stdout + done.stderr

    def proc(self, name):
        with open(f"/proc/{self.pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()

    def exit_code(self):
        return int(podman("wait", self.name))

    def remove(self):
        podman("rm", "--force", "--time", "0", self.name)


class Inside(unittest.TestCase):
    def test_it_is_small(self):
        size = inspect(IMAGE, ".Size", "image")
        print(f"container/image: {size / 1e6:.1f} MB", flush=True)
        self.assertLess(size, MOST_BYTES)

    def test_what_it_says_of_itself(self):
        config = inspect(IMAGE, ".Config", "image")
        with open(os.path.join(ROOT, "VERSION"), encoding="utf-8") as file:
            version = file.read().strip()
        self.assertEqual(config["Labels"]["org.opencontainers.image.version"], version)
        self.assertEqual(config["Labels"]["org.opencontainers.image.revision"], os.environ["COMMIT"])
        self.assertEqual((config["User"], config["StopSignal"]), ("10001:10001", "SIGTERM"))
        self.assertIn(f"scored {version} (commit {os.environ['COMMIT']})", podman("run", "--rm", *HARDENED, IMAGE, "--version"))

    def files(self):
        name = podman("create", IMAGE)
        try:
            tar = subprocess.run(f"podman export {name} | tar -tf -", shell=True, check=True, text=True, capture_output=True)
        finally:
            podman("rm", name)
        return tar.stdout.split()

    def test_there_is_nothing_else(self):
        files = [f for f in self.files() if not f.endswith("/")]
        programs = [f for f in files if "/bin/" in f or "/sbin/" in f]
        self.assertEqual(programs, ["usr/bin/scored"])
        known = ("usr/lib/", "usr/lib64/", "usr/share/doc/", "etc/", "lib", "lib64", "usr/bin/scored",
                 "dev/", "proc", "sys", "run/")
        self.assertEqual([f for f in files if not f.startswith(known)], [])
        self.assertIn("usr/share/doc/scored/scored.cdx.json", files)
        for library in ("libmicrohttpd.so.12", "libgomp.so.1"):
            self.assertTrue(any(f.endswith(library) for f in files), library)
        self.assertTrue(any(f.startswith("usr/share/doc/libmicrohttpd12") for f in files))

    def test_it_is_not_open_by_accident(self):
        done = subprocess.run(["podman", "run", "--rm", *HARDENED, IMAGE], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--open", done.stderr)


MOST_SECONDS = 5 * SLOW  # of which most is podman's


class Hardened(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.container = Container(*SMALL, settings=["SCORED_DRAIN_DELAY=1"])
        cls.addClassCleanup(cls.container.remove)
        cls.container.wait()

    def test_it_is_ready_soon(self):
        print(f"container/image: ready {self.container.ready:.2f} s after podman run began", flush=True)
        self.assertLess(self.container.ready, MOST_SECONDS)

    def test_it_has_no_rights(self):
        status = dict(line.split(":\t", 1) for line in self.container.proc("status").splitlines() if ":\t" in line)
        self.assertEqual((int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]), (0, 0, "1"))
        self.assertEqual(status["Uid"].split(), ["10001"] * 4)
        self.assertEqual(status["Seccomp"], "2")
        mounts = [line.split() for line in self.container.proc("mounts").splitlines()]
        root = next(fields for fields in mounts if fields[1] == "/")
        self.assertIn("ro", root[3].split(","))

    def test_threads_and_memory_follow_its_limits(self):
        """1.5 CPUs are one thread; half of 256 MiB is for requests."""
        self.assertRegex(self.container.logs(), r"listening on \S+, 1 threads, 128 MiB for requests")

    def test_it_scores(self):
        random = np.random.RandomState(3)
        target = random.randint(0, 19, (512, 1024)).astype("u1")
        pred = np.where(random.rand(512, 1024) < 0.9, target, (target + 1) % 19).astype("u1")
        body, headers = multipart(("pred", npy(pred)), ("target", npy(target)))
        reply = self.container.ask("POST", "/v1/metrics/segmentation?num_classes=19", body, headers)
        self.assertEqual(reply.status, 200, repr(reply))
        report = reply.json()
        self.assertEqual(report["pixel_accuracy"], np.mean(pred == target))
        matrix = np.bincount(target.astype(int).ravel() * 19 + pred.ravel(), minlength=361).reshape(19, 19)
        self.assertEqual(report["confusion_matrix"], matrix.tolist())

    def test_what_does_not_fit_is_refused(self):
        """More than the container could hold: an answer, not the kernel's end of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.container.port, timeout=60)
        connection.putrequest("POST", "/v1/losses/mse")
        connection.putheader("Content-Length", str(512 << 20))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()
        self.assertEqual(self.container.ask("GET", "/healthz").status, 200)

    def test_healthcheck(self):
        self.assertEqual(podman("healthcheck", "run", self.container.name, check=False), 0)


class Mounted(unittest.TestCase):
    def test_keys_and_a_certificate_from_a_volume(self):
        folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.addCleanup(folder.cleanup)
        certify(folder.name, "own")
        key, row = podman("run", "--rm", *HARDENED, IMAGE, "new-key", "vision").splitlines()[:2]
        with open(os.path.join(folder.name, "keys"), "w", encoding="utf-8") as file:
            file.write(f'{{"teams": [{row}]}}')
        subprocess.run(["chmod", "-R", "a+rX", folder.name], check=True)
        container = Container("--volume", f"{folder.name}:/etc/scored:ro", settings=[
            "SCORED_OPEN=false", "SCORED_KEYS=/etc/scored/keys", "SCORED_TLS_CERT=/etc/scored/own.pem",
            "SCORED_TLS_KEY=/etc/scored/own-key.pem"])
        self.addCleanup(container.remove)
        context = ssl.create_default_context(cafile=os.path.join(folder.name, "own.pem"))
        end = time.monotonic() + 20 * SLOW
        while podman("healthcheck", "run", container.name, check=False) != 0:
            self.assertLess(time.monotonic(), end, container.logs())
        for headers, status in (({}, 401), ({"X-API-Key": key}, 200)):
            connection = http.client.HTTPSConnection("127.0.0.1", container.port, timeout=60, context=context)
            connection.request("POST", "/v1/losses/mse", '{"pred": [1], "target": [3]}', headers)
            self.assertEqual(connection.getresponse().status, status, container.logs())
            connection.close()


class Ending(unittest.TestCase):
    def test_a_stop_finishes_what_is_under_way(self):
        container = Container(settings=["SCORED_DRAIN_DELAY=1"]).wait()
        self.addCleanup(container.remove)
        body = json.dumps({"pred": [1, 2], "target": [1, 4]})
        connection = http.client.HTTPConnection("127.0.0.1", container.port, timeout=60)
        connection.putrequest("POST", "/v1/losses/mse")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        time.sleep(0.2)
        stop = subprocess.Popen(["podman", "stop", "--time", "30", container.name], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        self.assertEqual(container.ask("GET", "/readyz").status, 503)
        connection.send(body.encode())
        reply = connection.getresponse()
        self.assertEqual((reply.status, json.loads(reply.read())["value"]), (200, 2.0))
        connection.close()
        self.assertEqual(stop.wait(60), 0)
        self.assertEqual(container.exit_code(), 0)

    def test_bad_settings_end_it_with_2(self):
        container = Container(settings=["SCORED_THREADS=many"])
        self.addCleanup(container.remove)
        self.assertEqual(container.exit_code(), 2)
        self.assertIn("SCORED_THREADS", container.logs())

    def test_threads_of_two_cpus(self):
        container = Container("--cpus", "2").wait()
        self.addCleanup(container.remove)
        self.assertIn(f", {min(2, os.cpu_count())} threads, ", container.logs())
        self.assertEqual(podman("healthcheck", "run", container.name, check=False), 0)
        os.kill(container.pid, 19)  # SIGSTOP: it is alive and does not answer
        try:
            self.assertEqual(podman("healthcheck", "run", container.name, check=False), 1)
        finally:
            os.kill(container.pid, 18)
