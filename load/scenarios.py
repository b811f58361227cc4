"""The scenarios: each runs by itself, for a bounded time, and returns what it measured as plain data."""
import http.client
import os
import socket
import subprocess
import tempfile
import threading
import time

import servers
from server import PROGRAM
from generators import Paced, percentile, summary, wrk
from work import CLASSES, MIX, Work, kinds, masks

CONNECTIONS = (1, 16, 64)
MANY = 900  # connections of an open loop: fewer than the server's limit, 1,024
STEPS = (0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0)  # of what a closed loop reached
ROUNDS = 3
MULTIPART = f"/multipart?num_classes={CLASSES}&ignore_index={CLASSES}"
MASKS = "masks 1024x512, NPY, 1 MB"


def closed(seconds):
    """What each kind of request can reach, by connections."""
    out = {}
    for name, work in kinds().items():
        with servers.scored() as server:
            wrk(server.port, work, 2, 1)  # warm
            out[name] = [wrk(server.port, work, c, seconds) for c in CONNECTIONS]
            out[name][-1]["peak_mib"] = server.memory() / 2**20
    return out


def keys(folder):
    """A key for a team of each kind of work, and their file."""
    out, teams = {}, []
    for n, name in enumerate(kinds()):
        key, row = subprocess.run([PROGRAM, "new-key", f"team-{n}"], text=True, capture_output=True, check=True).stdout.splitlines()
        out[name] = key
        teams.append(row)
    path = os.path.join(folder, "keys.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'{{"teams": [{", ".join(teams)}]}}')
    return out, path


def mixed(seconds):
    """All kinds at once, each of a team of its own, by the clock, at half of what the machine can: how long do small ones wait for
    large ones?"""
    with servers.scored() as server:
        cost = {name: 1 / wrk(server.port, work, 16, 1)["per_second"] for name, work in kinds().items()}
    rate = 0.5 * 100 / sum(cost[name] * share for name, share in MIX.items())  # a second, of all together
    rates = {name: max(2, rate * share / 100) for name, share in MIX.items()}
    with tempfile.TemporaryDirectory() as folder:
        key, path = keys(folder)
        with servers.scored("--keys", path) as server:
            paced = {name: Paced(server.port, work, rates[name], seconds, MANY // len(MIX), f"x-api-key: {key[name]}")
                     for name, work in kinds().items()}
            return [{"name": name, "share": MIX[name], **summary(one.sent(), seconds, rates[name])}
                    for name, one in paced.items()]


def curve(seconds):
    """Latency against rate, to three times what can be served: what is served must not fall."""
    work = kinds()[MASKS]
    with servers.scored() as server:
        wrk(server.port, work, 2, 1)
        most = wrk(server.port, work, 16, seconds)["per_second"]
        steps = []
        for step in STEPS:
            paced = Paced(server.port, work, most * step, seconds, MANY)
            steps.append(summary(paced.sent(), seconds, most * step))
            settle(server)
        return {"work": work.name, "closed_per_second": most, "steps": steps, "peak_mib": server.memory() / 2**20}


def settle(server):
    """Until nothing of the last step is left: small requests are answered at once."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        began = time.monotonic()
        server.post("/v1/losses/mse", {"pred": [1], "target": [1]})
        if time.monotonic() - began < 0.05:
            return
        time.sleep(0.2)


def probe(port, seconds, path, took):
    """GETs of `path`, ten a second, on connections of their own; failures count as infinite."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            good = connection.getresponse().status == 200
            connection.close()
        except OSError:
            good = False
        took.append(time.monotonic() - began if good else float("inf"))
        time.sleep(0.1)


def overload(seconds):
    """Five times what can be served, of the largest requests: memory stays in its budget, health is answered."""
    work, budget = kinds()["masks 2048x1024, NPY, 4 MB"], 256
    with servers.scored("--memory", f"{budget}M") as server:
        most = wrk(server.port, work, 8, seconds)["per_second"]
        took = []
        prober = threading.Thread(target=probe, args=(server.port, seconds, "/healthz", took))
        paced = Paced(server.port, work, most * 5, seconds, 400)
        prober.start()
        measured = summary(paced.sent(ramp=True), seconds + paced.ramp, most * 5)
        prober.join()
        return {"work": work.name, "budget_mib": budget, "peak_mib": server.memory() / 2**20,
                "closed_per_second": most, "health_p50_ms": percentile(took, 50) * 1e3,
                "health_p99_ms": percentile(took, 99) * 1e3, "health_failed": sum(t == float("inf") for t in took), **measured}


class SlowClients:
    """Connections that send a byte of a request now and then."""

    def __init__(self, port, count):
        self.sockets = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(count)]
        for n, s in enumerate(self.sockets):
            s.sendall(b"POST /v1/losses/mse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n" + (b"\r\n" if n % 2 else b""))
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.trickle)
        self.thread.start()

    def trickle(self):
        while not self.over.wait(0.5):
            for s in self.sockets:
                try:
                    s.send(b"X-A: b\r\n" if s.fileno() % 2 else b" ")
                except OSError:
                    pass  # the server has had enough of it

    def close(self):
        self.over.set()
        self.thread.join()
        for s in self.sockets:
            s.close()


