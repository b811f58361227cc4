"""The scenarios: each runs by itself, for a bounded time, and returns what it measured as plain data."""
import contextlib
import functools
import http.client
import itertools
import json
import os
import statistics
import socket
import subprocess
import tempfile
import threading
import time

import servers
from server import PROGRAM
from generators import Paced, percentile, summary, wrk, wrk_each
from work import CLASSES, MIX, SEGMENTATION, Work, kinds, masks

CONNECTIONS = (1, 16, 64)
MANY = 900  # connections of an open loop: fewer than the server's limit, 1,024
QUEUE = 64  # jobs that may wait, of a server that is to overflow before all these connections wait
CROWD = 400  # callers at once
STEPS = (0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0)  # of what a closed loop reached
ROUNDS = 3
RULES = f"num_classes={CLASSES}&ignore_index={CLASSES}"
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
    """Latency against rate, to three times what can be served, with a queue that overflows: what is served must not fall."""
    work = kinds()[MASKS]
    with servers.scored("--limit-queue-jobs", str(QUEUE)) as server:
        wrk(server.port, work, 2, 1)
        most = wrk(server.port, work, 16, seconds)["per_second"]
        steps = []
        for step in STEPS:
            paced = Paced(server.port, work, most * step, seconds, MANY)
            steps.append(summary(paced.sent(), seconds, most * step))
            settle(server)
        return {"work": work.name, "queue_jobs": QUEUE, "connections": MANY, "closed_per_second": most, "steps": steps,
                "peak_mib": server.memory() / 2**20}


