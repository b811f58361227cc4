"""HTTPS by the program itself: certificates, their replacement, and refusals inside of TLS."""
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from server import PROGRAM, SANITIZED, SLOW, Server, together

MSE = json.dumps({"pred": [1, 2], "target": [1, 4]}).encode()


def certify(folder, name):
    """A certificate for this machine, signed by itself, and its key."""
    paths = os.path.join(folder, name + ".pem"), os.path.join(folder, name + "-key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-out", paths[0], "-keyout", paths[1], "-days", "30", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return paths


class Secure(Server):
    """Asked in TLS, by the certificate that it is expected to show."""

    def __init__(self, certificate, key, *options):
        self.trust(certificate)
        super().__init__("--tls-cert", certificate, "--tls-key", key, *options)

    def trust(self, certificate):
        self.context = ssl.create_default_context(cafile=certificate)

    def connect(self, timeout=60):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout * SLOW, context=self.context)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scored-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.one = certify(cls.folder.name, "one")
        cls.two = certify(cls.folder.name, "two")

    def test_curl(self):
        with Secure(*self.one) as server:
            done = subprocess.run(["curl", "-sS", "--cacert", self.one[0], "-d", MSE.decode(),
                                   f"https://localhost:{server.port}/v1/losses/mse"], capture_output=True,
                                  timeout=60, check=True)
            self.assertEqual(json.loads(done.stdout)["value"], 2)
            self.assertIn(f"https://127.0.0.1:{server.port}", server.output())

    def test_requests_large_and_many(self):
        with Secure(*self.one) as server:
            connection = server.connect()
            for size in (1, 1000, 300000):
                connection.request("POST", "/v1/losses/mse", json.dumps({"pred": [1.5] * size, "target": [1] * size}))
                self.assertEqual(json.loads(connection.getresponse().read())["value"], 0.25)
            connection.close()

    def test_without_tls_nothing_is_said(self):
        with Secure(*self.one) as server:
            with socket.create_connection(("127.0.0.1", server.port), 20 * SLOW) as s:
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                try:
                    self.assertNotIn(b"HTTP", s.recv(100))
                except ConnectionError:
                    pass
            self.assertEqual(server.get("/healthz").status, 200)

    def test_healthcheck(self):
        with Secure(*self.one) as server:
            for options, code in (("--tls-cert", self.one[0], "--tls-key", self.one[1]), 0), ((), 1):
                done = subprocess.run([PROGRAM, "--healthcheck", "--listen", f"127.0.0.1:{server.port}", *options],
                                      capture_output=True, timeout=30 * SLOW, check=False)
                self.assertEqual(done.returncode, code, done.stderr)

    def test_a_new_certificate_without_a_restart(self):
        paths = [os.path.join(self.folder.name, name) for name in ("live.pem", "live-key.pem")]
        for source, path in zip(self.one, paths):
            shutil.copy(source, path)
        with Secure(*paths) as server:
            server.trust(self.one[0])
            kept = server.connect()
            kept.request("GET", "/healthz")
            kept.getresponse().read()
            shutil.copy(self.two[0], paths[0])  # the key is still that of the other
            self.reload(server, "the certificate stays as it was")
            self.assertEqual(server.get("/healthz").status, 200)
            shutil.copy(self.two[1], paths[1])
            self.reload(server, "the certificate was read again")
            self.assertRaises(ssl.SSLCertVerificationError, server.get, "/healthz")
            server.trust(self.two[0])
            self.assertEqual(server.get("/healthz").status, 200)
            kept.request("GET", "/healthz")
            self.assertEqual(kept.getresponse().status, 200)
            kept.close()

    def test_handshakes_beside_new_certificates(self):
        """Each handshake shows one of the two certificates, whole, while they are exchanged again and again."""
        paths = [os.path.join(self.folder.name, name) for name in ("turns.pem", "turns-key.pem")]
        both = os.path.join(self.folder.name, "both.pem")
        with open(both, "w", encoding="ascii") as file:
            for path in (self.one[0], self.two[0]):
                with open(path, encoding="ascii") as one:
                    file.write(one.read())

        def put(source):
            for one, path in zip(source, paths):
                shutil.copy(one, path + ".new")
                os.rename(path + ".new", path)

        put(self.one)
        with Secure(*paths) as server:
            server.trust(both)
            statuses, shown, over = [], set(), threading.Event()

            def shake():
                while not over.is_set():
                    connection = server.connect()
                    try:
                        connection.request("GET", "/healthz")
                        shown.add(connection.sock.getpeercert(binary_form=True))
                        statuses.append(connection.getresponse().status)
                    except OSError as problem:
                        statuses.append(repr(problem))
                    connection.close()

            with together([shake] * 3, over):
                end, n = time.monotonic() + 20 * SLOW, 0
                while n < 12 or (len(statuses) <= 20 and time.monotonic() < end):
                    n += 1
                    put((self.two, self.one)[n % 2])
                    server.process.send_signal(signal.SIGHUP)
                    time.sleep(0.1 * SLOW)
        self.assertEqual(set(statuses), {200})
        self.assertGreater(len(statuses), 20)
        self.assertEqual(len(shown), 2, "only one of them was ever shown")

    @unittest.skipIf(SANITIZED, "sanitizers keep what was freed")
    def test_old_certificates_are_forgotten(self):
        chain = os.path.join(self.folder.name, "chain.pem")
        with open(self.one[0], encoding="ascii") as one, open(chain, "w", encoding="ascii") as many:
            many.write(one.read() * 12)

        with Secure(chain, self.one[1], "--limit-header-seconds", "1") as server:
            def grown():
                before = server.memory("VmRSS")
                for _ in range(150):
                    said = server.output().count("the certificate was read again")
                    server.process.send_signal(signal.SIGHUP)
                    end = time.monotonic() + 5 * SLOW
                    while server.output().count("the certificate was read again") == said:
                        self.assertLess(time.monotonic(), end)
                        time.sleep(0.001)
                return server.memory("VmRSS") - before

            first = grown()
            time.sleep(7.5)  # no handshake is as long
            self.assertLess(grown(), first / 2 + (1 << 20))

    def reload(self, server, said):
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5 * SLOW
        while said not in server.output():
            self.assertLess(time.monotonic(), end, server.output())
            time.sleep(0.02)

    def test_refusals(self):
        """One that is found in the middle of a body is told; who is slow is closed, for GnuTLS cannot send any more."""
        with Secure(*self.one, "--limit-body-rate-after", "1", "--limit-header-seconds", "1",
                    "--limit-body-bytes", "100000") as server:
            reply = server.ask("POST", "/v1/losses/mse", (bytes(50000) for _ in range(200)))
            self.assertEqual(reply.status, 413, repr(reply))
            connection = server.connect()
            connection.putrequest("POST", "/v1/losses/mse")
            connection.putheader("Content-Length", "1000")
            connection.endheaders()
            self.assertRaises(http.client.RemoteDisconnected, connection.getresponse)
            connection.close()
            with socket.create_connection(("127.0.0.1", server.port), 10 * SLOW) as silent:
                self.assertEqual(silent.recv(1), b"")  # no handshake

    def test_bad_files(self):
        for cert, key, said in ((self.one[0], None, "go together"), (self.one[0], self.two[1], "not that of"),
                                ("/nonexistent", self.one[1], "/nonexistent"), (self.one[1], self.one[1], "one-key")):
            options = ["--tls-cert", cert] + (["--tls-key", key] if key else [])
            done = subprocess.run([PROGRAM, "--check-config", *options], capture_output=True, text=True,
                                  timeout=30 * SLOW, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
