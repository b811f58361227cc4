"""A scored of our own: started on a free port, asked over HTTP, always stopped by its pid."""
import atexit
import contextlib
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
from urllib.parse import urlencode

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
SANITIZED = re.search("asan|tsan", os.path.realpath(PROGRAM)) is not None
ALARM = re.compile(r"Sanitizer|runtime error:")
SLOW = 5 if SANITIZED else 1  # sanitizers cost time


def members(pairs):
    """An object of JSON, which may have no name twice."""
    out = dict(pairs)
    assert len(out) == len(pairs), f"twice in one object: {[key for key, _ in pairs]}"
    return out


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body, object_pairs_hook=members)

    def __repr__(self):
        return f"{self.status} {self.headers.get('Content-Type')} {self.body[:600]!r}"


class Server:
    """with Server("--memory", "64M") as server: server.post(...)"""

    def __init__(self, *options, prepare=None, loader=(), pass_fds=(), log=None):
        self.folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.log = open(os.path.join(self.folder.name, "log"), "wb+")
        port_file = os.path.join(self.folder.name, "port")
        self.process = subprocess.Popen(
            [*loader, PROGRAM, "--listen", "127.0.0.1:0", "--port-file", port_file, *options],
            stdout=self.log, stderr=log or self.log, cwd=self.folder.name, preexec_fn=prepare, pass_fds=pass_fds)
        self.pid = self.process.pid
        atexit.register(self.kill)  # whatever ends the tests
        self.told = False
        try:
            self.port = self._wait(lambda: int(open(port_file).read()))
            self._wait(lambda: self.get("/readyz").status == 200 or None)
        except BaseException:
            self.kill()
            raise

    def _wait(self, ask):
        end = time.monotonic() + 20 * SLOW
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"scored ended with {self.process.returncode}: {self.output()}")
            try:
                answer = ask()
                if answer is not None:
                    return answer
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise AssertionError(f"scored is not ready: {self.output()}")

    def output(self):
        """All that it has said; when it has ended too."""
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    # ---- requests ----

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout * SLOW)

    def ask(self, method, path, body=None, headers=None, params=None):
        if params:
            path += "?" + urlencode([(k, as_text(v)) for k, v in params.items()])
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, None, headers)

    def post(self, path, body, headers=None, **params):
        """`body` is bytes, or anything else as JSON."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        return self.ask("POST", path, body, headers, params)

    # ---- the end ----

    def memory(self, name="VmHWM"):
        """Bytes, from /proc; VmHWM is the highest that VmRSS ever was."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(rf"{name}:\s+(\d+)", f.read()).group(1)) * 1024

    def terminate(self):
        """Once: a second signal would end it at once."""
        if not self.told and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.told = True

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        atexit.unregister(self.kill)

    def stop(self):
        """Stops it with SIGTERM; it must end by itself, well, and without a word of a sanitizer."""
        try:
            self.terminate()
            code = self.process.wait(60 * SLOW)
            output = self.output()
        finally:
            self.kill()
        assert code == 0, f"scored ended with {code}: {output[-4000:]}"
        assert not ALARM.search(output), output[-8000:]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


def as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(as_text, value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{as_text(one)}" for key, one in value.items())
    return str(value)


@contextlib.contextmanager
def together(works, over=None):
    """Each of these on a thread of its own, beside the body of `with`; behind it the event `over` is set, and all have ended."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        if over is not None:
            over.set()
        for thread in threads:
            thread.join()


class Case(unittest.TestCase):
    """Tests that share one server."""

    OPTIONS = ()
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.OPTIONS)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def ok(self, reply):
        self.assertEqual(reply.status, 200, repr(reply))
        return reply.json()