def settle(server):
    """Until nothing of the last step is left: small requests are answered at once."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        began = time.monotonic()
        server.post("/v1/losses/mse", {"pred": [1], "target": [1]})
        if time.monotonic() - began < 0.05:
            return
        time.sleep(0.2)


def asked(port, method, path, body=None, headers=None):
    """(status, seconds) of one request on a connection of its own; 0 is no answer."""
    began, status = time.monotonic(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        reply.read()
        status = reply.status
    connection.close()
    return status, time.monotonic() - began


class Meanwhile:
    """with Meanwhile(pause, act) as seen: ...; what act() gives every `pause` seconds until the end, with the time of each."""

    def __init__(self, pause, act):
        self.pause, self.act, self.seen, self.over = pause, act, [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        began = time.monotonic()
        while not self.over.wait(self.pause):
            self.seen.append((time.monotonic() - began, self.act()))

    def __enter__(self):
        self.thread.start()
        return self.seen

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def overload(seconds):
    """Hundreds of callers with the largest requests, and memory for few of them: it stays in its budget, refusals are at once,
    health is answered."""
    work, budget = kinds()["masks 2048x1024, NPY, 4 MB"], 256
    with servers.scored("--memory", f"{budget}M") as server:
        most = wrk(server.port, work, 8, seconds)["per_second"]
        before = server.memory("VmRSS")
        with Meanwhile(0.05, lambda: server.memory("VmRSS")) as memory, \
                Meanwhile(0.1, lambda: asked(server.port, "GET", "/healthz")) as health, \
                Meanwhile(0.1, lambda: asked(server.port, "POST", work.path, work.body, {"Content-Type": work.kind})) as one:
            all_of_them = wrk(server.port, work, CROWD, seconds)
        refusals = [took for _, (status, took) in one if status == 503]
        healthy = [took for _, (status, took) in health if status == 200]
        return {"work": work.name, "budget_mib": budget, "peak_mib": server.memory() / 2**20, "callers": CROWD,
                "closed_per_second": most, "per_second": all_of_them["per_second"],
                "refused_per_second": all_of_them["refused"] / all_of_them["seconds"], "errors": all_of_them["errors"],
                "refusal_p50_ms": ms(refusals, 50), "refusal_p99_ms": ms(refusals, 99), "health_p99_ms": ms(healthy, 99),
                "health_failed": len(health) - len(healthy),
                "memory": [[0, before / 2**20], *([at, bytes_ / 2**20] for at, bytes_ in memory)]}


def ms(seconds, percent):
    return 1e3 * percentile(seconds, percent) if seconds else None


class SlowClients:
    """with SlowClients(port, count): connections that send a byte of a request now and then."""

    def __init__(self, port, count):
        self.sockets = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(count)]
        for n, s in enumerate(self.sockets):
            s.sendall(b"POST /v1/losses/mse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n" + (b"\r\n" if n % 2 else b""))
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.trickle, daemon=True)
        self.thread.start()

    def trickle(self):
        while not self.over.wait(0.5):
            for s in self.sockets:
                try:
                    s.send(b"X-A: b\r\n" if s.fileno() % 2 else b" ")
                except OSError:
                    pass  # the server has had enough of it

    def __enter__(self):
        return self

    def __exit__(self, *_):
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
            with SlowClients(server.port, count):
                out[name] = summary(Paced(server.port, work, rate, seconds, 200).sent(), seconds, rate)
    return {"work": work.name, "slow_clients": 500, **out}


def scaling(seconds):
    """One, two and three replicas behind haproxy, each with a fifth of a CPU, so that the balancer and its callers have room."""
    work, share, out = kinds()["masks 480x360, PNG"], 0.2, []
    for count in (1, 2, 3):
        with servers.Balanced(count, share) as balanced:
            wrk(balanced.port, work, 4, 1)
            out.append({"replicas": count, "limited": balanced.limited, **wrk(balanced.port, work, 16, seconds)})
    return {"work": work.name, "share": share, "replicas": out}


def start(_):
    """From the start of the program until it is ready, self-test and all."""
    took = []
    for _ in range(20):
        began = time.monotonic()
        with servers.scored():
            took.append(time.monotonic() - began)
    return {"starts": len(took), "median_ms": 1e3 * statistics.median(took), "most_ms": 1e3 * max(took)}


def peer_work(width, height):
    """The same masks for scored and, as a bare body too, for peers."""
    name = f"masks {width}x{height}, NPY, {'1 MB' if width == 1024 else '4 MB'}"
    target, pred = masks(width, height)
    raw = Work("raw", f"/raw?height={height}&width={width}&{RULES}",
               pred.tobytes() + target.tobytes(), "application/octet-stream")
    return kinds()[name], raw


@functools.cache
def lists(width, height):
    target, pred = masks(width, height)
    body = json.dumps({"pred": pred.tolist(), "target": target.tolist()}).encode()
    return Work("lists", SEGMENTATION, body, "application/json")


LARGE, LARGEST = (1024, 512), (2048, 1024)


def rows(is_peer):
    """(what, work, path, connections) of a service."""
    small = next(iter(kinds().values()))
    out = [("small JSON", small, "/mse" if is_peer else None, 16),
           ("masks 1024x512, JSON lists", lists(*LARGE), f"/lists?{RULES}" if is_peer else None, 4)]
    for size, connections in ((LARGE, 4), (LARGEST, 1)):
        ours, raw = peer_work(*size)
        what = f"masks {size[0]}x{size[1]}"
        out.append((f"{what}, multipart", ours, f"/multipart?{RULES}" if is_peer else None, connections))
        if is_peer:
            out.append((f"{what}, raw body", raw, None, connections))
    return out


def services(stack):
    """name -> (its servers, what is asked): scored, and each peer in its variants; all stay up, idle but for the one measured,
    until the stack is unwound. Two workers are two servers: of uvicorn's own (--workers), which share a socket, the one that
    wakes up first takes all the connections that wait."""
    out = {"scored": ([stack.enter_context(servers.scored())], rows(False))}
    for app in ("numpy", "torch"):
        for fast, workers in ((False, 1), (True, 1), (True, 2)):
            name = f"FastAPI + {app}, {'uvloop' if fast else 'h11'}, {workers} worker{'s' * (workers > 1)}"
            out[name] = [stack.enter_context(servers.peer(f"{app}_app", fast)) for _ in range(workers)], rows(True)
    return out


def answer(server, work, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", path or work.path, work.body, {"Content-Type": work.kind})
    reply = json.loads(connection.getresponse().read())
    connection.close()
    matrix = reply.get("confusion_matrix")
    return reply["value"] if matrix is None else matrix["counts"] if isinstance(matrix, dict) else matrix


def agree(running):
    """All services give one answer: who measures something else is not a peer."""
    want = {}
    for who, (each, asks) in running.items():
        for server, (what, work, path, _) in itertools.product(each, asks):
            got = answer(server, work, path)
            assert want.setdefault(what.split(",")[0], got) == got, f"{who} gives something else for {what}"


def peers(seconds):
    """Segmentation reports and small requests, beside FastAPI with NumPy and with torch: in rounds, so that all meet the same
    machine, and the median of the rounds."""
    rounds = {}
    with contextlib.ExitStack() as stack:
        running = services(stack)
        agree(running)
        for _ in range(ROUNDS):
            for who, (each, asks) in running.items():
                ports = [server.port for server in each]
                for what, work, path, connections in asks:
                    wrk_each(ports, work, connections, 1, path)  # warm
                    rounds.setdefault((who, what), []).append(wrk_each(ports, work, connections, seconds, path))
    return [{"who": who, "what": what, **sorted(runs, key=lambda one: one["per_second"])[len(runs) // 2]}
            for (who, what), runs in rounds.items()]


ALL = {one.__name__: one for one in (start, closed, mixed, curve, overload, slow, scaling, peers)}
