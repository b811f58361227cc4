"""What the balancers' files let pass: answers of 503, heads and bodies as large as the server takes, and its reasons; and times
that are those of the server."""
import re
import socket
import time
import unittest

from balancers import HAPROXY, NGINX, Balancer, Behind
from server import SLOW
from tools import load

TIMES = (  # a balancer's time, of which limit or limits of the server, and how they stand to each other
    (HAPROXY, r"timeout http-request (\d+)s", "header_seconds", "equal"),
    (NGINX, r"client_header_timeout (\d+)s", "header_seconds", "equal"),
    (HAPROXY, r"timeout server (\d+)s", "rest_seconds", "above"),
    (NGINX, r"proxy_read_timeout (\d+)s", "rest_seconds", "above"),
    (HAPROXY, r"timeout http-keep-alive (\d+)s", "idle_seconds", "below"),
    (HAPROXY, r"pool-purge-delay (\d+)s", "idle_seconds", "below"),
    (NGINX, r"upstream [^}]*keepalive_timeout (\d+)s", "idle_seconds", "below"),
    (NGINX, r"server \{[^}]*keepalive_timeout (\d+)s", "idle_seconds", "below"),
)
STANDS = {"equal": lambda own, servers: own == servers, "above": lambda own, servers: servers < own <= servers + 30,
          "below": lambda own, servers: 0 < own < servers}


def limit(name):
    return int(re.search(rf"LIMIT\({name}, (\d+)", load("src/base/limits.def")).group(1))


class Times(unittest.TestCase):
    def test_each_is_there_once_and_matches(self):
        for path, pattern, name, how in TIMES:
            found = re.findall(pattern, load(path))
            self.assertEqual(len(found), 1, f"{path}: {pattern}")
            self.assertTrue(STANDS[how](int(found[0]), limit(name)), f"{path}: {pattern}: {found[0]}, {name} is {limit(name)}")

    def test_heads_have_room(self):
        head = limit("target_bytes") + limit("header_bytes")
        self.assertGreater(int(re.search(r"tune\.bufsize (\d+)", load(HAPROXY)).group(1)), head + 1024)
        count, each = re.search(r"large_client_header_buffers (\d+) (\d+)k", load(NGINX)).groups()
        self.assertGreater(int(each) * 1024, max(limit("target_bytes"), limit("header_bytes")))
        self.assertGreater(int(count) * int(each) * 1024, head)


class Behaviour(Behind):
    def test_heads_pass_as_the_server_takes_them(self):
        """The answer is that of the server itself; a balancer's own would be 400, 414 or 431."""
        room = limit("header_bytes") - 1000  # for what balancers add
        for path, headers in (("/v1/operations?" + "a" * 15500, {}), ("/v1/operations", {"X-Long": "a" * room}),
                              ("/v1/operations?" + "a" * 15500, {"X-Long": "a" * room})):
            own = self.balancer.servers[0].ask("GET", path, headers=headers)
            status, _, body = self.balancer.ask("GET", path, headers=headers)
            self.assertEqual((status, body), (200, own.body))

    def test_the_server_says_what_is_too_large(self):
        """Before it is sent: none of it is."""
        with socket.create_connection(("127.0.0.1", self.balancer.port), timeout=30 * SLOW) as s:
            s.sendall(b"POST /v1/losses/mse HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (limit("body_bytes") + 1))
            said = s.recv(65536).decode()
        self.assertIn(" 413 ", said.split("\r\n")[0])
        self.assertIn("application/problem+json", said)


class Haproxy(Behaviour, unittest.TestCase):
    FILE = HAPROXY


class Nginx(Behaviour, unittest.TestCase):
    FILE = NGINX

    def test_answers_of_503_leave_the_replicas_in(self):
        """All drain: /readyz is 503, and everything else is served."""
        balancer = Balancer(self.FILE)
        self.addCleanup(balancer.close)
        for server in balancer.servers:
            server.terminate()
        time.sleep(0.2)
        self.assertEqual([balancer.ask("GET", "/readyz")[0] for _ in range(4)], [503] * 4)
        self.assertEqual([balancer.post() for _ in range(9)], [200] * 9)
