#!/usr/bin/python3
"""run.py - three replicas, a balancer and its callers, each in a network namespace of its own, so that nothing of it is
seen outside. While callers go on, with bodies of 60 bytes, 4 MB and 64 MB, one replica is told to end (nothing may fail, and
it exits with 0), and one is killed (what was under way on it fails, and nothing else), behind HAProxy and behind nginx. By
hand, as root: make lab."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
import callers  # noqa: E402
from callers import Answer, counted, failed, under_way  # noqa: E402

PROGRAM = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
SECONDS = float(os.environ.get("LAB_SECONDS", "8"))
CALLERS = {"small": 4, "4 MB": 4, "64 MB": 4}
LEAST = {"small": 5, "4 MB": 1, "64 MB": 1}  # answers of a replica since it was told to end: haproxy sees that in 0.4 s
TAG = sys.argv[3] if sys.argv[1:2] == ["call"] else f"sc{os.getpid()}"
SWITCH = f"{TAG}-sw"
NODES = {f"{TAG}-{name}": f"10.77.0.{number}" for number, name in enumerate(("lb", "r1", "r2", "r3", "cl"), 10)}
BALANCER, *REPLICAS, CALLER = NODES
HAPROXY = """
global
    maxconn 1000
defaults
    mode http
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    option redispatch
    retries 3
    retry-on conn-failure
    default-server check inter 200ms fall 2 rise 1
frontend all
    bind :80
    default_backend replicas
backend replicas
    balance leastconn
    option httpchk GET /readyz
    http-check expect status 200
"""
NGINX = """
daemon off;
pid %(folder)s/pid;
error_log stderr error;
events { worker_connections 1000; }
http {
    access_log off;
    client_body_temp_path %(folder)s/b; proxy_temp_path %(folder)s/p; fastcgi_temp_path %(folder)s/f;
    uwsgi_temp_path %(folder)s/u; scgi_temp_path %(folder)s/s;
    upstream replicas { zone z 64k; least_conn; keepalive 16; keepalive_timeout 1s;
%(servers)s    }
    server {
        listen 80;
        location / {
            proxy_pass http://replicas; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_connect_timeout 1s; proxy_next_upstream error timeout;
            client_max_body_size 1g; proxy_request_buffering off;
        }
    }
}
"""


def ip(*arguments, namespace=None):
    subprocess.run(["ip", *(["-n", namespace] if namespace else []), *arguments], check=True)


def build():
    ip("netns", "add", SWITCH)
    ip("link", "add", "br0", "type", "bridge", namespace=SWITCH)
    ip("link", "set", "br0", "up", namespace=SWITCH)
    for number, (name, address) in enumerate(NODES.items()):
        ip("netns", "add", name)
        ip("link", "set", "lo", "up", namespace=name)
        ip("link", "add", f"v{number}", "netns", SWITCH, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", f"v{number}", "master", "br0", "up", namespace=SWITCH)
        ip("addr", "add", f"{address}/24", "dev", "eth0", namespace=name)
        ip("link", "set", "eth0", "up", namespace=name)


def tear_down():
    for name in (*NODES, SWITCH):
        subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


def inside(name, *command, **how):
    return subprocess.Popen(["ip", "netns", "exec", name, *command], **how)


def call(seconds):
    """All callers, in the namespace of the callers: prints what has become of their requests."""
    with callers.Callers(NODES[BALANCER], 80, CALLERS) as clients:
        time.sleep(seconds)
    print(json.dumps(clients.answers))


class Lab:
    def __init__(self, kind, folder):
        self.folder, self.lives = folder, []
        self.replica = {name: self.start(name) for name in REPLICAS}
        addresses = [NODES[name] for name in REPLICAS]
        path = os.path.join(folder, kind)
        with open(path, "w", encoding="ascii") as file:
            if kind == "haproxy":
                file.write(HAPROXY + "".join(f"    server s{i} {a}:8080\n" for i, a in enumerate(addresses)))
            else:
                servers = "".join(f"        server {a}:8080 max_fails=1 fail_timeout=1s;\n" for a in addresses)
                file.write(NGINX % {"folder": folder, "servers": servers})
        command = ["haproxy", "-db", "-f", path] if kind == "haproxy" else ["nginx", "-c", path]
        self.balancer = inside(BALANCER, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.5)

    def start(self, name):
        path = os.path.join(self.folder, f"{name}-{len(self.lives)}.log")
        self.lives.append((name, path))
        with open(path, "wb") as log:
            return inside(name, PROGRAM, "--listen", "0.0.0.0:8080", "--open", "--drain-delay", "2", "--grace", "20", stderr=log)

    def during(self, act):
        """What has become of requests while `act` was done in the middle, and what that said."""
        process = inside(CALLER, sys.executable, __file__, "call", str(SECONDS), TAG, stdout=subprocess.PIPE)
        time.sleep(SECONDS / 3)
        said = act()
        out, _ = process.communicate(timeout=SECONDS + 120)
        return callers.placed([Answer(*one) for one in json.loads(out)], self.lives), said

    def end(self):
        for process in (self.balancer, *self.replica.values()):
            if process.poll() is None:
                process.kill()
            process.wait()


def told_to_end(lab, kind):
    name = REPLICAS[0]
    process = lab.replica[name]

    def act():
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        return told, process.wait(30), time.monotonic()

    answers, (told, code, over) = lab.during(act)
    lab.replica[name] = lab.start(name)
    wrong = callers.ended_well(answers, name, told, over, LEAST)
    print(f"lab/{kind}: SIGTERM: {counted(answers)} answered, {len(failed(answers))} failed; {counted(under_way(answers, told, name))} "
          f"under way on it; exit status {code} after {over - told:.2f} s", *wrong[:5], sep="\n    ", flush=True)
    return not wrong and code == 0


def killed(lab, kind):
    name = REPLICAS[1]
    process = lab.replica[name]

    def act():
        process.send_signal(signal.SIGSTOP)
        frozen = time.monotonic()
        time.sleep(0.2)
        process.kill()
        process.wait()
        return frozen, time.monotonic()

    answers, (frozen, dead) = lab.during(act)
    wrong = callers.died_alone(answers, name, frozen, dead)
    print(f"lab/{kind}: SIGKILL: {counted(failed(answers))} lost, of {counted(under_way(answers, dead))} under way on three "
          f"and {counted(answers)} in all", *wrong[:5], sep="\n    ", flush=True)
    return not wrong


def main():
    if sys.argv[1:2] == ["call"]:
        return call(float(sys.argv[2]))
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "haproxy", "nginx"))):
        sys.exit("lab: needs root, and `tools/install lab`")
    results = []
    try:
        build()
        for kind in ("haproxy", "nginx"):
            with tempfile.TemporaryDirectory(prefix="scored-lab-") as folder:
                os.chmod(folder, 0o777)  # nginx changes its user
                lab = Lab(kind, folder)
                try:
                    results += [told_to_end(lab, kind), killed(lab, kind)]
                finally:
                    lab.end()
    finally:
        tear_down()
    print(f"lab: {sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
