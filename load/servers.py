"""What is measured: scored, the same before a balancer with little CPU each, and peers."""
import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
from server import Server  # noqa: E402

GROUPS = "/sys/fs/cgroup/cpu"  # of version 1; elsewhere limits of CPU are left out, and the result says so


def scored(*options):
    return Server("--log-level", "warning", *options)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def wait_for(port, process, path="/"):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended with {process.returncode}"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it does not listen")


class Process:
    """A server of others, ended by its pid."""

    def __init__(self, command, port, **options):
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.pid = self.process.pid
        wait_for(port, self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def peer(app, fast):
    """FastAPI under uvicorn: with uvloop and httptools, or as it comes."""
    port = free_port()
    loop = ("--loop", "uvloop", "--http", "httptools") if fast else ("--loop", "asyncio", "--http", "h11")
    return Process([sys.executable, "-m", "uvicorn", f"{app}:app", "--port", str(port), "--log-level", "error",
                    "--no-access-log", *loop], port, cwd=os.path.join(ROOT, "load/peers"),
                   env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})


class Group:
    """A share of a CPU for one process."""

    def __init__(self, share):
        self.path = os.path.join(GROUPS, f"scored-load-{os.getpid()}-{free_port()}")
        self.made = os.access(os.path.join(GROUPS, "cpu.cfs_quota_us"), os.R_OK) and os.geteuid() == 0
        if self.made:
            os.mkdir(self.path)
            self.put("cpu.cfs_period_us", 10000)
            self.put("cpu.cfs_quota_us", int(10000 * share))

    def put(self, name, value):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(str(value))

    def take(self, pid):
        if self.made:
            self.put("cgroup.procs", pid)

    def remove(self):
        if self.made:
            os.rmdir(self.path)


class Balanced:
    """Replicas with a share of a CPU each, behind haproxy with the file of deploy/."""

    def __init__(self, count, share):
        with contextlib.ExitStack() as stack:
            self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="scored-"))
            self.groups = [Group(share) for _ in range(count)]
            for group in self.groups:
                stack.callback(group.remove)
            self.limited = self.groups[0].made
            self.servers = []
            for group in self.groups:
                self.servers.append(stack.enter_context(scored("--threads", "1", "--io-threads", "1")))
                group.take(self.servers[-1].pid)
            stack.enter_context(Process(["haproxy", "-db", "-f", self.configuration()], self.port))
            self.stack = stack.pop_all()

    def configuration(self):
        self.port = free_port()
        with open(os.path.join(ROOT, "deploy/haproxy/haproxy.cfg"), encoding="utf-8") as file:
            text = file.read()
        replicas = "".join(f"    server replica-{n} 127.0.0.1:{s.port}\n" for n, s in enumerate(self.servers))
        for pattern, ours in ((r"bind :8080", f"bind 127.0.0.1:{self.port}"), (r"bind :8405", f"bind 127.0.0.1:{free_port()}"),
                              (r"log stdout format raw local0 info", ""), (r"(?m)^    server scored.*\n", ""),
                              (r"(?m)^    default-server resolvers .*\n", replicas)):
            text, count = re.subn(pattern, ours, text)
            assert count > 0, f"deploy/haproxy/haproxy.cfg has no {pattern}"
        path = os.path.join(self.folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()