def slow(seconds):
    """A steady load beside 500 clients that hardly send: what do the others notice?"""
    work, rate, out = kinds()["cross entropy, JSON, 20 kB"], None, {}
    with servers.scored() as server:
        rate = 0.3 * wrk(server.port, work, 16, 1)["per_second"]
        for name, count in (("without", 0), ("with", 500)):
            clients = SlowClients(server.port, count)
            out[name] = summary(Paced(server.port, work, rate, seconds, 200).sent(), seconds, rate)
            clients.close()
    return {"work": work.name, "slow_clients": 500, **out}


def scaling(seconds):
    """One, two and three replicas behind haproxy, each with a fifth of a CPU, so that the balancer and its callers have room."""
    work, share, out = kinds()["masks 480x360, PNG"], 0.2, []
    for count in (1, 2, 3):
        with servers.Balanced(count, share) as balanced:
            wrk(balanced.port, work, 4, 1)
            out.append({"replicas": count, "limited": balanced.limited, **wrk(balanced.port, work, 16, seconds)})
    return {"work": work.name, "share": share, "replicas": out}


def peer_work(width, height):
    """The same masks, as peers take them."""
    name = f"masks {width}x{height}, NPY, {'1 MB' if width == 1024 else '4 MB'}"
    target, pred = masks(width, height)
    raw = Work("raw", f"/raw?height={height}&width={width}&num_classes={CLASSES}&ignore_index={CLASSES}",
               pred.tobytes() + target.tobytes(), "application/octet-stream")
    return kinds()[name], raw


def asked(masked, path):
    """(what, work, path, connections) of a service."""
    rows = [("masks in multipart", masked, path, c) for c in (1, 4)]
    small = next(iter(kinds().values()))
    return [*rows, ("small JSON", small, "/mse" if path else None, 16)]


def services():
    """name -> (server, what is asked): scored, and each peer in its variants; all stay up, idle but for the one measured."""
    ours, raw = peer_work(1024, 512)
    out = {"scored": (servers.scored(), asked(ours, None))}
    for app in ("numpy", "torch"):
        for fast, workers in ((False, 1), (True, 1), (True, 2)):
            name = f"FastAPI + {app}, {'uvloop' if fast else 'h11'}, {workers} worker{'s' * (workers > 1)}"
            more = [("masks, raw body", raw, None, c) for c in (1, 4)]
            out[name] = servers.peer(f"{app}_app", workers, fast), asked(ours, MULTIPART) + more
    return out


def peers(seconds):
    """Segmentation reports and small requests, beside FastAPI with NumPy and with torch: in rounds, so that all meet the same
    machine, and the median of the rounds."""
    running, rounds = services(), {}
    for _ in range(ROUNDS):
        for who, (server, rows) in running.items():
            for what, work, path, connections in rows:
                wrk(server.port, work, connections, 1, path)  # warm
                rounds.setdefault((who, what, connections), []).append(wrk(server.port, work, connections, seconds, path))
    for server, _ in running.values():
        server.__exit__(None, None, None)
    return [{"who": who, "what": what, **sorted(runs, key=lambda one: one["per_second"])[len(runs) // 2]}
            for (who, what, _), runs in rounds.items()]


ALL = {one.__name__: one for one in (closed, mixed, curve, overload, slow, scaling, peers)}
