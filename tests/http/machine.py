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
STEPS = 5  # --compute-nice, where it is not given
SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}.get(platform.machine())


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
    program = b"".join(struct.pack("HBBI", *step) for step in (
        (0x20, 0, 0, 0),                            # load the number of the call
        (0x15, 0, 1, SCHED_SETATTR),                       # another one: skip a step
        (0x06, 0, 0, 0x00050000 | errno.EPERM),     # fail
        (0x06, 0, 0, 0x7FFF0000)))                  # allow
    text = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filter_, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def runs(prepare):
    """Whether a process can do that before it executes something."""
    try:
        return subprocess.run(["true"], preexec_fn=prepare, check=False).returncode == 0
    except subprocess.SubprocessError:
        return False


def set_own_priority():
    """To what it is."""
    attributes = struct.pack("IIQiIQQQ", 48, 0, 0, os.nice(0), 0, 0, 0, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(SCHED_SETATTR), 0, attributes, 0) != 0:
        raise OSError(ctypes.get_errno(), "sched_setattr")


class Priorities(unittest.TestCase):
    def setUp(self):
        if SCHED_SETATTR is None:
            self.skipTest("the numbers of calls are not known here")
        if os.sched_getscheduler(0) != os.SCHED_OTHER or os.nice(0) + STEPS > 19:
            self.skipTest("this process has not the usual policy, or is too far below the others")
        if not runs(set_own_priority):
            self.skipTest("sched_setattr is not there, or denied")

    def nice_values(self, *options, **how):
        with Server("--threads", "3", *options, **how) as server:
            self.assertEqual(server.post(PATH, *LARGE, num_classes=19).status, 200)
            return nice_of_threads(server.pid)

    def test_threads_of_large_requests_are_below_the_others(self):
        own = os.nice(0)
        threads = self.nice_values()
        self.assertEqual(set(threads["io"]), {own})
        self.assertEqual(sorted(set(threads["other"])), [own, own + STEPS])
        self.assertEqual(threads["other"].count(own + STEPS), THREADS)

    def test_as_far_as_is_said(self):
        own = os.nice(0)
        self.assertEqual(self.nice_values("--compute-nice", "4")["other"].count(own + 4), THREADS)
        self.assertEqual(set(self.nice_values("--compute-nice", "0")["other"]), {own})

    @unittest.skipIf(SANITIZED, "a filter may stop the sanitizer")
    def test_it_works_where_the_kernel_does_not_permit_it(self):
        if not runs(deny_priorities):
            self.skipTest("a process cannot filter its calls here")
        own = os.nice(0)
        threads = self.nice_values(prepare=deny_priorities)
        self.assertEqual(set(threads["io"] + threads["other"]), {own})


class Waiting(unittest.TestCase):
    """Threads of OpenMP that wait sleep soon, unless somebody wants it otherwise."""

    LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")

    def setUp(self):
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
            os.environ.pop(name, None)

    def variables(self, **given):
        os.environ.update(given)
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


    def test_a_file_that_can_be_read_once_is_read(self):
        settings = b"limit-rank = 5\nlimit-json-depth = 9\n"
        reading, writing = os.pipe()
        os.write(writing, settings)
        os.close(writing)
        try:
            with Server("--config", f"/dev/fd/{reading}", pass_fds=[reading]) as server:
                limits = server.get("/v1/limits").json()
        finally:
            os.close(reading)
        self.assertEqual((limits["rank"], limits["json_depth"]), (5, 9))

    HIDDEN = ["unshare", "--mount", "sh", "-c", 'mount --make-rprivate / && mount -t tmpfs none /proc && exec "$@"', "sh"]

    @unittest.skipIf(SANITIZED, "a sanitizer reads /proc")
    def test_it_starts_where_it_cannot_find_itself(self):
        if shutil.which("unshare") is None or subprocess.run([*self.HIDDEN, "true"], capture_output=True,
                                                             check=False).returncode != 0:
            self.skipTest("/proc cannot be hidden here")
        with Server(loader=self.HIDDEN) as server:
            with open(f"/proc/{server.pid}/environ", encoding="utf-8") as f:
                self.assertNotIn("OMP_WAIT_POLICY", f.read())
            self.assertEqual(server.post("/v1/losses/mse", {"pred": [1], "target": [3]}).json()["value"], 4)

    @unittest.skipIf(SANITIZED, "a sanitizer wants to be loaded in its own way")
    def test_it_starts_through_the_loader(self):
        loader = next(filter(os.path.exists, self.LOADERS), None)
        if loader is None or subprocess.run([loader, PROGRAM, "--version"], capture_output=True, env={},
                                            check=False, timeout=20).returncode == 127:
            self.skipTest("the loader is not there")
        with Server(loader=[loader]) as server:
            self.assertEqual(server.get("/v1/limits").status, 200)


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
        if subprocess.run([*self.LOCKED, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("rights cannot be given up here")
        self.folder = tempfile.TemporaryDirectory(prefix="scored-rights-")
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)
        self.program = shutil.copy(PROGRAM, os.path.join(self.folder.name, "scored"))
        os.chmod(self.program, stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH | stat.S_IRGRP | stat.S_IROTH)
        if subprocess.run([*self.LOCKED, "test", "-x", self.program], check=False).returncode != 0:
            self.skipTest("nobody may not execute what is in a temporary folder")

    def wrap(self):
        """What is put before the program: read-only file systems too, where that can be had."""
        check = [*self.READ_ONLY, "sh", "-c", '! touch "$0" 2>/dev/null', os.path.join(self.folder.name, "none")]
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
