#!/usr/bin/python3
"""fairness.py [SECONDS] - two teams on one server: how long small requests take beside a team that sends
64 MB without pause, and how the time of the executor is shared by teams of different weights.

Clients are processes of their own, so that they do not wait for one another. On a machine where clients and server
share the CPUs, all times are longer than they would be: the ratios count."""
import http.client
import json
import multiprocessing
import os
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
LOSSES = "/v1/score?ops=losses/focal,losses/cross_entropy,losses/lovasz_softmax&input_kind=logits"
CONNECTIONS = 3  # of each heavy team: while one request is computed others wait, so that there is something to share
ROUNDS = 3
SETTLING = 1  # seconds until all clients send


def masks(size):
    """A request of so many bytes."""
    random = np.random.RandomState(1)
    target = random.randint(0, 19, (8, size // 16)).astype("u1")
    return (SEGMENTATION, *multipart(("pred", npy(target[::-1])), ("target", npy(target))))


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
LOSS = losses()


def client(port, key, request, until, pause, out):
    """Sends without end; puts the seconds of each request into a queue, None for one that was refused."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    path, body, headers = request
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            connection.request("POST", path, body, {**headers, **by(key)})
            reply = connection.getresponse()
            reply.read()
            took.append(time.perf_counter() - began if reply.status == 200 else None)
        except (OSError, http.client.HTTPException):  # refused while it was sending
            took.append(None)
        if took[-1] is None:
            connection.close()
            time.sleep(0.05)
        time.sleep(pause)
    out.put(took)


def run(port, clients, seconds, meanwhile=lambda until: None):
    """Clients (key, request, pause); their times, and what `meanwhile` gives."""
    until = time.monotonic() + seconds
    running = [(multiprocessing.Process(target=client, args=(port, key, request, until, pause, out)), out)
               for key, request, pause in clients for out in [multiprocessing.Queue()]]
    for process, _ in running:
        process.start()
    seen = meanwhile(until)
    times = [out.get() for _, out in running]
    for process, _ in running:
        process.join()
    return times, seen


def p(times, percent):
    times = sorted(times)
    return times[min(len(times) - 1, len(times) * percent // 100)] * 1e3


def latency(name, request, seconds):
    """Small requests alone, and beside a heavy team, in turns; p99 of both."""
    alone, beside, sent = [], [], []
    with KeyFile(team("light", "light"), team("heavy", "heavy")) as keys, \
            Server("--keys", keys.path, "--memory", "1G", "--log-level", "warning") as server:
        mine, others = ("light", request, 0.002), [("heavy", HEAVY, 0)] * CONNECTIONS
        for _ in range(ROUNDS):
            alone += run(server.port, [mine], seconds / ROUNDS)[0][0]
            times, _ = run(server.port, [mine, *others], seconds / ROUNDS)
            beside += times[0]
            sent += [t for heavy in times[1:] for t in heavy if t is not None]
    refused = (alone + beside).count(None)
    alone, beside = ([t for t in times if t is not None] for times in (alone, beside))
    print(f"{name:>16} {len(alone):7} {p(alone, 50):8.2f} {p(alone, 99):8.2f} {len(beside):7} {p(beside, 50):8.2f} "
          f"{p(beside, 99):8.2f} {p(beside, 99) / p(alone, 99):6.1f} {len(sent) / seconds:8.1f}", flush=True)
    return len(sent) > 0 and refused == 0


def shares(weights, seconds):
    """Seconds of the executor that each of the teams got while all sent, against its weight."""
    names = [f"team{i}" for i in range(len(weights))]
    with KeyFile(*[team(n, n, weight=w) for n, w in zip(names, weights)]) as keys, \
            Server("--keys", keys.path, "--memory", "2G", "--log-level", "warning") as server:
        def used():
            return np.array([server.get("/v1/teams/me", **by(n)).json()["usage"]["compute_seconds"] for n in names])

        def difference(until):
            time.sleep(SETTLING)
            before = used()
            time.sleep(max(0, until - time.monotonic()))
            return used() - before

        clients = [(n, LOSS, 0) for n in names for _ in range(CONNECTIONS)]
        _, got = run(server.port, clients, seconds + SETTLING, difference)
    for n, w, g in zip(names, weights, got):
        want = w / sum(weights)
        print(f"{n:>16} {w:7} {g:9.2f} {g / sum(got):8.3f} {want:8.3f} {g / sum(got) / want - 1:+8.1%}", flush=True)
    return all(g > 0 for g in got)


def main(seconds="9"):
    seconds = float(seconds)
    print(f"{os.cpu_count()} CPUs; {CONNECTIONS} connections of each heavy team; {seconds:g} s each")
    print(f"{'small request':>16} {'alone':>7} {'p50 ms':>8} {'p99 ms':>8} {'beside':>7} {'p50 ms':>8} {'p99 ms':>8} "
          f"{'ratio':>6} {'heavy/s':>8}")
    done = [latency(name, request, seconds) for name, request in SMALL.items()]
    print(f"{'team':>16} {'weight':>7} {'seconds':>9} {'share':>8} {'weight':>8} {'off':>8}")
    done += [shares(weights, seconds) for weights in ((1, 1), (3, 1))]
    print(f"fairness: {sum(done)} passed, {len(done) - sum(done)} failed")
    return not all(done)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    sys.exit(main(*sys.argv[1:]))
