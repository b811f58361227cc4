"""Somebody sets the machine's clock, by days, in both directions: the log says the new time, and nothing else changes."""
import json
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest
from datetime import datetime, timezone

import numpy as np

from bodies import npy
from server import SANITIZED, SLOW, Server
from teams import MSE, SMALL, KeyFile, by, problem, team

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shifted.c")
DAY = 24 * 3600
RELU = "/v1/activations/relu"


@unittest.skipIf(SANITIZED, "a sanitizer wants to be loaded first")
@unittest.skipUnless(shutil.which("gcc"), "no gcc")
class Clocks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scored-clock-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.library = os.path.join(cls.folder.name, "shifted.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", cls.library, SOURCE], check=True)

    def setUp(self):
        path = os.path.join(self.folder.name, "shift")
        with open(path, "wb+") as file:
            file.write(bytes(mmap.PAGESIZE))
            file.flush()
            self.shift = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.addCleanup(self.shift.close)
        self.loader = ("env", f"LD_PRELOAD={self.library}", f"SHIFT={path}")

    def set_by(self, seconds):
        self.shift[:8] = struct.pack("q", seconds)

    def serve(self, *options):
        return Server(*options, loader=self.loader)

    def shown(self, server):
        """How far the last line of the log is from now, in days."""
        line = json.loads(server.output().splitlines()[-1])
        at = datetime.strptime(line["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        return (at.timestamp() - time.time()) / DAY

    def test_a_body_and_its_deadline(self):
        """Half of a body, the jump, the other half; with all deadlines far shorter than the jump."""
        x = npy(np.zeros(50000, "f4"))
        for days in (3, -3):
            self.set_by(0)
            with self.subTest(days=days), self.serve("--limit-body-seconds", "20", "--limit-header-seconds", "10") as server:
                connection = server.connect()
                connection.putrequest("POST", RELU)
                connection.putheader("Content-Length", str(len(x)))
                connection.putheader("X-Request-Timeout", "20")
                connection.endheaders()
                connection.send(x[:len(x) // 2])
                time.sleep(0.2)
                self.set_by(days * DAY)
                time.sleep(1.5)  # deadlines are looked at once a second
                connection.send(x[len(x) // 2:])
                reply = connection.getresponse()
                self.assertEqual(reply.status, 200)
                timing = reply.headers["Server-Timing"]
                reply.read()
                connection.request("POST", MSE, SMALL)  # it was silent for no days
                self.assertEqual(connection.getresponse().status, 200)
                connection.close()
                self.assertAlmostEqual(self.shown(server), days, 1, "the jump is not there")
                took = [float(part.split("dur=")[1]) for part in timing.split(",")]
                self.assertTrue(all(0 <= ms < 20000 for ms in took), timing)
                self.assertNotRegex(server.get("/metrics").body.decode(), r"\nscored_slow_clients_total{[^}]*} [1-9]")

    def test_quotas(self):
        """A day more gives no requests, a day less takes none."""
        for days in (1, -1):
            self.set_by(0)
            with self.subTest(days=days), KeyFile(team("a", "a", bytes_per_second=1000)) as keys, \
                    self.serve("--keys", keys.path) as server:
                body = npy(np.zeros(5000, "u1"))
                self.assertEqual(server.post(RELU, body, by("a")).status, 200)
                self.set_by(days * DAY)
                refused = server.post(RELU, body, by("a"))
                self.assertEqual((refused.status, problem(refused)), (429, "quota-exceeded"))
                self.assertRegex(refused.headers["Retry-After"], "^[1-6]$")
                time.sleep(int(refused.headers["Retry-After"]) + 0.2)
                self.assertEqual(server.post(RELU, body, by("a")).status, 200)

    def test_a_drain(self):
        for days in (1, -1):
            self.set_by(0)
            with self.subTest(days=days):
                server = self.serve("--drain-delay", "2")
                server.terminate()
                began = time.monotonic()
                time.sleep(0.3)
                self.set_by(days * DAY)
                self.assertEqual(server.post(MSE, SMALL).status, 200)
                server.stop()
                self.assertTrue(1.9 < time.monotonic() - began < 5)
