"""The balancers' files before three real servers: what they say of themselves, and what restarts do to callers."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import callers
from server import SLOW, Server
from tools import ROOT, load, run

HAPROXY, NGINX = "deploy/haproxy/haproxy.cfg", "deploy/nginx/nginx.conf"
COMMANDS = {HAPROXY: ("haproxy", "-db", "-f"), NGINX: ("nginx", "-g", "daemon off;", "-c")}
CALLERS = {"small": 4, "4 MB": 4}
LEAST = {"small": 3, "4 MB": 1}  # answers of a replica since it was told to end: haproxy sees that in 0.4 s
BODY = json.dumps({"pred": [0.5, 2.0], "target": [1, 2]})


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def placed(path, folder, ports, listen, metrics=0):
    """The file with addresses of this machine in place of names and ports of containers."""
    text = load(path)
    for n, port in enumerate(ports, 1):
        text = text.replace(f"scored-{n}:8080", f"127.0.0.1:{port}")
    text = re.sub(r"(bind|listen) :?8080", rf"\1 127.0.0.1:{listen}", text)
    text = text.replace("bind :8405", f"bind 127.0.0.1:{metrics}")
    text = text.replace("/tmp/", folder + "/").replace("/dev/stderr", folder + "/error").replace("/dev/stdout", folder + "/log")
    path = os.path.join(folder, os.path.basename(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.addCleanup(self.folder.cleanup)

    def test_haproxy_takes_its_file(self):
        status, said = run("haproxy", "-c", "-f", placed(HAPROXY, self.folder.name, (1, 2, 3), 8080, 8405))
        self.assertEqual((status, re.findall("WARNING|ALERT", said)), (0, []), said)

    def test_nginx_takes_its_file(self):
        status, said = run("nginx", "-t", "-c", placed(NGINX, self.folder.name, (1, 2, 3), 8080))
        self.assertEqual((status, re.findall("warn|emerg", said)), (0, []), said)

    def test_haproxy_sees_a_drain_in_time(self):
        text = load(HAPROXY)
        inter, fall = re.search(r"inter (\d+)ms .* fall (\d+)", text).groups()
        drain = int(re.search(r'SCORED_DRAIN_DELAY: "(\d+)"', load("compose.yaml")).group(1))
        self.assertLess(int(inter) * int(fall) / 1000 + 1, drain)


class Balancer:
    """Three servers, each with its options, and a balancer before them; `headers` go with requests of ours."""

    def __init__(self, path, options=((), (), ()), headers=None):
        command = COMMANDS[path]
        self.folder = tempfile.TemporaryDirectory(prefix="scored-")
        self.headers, self.kind = headers or {}, command[0]
        self.servers = [Server("--drain-delay", str(2 * SLOW), *own) for own in options]
        self.lives = list(enumerate(self.servers))
        self.port, self.metrics = free_port(), free_port()
        path = placed(path, self.folder.name, [s.port for s in self.servers], self.port, self.metrics)
        self.log = open(os.path.join(self.folder.name, "output"), "wb")
        self.process = subprocess.Popen([*command, path], cwd=ROOT, stdout=self.log, stderr=self.log)
        self.until(lambda: self.post() == 200)

    def until(self, ready):
        end = time.monotonic() + 20 * SLOW
        while time.monotonic() < end:
            try:
                if ready():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)
        with open(self.log.name, encoding="utf-8") as file:
            raise AssertionError(f"the balancer is not ready: {file.read()}")

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * SLOW)
        try:
            connection.request(method, path, body, headers or self.headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def post(self):
        return self.ask("POST", "/v1/losses/mse", BODY)[0]

    def end(self, n):
        """Tells it to end, which it must do well, and starts another in its place: when it was told, and when it had ended."""
        told = time.monotonic()
        self.servers[n].stop()
        ended = time.monotonic()
        self.start_again(n)
        return told, ended

    def kill(self, n):
        """Freezes it, so that all that is sent to it is under way, and kills it: when that was done, began, and was done."""
        self.servers[n].process.send_signal(signal.SIGSTOP)
        frozen = time.monotonic()
        time.sleep(0.2)
        killing = time.monotonic()
        self.servers[n].kill()
        dead = time.monotonic()
        self.start_again(n)
        return frozen, killing, dead

    def start_again(self, n):
        self.servers[n] = Server("--listen", f"127.0.0.1:{self.servers[n].port}", "--drain-delay", str(2 * SLOW))
        self.lives.append((n, self.servers[n]))
        time.sleep(0.5)

    def clients(self):
        return callers.Callers("127.0.0.1", self.port, CALLERS, 30 * SLOW)

    def answers(self, clients):
        time.sleep(0.5)  # a line is written behind the reply
        return callers.placed(clients.answers, [(n, server.log.name) for n, server in self.lives])

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        for server in self.servers:
            server.stop()
        self.folder.cleanup()


class Behind:
    """Tests of both balancers, in two classes; their FILE says of which."""

    @classmethod
    def setUpClass(cls):
        cls.balancer = Balancer(cls.FILE)
        cls.addClassCleanup(cls.balancer.close)


class Behaviour(Behind):
    def test_restarting_all_loses_nothing(self):
        with self.balancer.clients() as clients:
            times = [(n, *self.balancer.end(n)) for n in range(3)]
        answers = self.balancer.answers(clients)
        for n, told, ended in times:
            self.assertEqual(callers.ended_well(answers, n, told, ended, LEAST), [])
        print("\n" + callers.row_of_end(f"`make release-check RELEASE=balancers`, {self.balancer.kind}", answers, times), flush=True)

    def test_a_crash_loses_what_was_under_way_there_and_no_more(self):
        with self.balancer.clients() as clients:
            time.sleep(1)
            frozen, killing, dead = self.balancer.kill(1)
        answers = self.balancer.answers(clients)
        self.assertEqual(callers.died_alone(answers, 1, frozen, dead), [])
        self.assertGreater(callers.counted(answers)["4 MB"], 20)
        print("\n" + callers.row_of_death(f"`make release-check RELEASE=balancers`, {self.balancer.kind}", answers, killing), flush=True)

    def test_requests_keep_their_names(self):
        self.assertEqual(self.balancer.ask("GET", "/healthz", headers={"X-Request-Id": "mine"})[1]["X-Request-Id"], "mine")
        self.assertGreaterEqual(len(self.balancer.ask("GET", "/healthz")[1]["X-Request-Id"]), 16)

    def test_metrics_stay_inside(self):
        self.assertEqual(self.balancer.ask("GET", "/metrics")[0], 404)

    def test_large_bodies_pass(self):
        body = json.dumps({"pred": [0.5] * 2000000, "target": [1] * 2000000})
        status, _, reply = self.balancer.ask("POST", "/v1/losses/mse", body)
        self.assertEqual((status, json.loads(reply)["count"]), (200, 2000000))


class Haproxy(Behaviour, unittest.TestCase):
    FILE = HAPROXY

    def test_its_own_metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.balancer.metrics)
        connection.request("GET", "/metrics")
        self.assertIn(b"haproxy_server_status", connection.getresponse().read())
        connection.close()


class Nginx(Behaviour, unittest.TestCase):
    FILE = NGINX
