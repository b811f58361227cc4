#!/usr/bin/python3
"""fairness.py [SECONDS] - two teams on one server: how long small requests take beside a team that sends
64 MB without pause, where that time goes, and how CPU time is shared by teams of different weights, with jobs for many
threads and for one.

Clients are processes of their own, so that they do not wait for one another. Where they share the CPUs with the
server, all times are longer than they would be; the heavy ones are then at a lower priority (HEAVY_NICE), as
clients on other machines would take nothing. Variables:

  SCORED=PATH                             the program
  CPUS_SERVER=0-7 CPUS_CLIENTS=8-15       CPUs of their own, as taskset writes them
  JSON=FILE                               the figures, for a program to read

It ends by itself: after about SECONDS x 4, 120 seconds at most."""
import http.client
import json
import multiprocessing
import os
import re
import signal
import sys
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "http"))
from bodies import multipart, npy  # noqa: E402
from server import Server  # noqa: E402
from teams import KeyFile, by, team  # noqa: E402

SEGMENTATION = "/v1/metrics/segmentation?num_classes=19"
LOSSES = "/v1/score?ops=losses/focal,losses/cross_entropy,losses/dice_focal&input_kind=logits"
SORT = "/v1/losses/lovasz_hinge?per_sample=false"
CONNECTIONS = 3  # of each heavy team: while one request is computed others wait, so that there is something to share
ROUNDS = 3
SETTLING = 1  # seconds until all clients send
LONGEST = 120  # seconds of all
STAGES = ("receive", "queue", "decode", "compute", "encode")


def cpus(name):
    """The CPUs of a variable, as "0-3,8"; None: any."""
    ranges = [part.split("-") for part in os.environ.get(name, "").split(",") if part]
    return {cpu for first, *last in ranges for cpu in range(int(first), int((last or [first])[0]) + 1)} or None


SERVER, CLIENTS = cpus("CPUS_SERVER"), cpus("CPUS_CLIENTS")
HEAVY_NICE = 0 if SERVER and CLIENTS else 5


def stay_on(which):
    if which:
        os.sched_setaffinity(0, which)


