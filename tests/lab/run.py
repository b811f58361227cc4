#!/usr/bin/python3
"""run.py - three replicas, a balancer and its callers, each in a network namespace of its own, so that nothing of it is
seen outside. While callers go on, one replica is told to end (nothing may fail, and it exits with 0), and one is killed
(what was under way on it may fail, and nothing else), behind HAProxy and behind nginx. By hand, as root: make lab."""
import collections
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
SECONDS = float(os.environ.get("LAB_SECONDS", "8"))
CALLERS = 8
TAG = f"sc{os.getpid()}"
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
    counts, lock, end = collections.Counter(), threading.Lock(), time.monotonic() + seconds
    body = json.dumps({"pred": [0.5] * 4000, "target": [1.0] * 4000}).encode()

    def caller():
        connection = None
        while time.monotonic() < end:
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(NODES[BALANCER], timeout=30)
                connection.request("POST", "/v1/losses/mse", body)
                reply = connection.getresponse()
                reply.read()
                what = str(reply.status)
            except (OSError, http.client.HTTPException) as problem:
                what, connection = type(problem).__name__, None
            with lock:
                counts[what] += 1

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(counts))


class Lab:
    def __init__(self, kind, folder):
        self.folder = folder
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
        log = open(os.path.join(self.folder, name + ".log"), "wb")
        return inside(name, PROGRAM, "--listen", "0.0.0.0:8080", "--open", "--drain-delay", "2", "--grace", "20",
                      "--log-level", "warning", stderr=log)

    def during(self, act):
        """What has become of requests while `act` was done to a replica in the middle."""
        callers = inside(CALLER, sys.executable, __file__, "call", str(SECONDS), stdout=subprocess.PIPE)
        time.sleep(SECONDS / 3)
        act()
        out, _ = callers.communicate(timeout=SECONDS + 60)
        return json.loads(out)

    def end(self):
        for process in (self.balancer, *self.replica.values()):
            if process.poll() is None:
                process.kill()
            process.wait()


def told_to_end(lab, kind):
    process = lab.replica[REPLICAS[0]]
    counts = lab.during(lambda: process.send_signal(signal.SIGTERM))
    code = process.wait(30)
    lab.replica[REPLICAS[0]] = lab.start(REPLICAS[0])
    print(f"lab/{kind}: SIGTERM: {counts}, exit status {code}")
    return set(counts) == {"200"} and code == 0


def killed(lab, kind):
    counts = lab.during(lab.replica[REPLICAS[1]].kill)
    lost = sum(count for what, count in counts.items() if what != "200")
    print(f"lab/{kind}: SIGKILL: {counts}, of {CALLERS} under way on three replicas")
    return lost <= CALLERS and counts["200"] > 100 * lost


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
