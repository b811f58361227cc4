#!/usr/bin/python3
"""run.py - hours of ordinary work: SOAK_SECONDS (1800) of mixed formats and sizes, good and bad, at 70 % of what the
program (SCORED) can do here, with clients that leave in between. Every answer must be the right one, and neither memory
nor descriptors may grow. Prints a line a minute."""
import collections
import http.client
import json
import os
import random
import statistics
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
import numpy as np  # noqa: E402

from archives import npz  # noqa: E402
from bodies import multipart, npy, png  # noqa: E402
from server import Server  # noqa: E402

SECONDS = int(os.environ.get("SOAK_SECONDS", "1800"))
CLIENTS = 8
SHARE = 0.7
GROWTH = 16 << 20  # bytes that memory may be above what it was after the first tenth
SEGMENTATION = "/v1/metrics/segmentation?num_classes=5"


def requests():
    """(path, body, headers, status) of each kind."""
    draw = np.random.RandomState(9)
    out = []
    for side in (16, 300, 1024):
        target = draw.randint(0, 5, (side, side)).astype("u1")
        pred = np.roll(target, 1)
        out.append((SEGMENTATION, *multipart(("pred", npy(pred)), ("target", npy(target))), 200))
        out.append((SEGMENTATION, *multipart(("pred", png(pred)), ("target", png(target))), 200))
        out.append(("/v1/losses/mse", npz(pred=pred, target=target), {}, 200))
        x = draw.rand(side, side).astype("f4")
        out.append(("/v1/activations/gelu?grad=true", npy(x), {"Accept": "application/json"}, 200))
        out.append(("/v1/activations/softmax", npy(x), {"Accept": "application/x-npy"}, 200))
    values = draw.rand(3000).round(4).tolist()
    out.append(("/v1/losses/huber", json.dumps({"pred": values, "target": values[::-1]}).encode(), {}, 200))
    out.append(("/v1/score?ops=losses/mse,losses/mae",
                json.dumps({"pred": values, "target": values[::-1]}).encode(), {"Accept": "text/plain"}, 200))
    out.append((SEGMENTATION, json.dumps({"pred": [0, 1], "target": [0, 9]}).encode(), {}, 422))
    out.append(("/v1/losses/mse", b"{\"pred\": [1,", {}, 400))
    out.append(("/v1/losses/mze", b"{}", {}, 404))
    out.append(("/v1/activations/relu", npy(np.zeros(10))[:-3], {}, 400))
    return out


class Client(threading.Thread):
    def __init__(self, soak, seed):
        super().__init__(daemon=True)
        self.soak, self.random = soak, random.Random(seed)
        self.connection = None

    def ask(self, path, body, headers, status):
        if self.connection is None or self.random.random() < 0.1:
            self.leave()
            self.connection = self.soak.server.connect()
        self.connection.request("POST", path, body, headers)
        if self.random.random() < 0.01:  # it has better things to do
            self.leave()
            return
        reply = self.connection.getresponse()
        reply.read()
        self.soak.count(reply.status == status, f"{path}: {reply.status}, not {status}")

    def leave(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def run(self):
        while not self.soak.ended.is_set():
            self.soak.wait_for_turn()
            try:
                self.ask(*self.random.choice(self.soak.requests))
            except (OSError, http.client.HTTPException) as problem:
                self.soak.count(False, repr(problem))
                self.leave()
        self.leave()


class Soak:
    def __init__(self, server):
        self.server, self.requests = server, requests()
        self.ended, self.lock = threading.Event(), threading.Lock()
        self.pause, self.next = 0.0, time.monotonic()
        self.good, self.bad = 0, collections.Counter()

    def wait_for_turn(self):
        """So that all clients together keep to the rate."""
        with self.lock:
            now = time.monotonic()
            self.next = max(self.next + self.pause, now - 1)
            turn = self.next
        time.sleep(max(0, turn - now))

    def count(self, good, what):
        with self.lock:
            self.good += good
            if not good:
                self.bad[what] += 1

    def look(self):
        return self.server.memory("VmRSS"), len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def run(self):
        clients = [Client(self, seed) for seed in range(CLIENTS)]
        for client in clients:
            client.start()
        warm = min(20, SECONDS / 6)
        time.sleep(warm)
        most = self.good / warm
        self.pause = 1 / (SHARE * most)
        print(f"soak: {most:.0f} requests/s at most, {SHARE * most:.0f} from here on", flush=True)
        looks, began, said = [], time.monotonic(), 0
        while time.monotonic() - began < SECONDS:
            time.sleep(min(5, SECONDS / 30))
            looks.append(self.look())
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print(f"soak: {said - began:5.0f} s, {self.good} answers, {looks[-1][0] >> 20} MiB, "
                      f"{looks[-1][1]} files", flush=True)
        self.ended.set()
        for client in clients:
            client.join(60)
        return looks


def main():
    with Server("--memory", "512M", "--log-level", "error") as server:
        time.sleep(0.5)
        files = len(os.listdir(f"/proc/{server.pid}/fd"))
        soak = Soak(server)
        looks = soak.run()
        time.sleep(3)
        left = len(os.listdir(f"/proc/{server.pid}/fd"))
    tenth = max(1, len(looks) // 10)
    early = statistics.median(memory for memory, _ in looks[tenth:2 * tenth])
    late = statistics.median(memory for memory, _ in looks[-tenth:])
    results = {
        f"every answer is the right one: {soak.good}, but {dict(soak.bad.most_common(5))}": not soak.bad,
        f"memory does not grow: {early / 2**20:.0f} MiB early, {late / 2**20:.0f} MiB late": late - early < GROWTH,
        f"no file stays open: {files} before, {left} after": left <= files,
    }
    for what, good in results.items():
        print(f"soak: {'ok' if good else 'FAILED'}: {what}")
    print(f"soak: {sum(results.values())} passed, {len(results) - sum(results.values())} failed")
    return not all(results.values())


if __name__ == "__main__":
    sys.exit(main())