def masks(size):
    """A request of so many bytes."""
    random = np.random.RandomState(1)
    target = random.randint(0, 19, (8, size // 16)).astype("u1")
    return (SEGMENTATION, *multipart(("pred", npy(target[::-1])), ("target", npy(target))))


def sort():
    """One thread alone can compute it."""
    random = np.random.RandomState(1)
    return (SORT, *multipart(("pred", npy(random.standard_normal(400000).astype("f4"))),
                             ("target", npy(random.randint(0, 2, 400000).astype("u1")))))


def small_json():
    body = json.dumps({"pred": [0, 1, 2], "target": [0, 1, 1]}).encode()
    return SEGMENTATION, body, {"Content-Type": "application/json"}


def losses():
    """Much to compute for its 4 MB, so that the executor is what is scarce."""
    random = np.random.RandomState(1)
    return (LOSSES, *multipart(("pred", npy(random.rand(1, 16, 256, 256).astype("f4"))),
                               ("target", npy(random.randint(0, 16, (1, 256, 256)).astype("u1")))))


SMALL = {"0.1 kB of JSON": small_json(), "256 kB of masks": masks(256 << 10)}
HEAVY = masks(64 << 20)
LOSS, SERIAL = losses(), sort()


# ---- clients ----

def ask(connection, path, body, headers):
    """Milliseconds as the client waits, then those of the server's stages; None for one that was refused."""
    began = time.perf_counter()
    try:
        connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException):  # refused while it was sending
        return None
    took = (time.perf_counter() - began) * 1e3
    stages = re.findall(r"dur=([\d.]+)", reply.headers.get("Server-Timing", ""))
    return [took, *map(float, stages)] if reply.status == 200 else None


def client(port, key, request, until, pause, nice, out):
    """Sends without end; puts what became of each request into a queue."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    stay_on(CLIENTS)
    os.nice(nice)
    path, body, headers = request
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    while time.monotonic() < until:
        took.append(ask(connection, path, body, {**headers, **by(key)}))
        if took[-1] is None:
            connection.close()
            time.sleep(0.05)
        time.sleep(pause)
    out.put(took)


def run(port, clients, seconds, meanwhile=lambda until: None):
    """Clients (key, request, pause, nice); what became of their requests, and what `meanwhile` gives."""
    until = time.monotonic() + seconds
    running = [(multiprocessing.Process(target=client, args=(port, *one[:2], until, *one[2:], out), daemon=True), out)
               for one in clients for out in [multiprocessing.Queue()]]
    for process, _ in running:
        process.start()
    seen = meanwhile(until)
    asked = [out.get() for _, out in running]
    for process, _ in running:
        process.join()
    return asked, seen


def start(keys, memory):
    return Server("--keys", keys.path, "--memory", memory, "--log-level", "warning", prepare=lambda: stay_on(SERVER))


# ---- how long small requests take ----

def p(times, percent):
    times = sorted(times)
    return times[min(len(times) - 1, len(times) * percent // 100)]


def late(asked):
    """Where the time of the slowest hundredth goes: means of the server's stages, and what is outside of them:
    until the head is read, and until the client has taken the reply."""
    bound = p([one[0] for one in asked], 99)
    means = np.mean([one for one in asked if one[0] >= bound], axis=0)
    return {"outside": means[0] - sum(means[1:]), **dict(zip(STAGES, means[1:]))}


def latency(name, request, seconds):
    """Small requests alone, and beside a heavy team, in turns."""
    alone, beside, sent = [], [], []
    with KeyFile(team("light", "light"), team("heavy", "heavy")) as keys, start(keys, "1G") as server:
        mine, others = ("light", request, 0.002, 0), [("heavy", HEAVY, 0, HEAVY_NICE)] * CONNECTIONS
        for _ in range(ROUNDS):
            alone += run(server.port, [mine], seconds / ROUNDS)[0][0]
            asked, _ = run(server.port, [mine, *others], seconds / ROUNDS)
            beside += asked[0]
            sent += [one for heavy in asked[1:] for one in heavy if one is not None]
    refused = (alone + beside).count(None)
    alone, beside = ([one for one in asked if one is not None] for asked in (alone, beside))
    (a50, a99), (b50, b99) = ([p([one[0] for one in asked], q) for q in (50, 99)] for asked in (alone, beside))
    where = late(beside)
    print(f"{name:>16} {len(alone):7} {a50:8.2f} {a99:8.2f} {len(beside):7} {b50:8.2f} {b99:8.2f} {b99 / a99:6.1f} "
          f"{len(sent) / seconds:8.1f}  {', '.join(f'{k} {v:.2f}' for k, v in where.items() if v >= 0.05)}", flush=True)
    figures = {"request": name, "alone_ms": {"p50": a50, "p99": a99}, "beside_ms": {"p50": b50, "p99": b99},
               "ratio_p99": b99 / a99, "heavy_per_second": len(sent) / seconds, "slowest_ms": where, "refused": refused}
    return len(sent) > 0 and refused == 0, figures


# ---- shares ----

def worked(server):
    """Seconds of processors that all threads of the program have worked, as the kernel counts."""
    tasks = f"/proc/{server.pid}/task"
    total = 0
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def shares(weights, jobs, seconds):
    """Seconds of processors that each of the teams got while all sent, against its weight; last, what the kernel counts
    for the program, which is that of I/O threads too."""
    names = [f"team{i}" for i in range(len(weights))]
    with KeyFile(*[team(n, n, weight=w) for n, w in zip(names, weights)]) as keys, start(keys, "2G") as server:
        def used():
            return np.array([server.get("/v1/teams/me", **by(n)).json()["usage"]["compute_seconds"] for n in names]
                            + [worked(server)])

        def difference(until):
            time.sleep(SETTLING)
            before = used()
            time.sleep(max(0, until - time.monotonic()))
            return used() - before

        clients = [(n, job, 0, HEAVY_NICE) for n, job in zip(names, jobs) for _ in range(CONNECTIONS)]
        _, got = run(server.port, clients, seconds + SETTLING, difference)
    *got, all_threads = got
    for n, w, g in zip(names, weights, got):
        want = w / sum(weights)
        print(f"{n:>16} {w:7} {g:9.2f} {g / sum(got):8.3f} {want:8.3f} {g / sum(got) / want - 1:+8.1%}", flush=True)
    print(f"{'all threads':>16} {'':7} {all_threads:9.2f} {sum(got) / all_threads:8.3f} charged", flush=True)
    return all(g > 0 for g in got) and sum(got) < 1.02 * all_threads, {
        "weights": list(weights), "serial": [job is SERIAL for job in jobs], "shares": [g / sum(got) for g in got],
        "charged": sum(got) / all_threads}


def write(figures):
    if "JSON" in os.environ:
        with open(os.environ["JSON"], "w", encoding="utf-8") as f:
            json.dump(figures, f, indent=1)


def main(seconds="9"):
    seconds = min(float(seconds), LONGEST / 8)
    signal.alarm(LONGEST)
    where = "on the same CPUs" if HEAVY_NICE else f"on CPUs {sorted(SERVER)}, clients on {sorted(CLIENTS)}"
    print(f"{os.cpu_count()} CPUs, the server {where}; {CONNECTIONS} connections of each heavy team; {seconds:g} s each")
    print(f"{'small request':>16} {'alone':>7} {'p50 ms':>8} {'p99 ms':>8} {'beside':>7} {'p50 ms':>8} {'p99 ms':>8} "
          f"{'ratio':>6} {'heavy/s':>8}  ms of the slowest hundredth")
    done = [latency(name, request, seconds) for name, request in SMALL.items()]
    print(f"{'team':>16} {'weight':>7} {'seconds':>9} {'share':>8} {'weight':>8} {'off':>8}")
    done += [shares((1, 1), (LOSS, LOSS), seconds), shares((3, 1), (LOSS, LOSS), seconds),
             shares((1, 1), (LOSS, SERIAL), seconds)]
    write({"cpus": os.cpu_count(), "cpus_server": sorted(SERVER or []), "cpus_clients": sorted(CLIENTS or []),
           "seconds": seconds, "load": os.getloadavg(), "latency": [f for _, f in done[:2]], "shares": [f for _, f in done[2:]]})
    passed = [ok for ok, _ in done]
    print(f"fairness: {sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return not all(passed)


if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ending, lambda *_: sys.exit("fairness: ended before its time"))  # so that servers are stopped
    sys.exit(main(*sys.argv[1:]))
