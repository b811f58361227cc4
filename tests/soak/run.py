#!/usr/bin/python3
"""run.py - hours of ordinary work: SOAK_SECONDS (1800) of mixed formats and sizes, good and bad, with clients that leave in
between. The program (SCORED) has half of the CPUs, its clients the others, and it is kept busy for 70 % of them, by the CPU
time that a request took. Every answer must be the right one, and neither memory nor descriptors may grow. Prints a line a
minute."""
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
SHARE = 0.7  # of the time of the program's CPUs
MISSED = 0.1  # less than that would be another test
CPUS = sorted(os.sched_getaffinity(0))
OURS = set(CPUS[:max(1, len(CPUS) // 2)])
THEIRS = set(CPUS) - OURS or OURS
TICK = os.sysconf("SC_CLK_TCK")
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

    def cpu(self):
        """Seconds of CPU time that the program has had."""
        with open(f"/proc/{self.server.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def pace(self, seconds):
        """Asks as much as the clients can, for so long, and then at the rate that takes SHARE of the CPUs."""
        before = self.cpu()
        time.sleep(seconds)
        cost = (self.cpu() - before) / (self.good + self.bad.total())
        rate = SHARE * len(OURS) / cost
        self.pause = 1 / rate
        print(f"soak: {cost * 1e3:.2f} ms of CPU a request, {self.good / seconds:.0f} requests/s at most; {len(OURS)} of "
              f"{len(CPUS)} CPUs, {rate:.0f} requests/s from here on", flush=True)

    def look(self):
        return self.server.memory("VmRSS"), len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def run(self):
        clients = [Client(self, seed) for seed in range(CLIENTS)]
        for client in clients:
            client.start()
        self.pace(min(20, SECONDS / 6))
        looks, began, first = [], time.monotonic(), self.cpu()
        said, used = began, first
        while time.monotonic() - began < SECONDS:
            time.sleep(min(5, SECONDS / 30))
            looks.append(self.look())
            now = time.monotonic()
            if now - said > 60:
                share = (self.cpu() - used) / (now - said) / len(OURS)
                said, used = now, self.cpu()
                print(f"soak: {said - began:5.0f} s, {self.good} answers, {looks[-1][0] >> 20} MiB, "
                      f"{looks[-1][1]} files, {share:.0%} of its CPUs", flush=True)
        self.busy = (self.cpu() - first) / (time.monotonic() - began) / len(OURS)
        self.ended.set()
        for client in clients:
            client.join(60)
        return looks


def main():
    os.sched_setaffinity(0, THEIRS)
    with Server("--memory", "512M", "--log-level", "error", prepare=lambda: os.sched_setaffinity(0, OURS)) as server:
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
        f"it was busy: {soak.busy:.0%} of its CPUs, {SHARE:.0%} wanted": soak.busy > SHARE - MISSED,
        f"memory does not grow: {early / 2**20:.0f} MiB early, {late / 2**20:.0f} MiB late": late - early < GROWTH,
        f"no file stays open: {files} before, {left} after": left <= files,
    }
    for what, good in results.items():
        print(f"soak: {'ok' if good else 'FAILED'}: {what}")
    print(f"soak: {sum(results.values())} passed, {len(results) - sum(results.values())} failed")
    return not all(results.values())


if __name__ == "__main__":
    sys.exit(main())
