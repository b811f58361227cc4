"""What the kernel gives the program, and what it can do without: priorities, rights, files."""
import contextlib
import ctypes
import errno
import os
import platform
import re
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import time
import unittest

from lifecycle import PATH, masks
from server import PROGRAM, SANITIZED, SLOW, Server

LARGE = masks(2048, 2048)  # so much that OpenMP has threads for it
THREADS = 1 if "tsan" in os.path.realpath(PROGRAM) else 3  # there OpenMP has none
NOBODY = "65534"


def nice_of_threads(pid):
    """name: nice values of the threads with that name."""
    threads = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8") as f:
            name, rest = re.fullmatch(r"\d+ \((.*)\) (.*)", f.read().strip()).groups()
        threads.setdefault("io" if name.startswith("MHD") else "other", []).append(int(rest.split()[16]))
    return threads


def deny_priorities():
    """A filter of system calls, for this process: sched_setattr is not permitted."""
    number = {"x86_64": 314, "aarch64": 274}[platform.machine()]
    program = b"".join(struct.pack("HBBI", *step) for step in (
        (0x20, 0, 0, 0),                            # load the number of the call
        (0x15, 0, 1, number),                       # another one: skip a step
        (0x06, 0, 0, 0x00050000 | errno.EPERM),     # fail
        (0x06, 0, 0, 0x7FFF0000)))                  # allow
    text = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filter_, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


class Priorities(unittest.TestCase):
    def nice_values(self, *options, **how):
        with Server("--threads", "3", *options, **how) as server:
            self.assertEqual(server.post(PATH, *LARGE, num_classes=19).status, 200)
            return nice_of_threads(server.pid)

    def test_threads_of_large_requests_are_below_the_others(self):
        own = os.nice(0)
        threads = self.nice_values()
        self.assertEqual(set(threads["io"]), {own})
        self.assertEqual(sorted(set(threads["other"])), sorted({own, min(own + 10, 19)}))
        self.assertEqual(threads["other"].count(min(own + 10, 19)), THREADS)

    def test_as_far_as_is_said(self):
        own = os.nice(0)
        self.assertEqual(self.nice_values("--compute-nice", "4")["other"].count(min(own + 4, 19)), THREADS)
        self.assertEqual(set(self.nice_values("--compute-nice", "0")["other"]), {own})

    @unittest.skipUnless(platform.machine() in ("x86_64", "aarch64"), "the numbers of calls are not known here")
    @unittest.skipIf(SANITIZED, "a filter may stop the sanitizer")
    def test_it_works_where_the_kernel_does_not_permit_it(self):
        own = os.nice(0)
        threads = self.nice_values(prepare=deny_priorities)
        self.assertEqual(set(threads["io"] + threads["other"]), {own})


class Waiting(unittest.TestCase):
    """Threads of OpenMP that wait sleep soon, unless somebody wants it otherwise."""

    def variables(self, **given):
        before = dict(os.environ)
        os.environ.update(given)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        with Server() as server:
            with open(f"/proc/{server.pid}/comm", encoding="utf-8") as f:
                self.assertEqual(f.read(), "scored\n")
            with open(f"/proc/{server.pid}/environ", encoding="utf-8") as f:
                return dict(one.split("=", 1) for one in f.read().split("\0") if "=" in one)

    def test_it_is_asked_for(self):
        variables = self.variables()
        self.assertEqual((variables["OMP_WAIT_POLICY"], variables["GOMP_SPINCOUNT"]), ("passive", "1000"))

    def test_what_is_set_stays(self):
        variables = self.variables(OMP_WAIT_POLICY="active")
        self.assertEqual(variables["OMP_WAIT_POLICY"], "active")
        self.assertNotIn("GOMP_SPINCOUNT", variables)


class Rights(unittest.TestCase):
    """As a container runs it, without a container: nobody, no capability, nothing to write."""

    LOCKED = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs",
              "--bounding-set", "-all", "--inh-caps", "-all"]
    READ_ONLY = ["unshare", "--mount", "sh", "-c",
                 'mount --make-rprivate / && for at in $(cut -d" " -f2 /proc/mounts); do '
                 'mount -o remount,bind,ro "$at" 2>/dev/null; done; exec "$@"', "sh"]

    def setUp(self):
        if os.geteuid() != 0 or shutil.which("setpriv") is None:
            self.skipTest("setpriv is not there, or this is not root, which alone can give rights up")
        self.folder = tempfile.TemporaryDirectory(prefix="scored-rights-")
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)
        self.program = shutil.copy(PROGRAM, os.path.join(self.folder.name, "scored"))
        os.chmod(self.program, stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH | stat.S_IRGRP | stat.S_IROTH)

    def wrap(self):
        """What is put before the program: read-only file systems too, where that can be had."""
        check = [*self.READ_ONLY, "sh", "-c", "! touch /tmp/scored-rights 2>/dev/null"]
        read_only = shutil.which("unshare") and subprocess.run(check, capture_output=True, check=False).returncode == 0
        return [*(self.READ_ONLY if read_only else []), *self.LOCKED]

    def wait_for(self, process, pattern):
        """The first line of the log that matches."""
        end = time.monotonic() + 20 * SLOW
        while time.monotonic() < end:
            line = process.stderr.readline()
            found = re.search(pattern, line)
            if found:
                return found
            if not line:
                self.fail(f"the server ended with {process.wait()}")
        self.fail("the server is not ready")

    def test_it_starts_scores_and_drains(self):
        with subprocess.Popen([*self.wrap(), self.program, "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE,
                              text=True, cwd="/") as process, contextlib.ExitStack() as ending:
            ending.callback(process.kill)
            server = Server.__new__(Server)  # one that was started in another way
            server.port = int(self.wait_for(process, r"listening on http://127.0.0.1:(\d+)").group(1))
            with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f)
            self.assertEqual(set(status["Uid"].split() + status["Gid"].split()), {NOBODY})
            self.assertEqual({int(status[f"Cap{kind}"], 16) for kind in ("Prm", "Eff", "Bnd", "Inh", "Amb")}, {0})
            self.assertEqual(status["NoNewPrivs"], "1")
            self.assertEqual(server.get("/readyz").status, 200)
            self.assertEqual(server.post(PATH, *LARGE, num_classes=19).status, 200)
            self.assertEqual(server.get("/metrics").status, 200)
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
            self.assertEqual(process.wait(60 * SLOW), 0, rest)
            self.assertIn("stopped", rest)
