#!/usr/bin/python3
"""run.py [SCENARIO ...] - the service under load: results in build/load/*.json, plots beside them. SECONDS (5) is how long each
measurement takes. With --write the plots go to docs/load and the tables to docs/performance.md.

As root it runs in a network namespace of its own, where clients use the congestion control CUBIC."""
import json
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(ROOT, "tests/http")]
RESULTS = os.path.join(ROOT, "build/load")
TOOLS = ("wrk", "h2load", "haproxy")


def isolated():
    """Starts this program again in a network namespace, where that is allowed; returns where it is not."""
    cubic = "ip route replace local $a dev lo table local proto kernel scope host src 127.0.0.1 congctl cubic"
    inside = f'ip link set lo up; for a in 127.0.0.0/8 127.0.0.1; do {cubic}; done; exec "$@"'
    if os.geteuid() != 0 or os.environ.get("ISOLATED") or subprocess.run(["unshare", "-n", "true"]).returncode != 0:
        return
    os.execvpe("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable, __file__, *sys.argv[1:]],
               os.environ | {"ISOLATED": "1"})


def first(path, word):
    with open(path, encoding="utf-8") as file:
        return next((line.split(":", 1)[-1].strip() for line in file if line.startswith(word)), "unknown")


def congestion():
    """What a client of loopback gets."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()


def conditions(seconds):
    """What a reader must know to believe the figures."""
    program = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
    return {"when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "cpu": first("/proc/cpuinfo", "model name"),
            "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(), "congestion_control": congestion(),
            "load_average_before": os.getloadavg()[0], "seconds": seconds,
            "program": subprocess.run([program, "--version"], text=True, capture_output=True, check=True).stdout.strip()}


def main(*words):
    import report
    import scenarios
    names = [word for word in words if word != "--write"] or list(scenarios.ALL)
    seconds = int(os.environ.get("SECONDS", "5"))
    os.makedirs(RESULTS, exist_ok=True)
    for name in names:
        began = time.monotonic()
        result = {"conditions": conditions(seconds), "result": scenarios.ALL[name](seconds)}
        with open(os.path.join(RESULTS, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
        print(f"load: {name}, {time.monotonic() - began:.0f} s", flush=True)
        print(report.text(name, result), flush=True)
    report.write(RESULTS, docs="--write" in words)


if __name__ == "__main__":
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"load: {', '.join(missing)} missing: tools/install load")
    isolated()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    sys.exit(main(*sys.argv[1:]))
