#!/usr/bin/python3
"""pairs.py [SECONDS] - segmentation reports a second over HTTP on kept connections, and the server's
peak memory. The client is Python on the same machine: what it costs is part of the numbers."""
import http.client
import importlib.machinery
import importlib.util
import os
import signal
import sys
import threading
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "http"))
from bodies import multipart, npy, png  # noqa: E402
from server import Server  # noqa: E402

PATH = "/v1/metrics/segmentation?num_classes=11&ignore_index=11"
SIZES = ((480, 360), (2048, 1024))
CONNECTIONS = 2


def make_masks():
    path = os.path.join(HERE, "..", "..", "examples", "make_masks")
    loader = importlib.machinery.SourceFileLoader("make_masks", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_masks", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def client(port, body, headers, until, times):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        connection.request("POST", PATH, body, headers)
        reply = connection.getresponse()
        reply.read()
        assert reply.status == 200, reply.status
        times.append(time.perf_counter() - began)
    connection.close()


def measure(server, body, headers, seconds):
    """Seconds of each request, sorted."""
    times = []
    until = time.perf_counter() + seconds
    clients = [threading.Thread(target=client, args=(server.port, body, headers, until, times))
               for _ in range(CONNECTIONS)]
    for c in clients:
        c.start()
    for c in clients:
        c.join()
    return sorted(times)


def main(seconds="1.5"):
    seconds = float(seconds)
    masks = make_masks()
    print(f"{CONNECTIONS} connections, {os.cpu_count()} CPUs, {seconds:g} s each")
    print(f"{'pair':>12} {'form':>5} {'kB':>8} {'pairs/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'peak MiB':>9}")
    done = failed = 0
    for width, height in SIZES:
        target, pred = (np.array([list(r) for r in rows], "u1") for rows in masks.pair(1, width, height))
        for form, encode in (("png", png), ("npy", npy)):
            body, headers = multipart(("pred", encode(pred)), ("target", encode(target)))
            with Server() as server:
                times = measure(server, body, headers, seconds)
                peak = server.memory() / 2**20
            if not times:
                failed += 1
                continue
            done += 1
            print(f"{width:>7}x{height:<4} {form:>5} {len(body) / 1e3:8.0f} {len(times) / seconds:9.0f} "
                  f"{times[len(times) // 2] * 1e3:8.2f} {times[len(times) * 99 // 100] * 1e3:8.2f} {peak:9.1f}")
    print(f"bench: {done} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    sys.exit(main(*sys.argv[1:]))
