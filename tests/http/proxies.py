"""The streams of h1.py through HAProxy and nginx: the server behind them never sees a request that the proxy did not
send, and the next client gets its own answer. The proxy gives each request that it sends an id of its own, which comes
in X-Request-Id. Proxies that are not installed (tools/install proxy) are skipped."""
import concurrent.futures
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import h1
from server import Server

QUIET = 0.12  # seconds without a byte after which a connection has said all
PATIENCE = 5  # seconds for an answer that must come

HAPROXY = """
global
    log stdout format raw local0
defaults
    mode http
    log global
    log-format "%s %ID"
    unique-id-format %[uuid()]
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    http-reuse always
    {lenient}
frontend in
    bind 127.0.0.1:{port}
    http-request set-header X-Request-Id %[unique-id]
    default_backend out
backend out
    server scored 127.0.0.1:{backend}
"""

NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error crit;
events {{ }}
http {{
    log_format plain '$upstream_addr $request_id';
    access_log {folder}/log plain;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream scored {{ server 127.0.0.1:{backend}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        ignore_invalid_headers {strict};
        location / {{
            proxy_pass http://scored;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Request-Id $request_id;
            proxy_request_buffering off;
        }}
    }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Proxy:
    """A proxy of our own in front of a server of its own, and what each of the two has seen."""

    def __init__(self, program, config, **options):
        self.server = Server("--log-level", "debug")
        self.folder = tempfile.TemporaryDirectory(prefix="scored-proxy-")
        self.port = free_port()
        self.log = os.path.join(self.folder.name, "log")
        path = os.path.join(self.folder.name, "config")
        with open(path, "w", encoding="ascii") as file:
            file.write(config.format(port=self.port, backend=self.server.port, folder=self.folder.name, **options))
        command = [program, "-db", "-f", path] if program.endswith("haproxy") else [program, "-c", path]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.DEVNULL, cwd=self.folder.name)
        self.wait()

    def wait(self):
        for _ in range(200):
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"{self.process.args[0]} does not start")

    def sent(self):
        """The ids of what the proxy has sent to the server."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            rows = [line.split() for line in file]
        return [row[1] for row in rows if len(row) == 2 and row[0] not in ("-", "<NOSRV>")]

    def seen(self):
        """The ids of what the server has seen, but for questions of this test."""
        lines = [json.loads(line) for line in self.server.output().splitlines() if '"event":"request"' in line]
        return [line["id"] for line in lines if line["path"] != "/readyz"]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.server.stop()


def good(got):
    """How many answers say that all is well."""
    return len(re.findall(rb"HTTP/1\.[01] 200 ", got))


def speak(port, data, wanted=0):
    """All that comes back until it is quiet, but not before so many good answers; what is too much is not sent."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), 2) as s:
        try:
            s.sendall(data)
            while True:
                s.settimeout(QUIET if good(got) >= wanted else PATIENCE)
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except OSError:
            pass
    return got


def streams():
    """(name, bytes, how many good answers they may have from the server itself)."""
    for group in (h1.framing, h1.codings, h1.heads, h1.lines, h1.broken_chunks):
        for name, request, _ in group():
            yield name, request, {0}
    for name, request in h1.either():
        yield name, request, {0, 1}
    for name, request, count in h1.taken():
        yield name, request, {count}


def victim(port, n):
    """Somebody else's request, behind that stream: is the answer to it the right one?"""
    got = speak(port, b"GET /victim-%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % n)
    return got.startswith(b"HTTP/1.1 404") and b"no path '/victim-%d'" % n in got


def attack(which, program, config, options):
    """What is wrong, stream by stream; None: the program is not installed."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        return None
    proxy, wrong = Proxy(path, config, **options), []
    try:
        for n, (name, request, _) in enumerate(streams()):
            speak(proxy.port, request)
            if not victim(proxy.port, n):
                wrong.append(f"{name}: the next client has no answer, or that of another")
        time.sleep(0.5)  # both write their lines when they are done with a request
        sent, seen = proxy.sent(), proxy.seen()
        wrong += [f"request {one} was seen {seen.count(one)} times, sent {sent.count(one)} times" for one in set(seen)
                  if seen.count(one) != 1 or sent.count(one) != 1]
        count = len(list(streams()))
        print(f"| `make http HTTP=proxies`: {which} | {count} streams, each before another client's request; the server saw "
              f"{len(seen)} requests | {len(wrong)} differed |", flush=True)
        return wrong if len(seen) > count else wrong + [f"only {len(seen)} requests came through"]
    finally:
        proxy.stop()


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """All at once: most of the time is waiting."""
        runs = {"haproxy": ("haproxy", HAPROXY, {"lenient": ""}),
                "lenient haproxy": ("haproxy", HAPROXY, {"lenient": "option accept-invalid-http-request"}),
                "nginx": ("nginx", NGINX, {"strict": "on"}),
                "lenient nginx": ("nginx", NGINX, {"strict": "off"})}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            pending = {name: pool.submit(attack, name, *run) for name, run in runs.items()}
            cls.wrong = {name: future.result() for name, future in pending.items()}

    def clean(self, name):
        if self.wrong[name] is None:
            self.skipTest("not installed; tools/install proxy")
        self.assertEqual(self.wrong[name], [])

    def test_haproxy(self):
        self.clean("haproxy")

    def test_haproxy_that_takes_what_is_invalid(self):
        self.clean("lenient haproxy")

    def test_nginx(self):
        self.clean("nginx")

    def test_nginx_that_takes_invalid_names(self):
        self.clean("lenient nginx")

    def test_no_proxy(self):
        """As many good answers as requests that are in order: none to what was smuggled behind one that is not."""
        with Server() as server:
            for n, (name, request, answers) in enumerate(streams()):
                with self.subTest(name):
                    got = speak(server.port, request, max(answers) or 1)  # refusals close
                    self.assertIn(good(got), answers)
                    self.assertTrue(victim(server.port, n))
